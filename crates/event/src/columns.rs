//! The normalised view of an event, aligned with OCSF 1.8. Derived, never sealed.

use compact_str::CompactString;

use crate::Timestamp;

/// A text of a column. Most are short and stand in the record itself: a million events would else be ten million allocations,
/// made on one thread and given back on another.
pub type ColumnText = CompactString;

/// Where a record's time comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeOrigin {
    /// The event says so itself.
    #[default]
    Event,
    /// The event has no time; the time of receipt stands in.
    Received,
    /// The event states a time that cannot be (before 2006, or over a day after its receipt); the time of receipt stands in.
    Implausible,
}

impl TimeOrigin {
    /// The name in the column `time_origin`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Received => "received",
            Self::Implausible => "implausible",
        }
    }

    /// 2006-01-01T00:00:00Z: no service of a cloud is older.
    const EARLIEST: Timestamp = Timestamp(1_136_073_600_000_000);
    const DAY: i64 = 86_400_000_000;

    /// The time to file a record under, given what the event says and when it was received.
    pub fn judge(stated: Option<Timestamp>, received: Timestamp) -> (Timestamp, Self) {
        match stated {
            None => (received, Self::Received),
            Some(time) if time < Self::EARLIEST || time.0 > received.0.saturating_add(Self::DAY) => {
                (received, Self::Implausible)
            }
            Some(time) => (time, Self::Event),
        }
    }
}

/// Whether what was tried succeeded (OCSF `status`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// It is not known.
    #[default]
    Unknown,
    /// It succeeded.
    Success,
    /// It failed or was refused.
    Failure,
}

impl Outcome {
    /// The name in the column `status`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// What a source's parser derives from an event. Absent values are `None`, never an empty string of ours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// The time that the record is filed under; see [`TimeOrigin::judge`].
    pub time: Timestamp,
    /// Where that time comes from.
    pub time_origin: TimeOrigin,
    /// What makes the event one of its kind within its source: CloudTrail's `eventID`, Kubernetes' `auditID` and `stage`.
    pub key: Option<ColumnText>,
    /// OCSF `class_uid`: 6003 API Activity, 3002 Authentication, 6005 Datastore Activity and others; 0 for none (Base Event).
    pub class_uid: i32,
    /// OCSF `activity_id` within the class: for 6003, 1 create, 2 read, 3 update, 4 delete, 99 other; 0 unknown.
    pub activity_id: i32,
    /// OCSF `severity_id`: 1 informational, 2 low, 3 medium, 4 high, 5 critical, 6 fatal; 0 unknown.
    pub severity_id: i32,
    /// OCSF `status`.
    pub status: Outcome,
    /// OCSF `api.operation`: CloudTrail's `eventName`, Kubernetes' `verb`.
    pub operation: Option<ColumnText>,
    /// OCSF `api.service.name`: CloudTrail's `eventSource`.
    pub service: Option<ColumnText>,
    /// OCSF `actor.user.name`, or the nearest there is: an ARN, a user name, a service's name.
    pub actor: Option<ColumnText>,
    /// OCSF `actor.user.type`: CloudTrail's `userIdentity.type`.
    pub actor_type: Option<ColumnText>,
    /// OCSF `src_endpoint.ip`: an address, or the service's name that CloudTrail puts in its place.
    pub src_ip: Option<ColumnText>,
    /// OCSF `cloud.account.uid`.
    pub account: Option<ColumnText>,
    /// OCSF `cloud.region`.
    pub region: Option<ColumnText>,
    /// OCSF `resources[0].name`: an ARN, or `namespace/resource/name`.
    pub resource: Option<ColumnText>,
    /// OCSF `api.response.error`: CloudTrail's `errorCode`, Kubernetes' `responseStatus.reason`.
    pub error: Option<ColumnText>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn implausible_times_fall_to_the_receipt() {
        let received = Timestamp::parse("2026-03-05T00:00:00Z").unwrap();
        let judge = |text: &str| TimeOrigin::judge(Some(Timestamp::parse(text).unwrap()), received);
        assert_eq!(judge("2020-01-01T00:00:00Z").1, TimeOrigin::Event);
        assert_eq!(judge("2026-03-05T23:59:59Z").1, TimeOrigin::Event);
        assert_eq!(judge("1970-01-01T00:00:00Z"), (received, TimeOrigin::Implausible));
        assert_eq!(judge("9999-12-31T23:59:59Z"), (received, TimeOrigin::Implausible));
        assert_eq!(TimeOrigin::judge(None, received), (received, TimeOrigin::Received));
    }
}
