//! Which class of OCSF an event can be, and what each class has: as much of the schema as the sources' classes need. The tests
//! hold it against the schema itself.

use shoseki_event::{ColumnText, Columns};

use super::extras::{Extra, Extras, Product};

pub(super) const BASE_EVENT: i32 = 0;
pub(super) const COMPLIANCE_FINDING: i32 = 2003;
pub(super) const DETECTION_FINDING: i32 = 2004;
pub(super) const ACCOUNT_CHANGE: i32 = 3001;
pub(super) const AUTHENTICATION: i32 = 3002;
pub(super) const CLOUD_RESOURCES_INVENTORY_INFO: i32 = 5023;
pub(super) const APPLICATION_LIFECYCLE: i32 = 6002;
pub(super) const API_ACTIVITY: i32 = 6003;
pub(super) const DATASTORE_ACTIVITY: i32 = 6005;

/// OCSF's `activity_id` of what has a name of its own.
pub(super) const OTHER: i32 = 99;

/// What a class has, of what is put into events.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) uid: i32,
    /// The attributes that it has without a profile.
    attributes: &'static [&'static str],
    /// Whether it must say where a request came from.
    pub(super) demands_endpoint: bool,
}

#[rustfmt::skip] // one a class
const SHAPES: &[Shape] = &[
    Shape { uid: BASE_EVENT, attributes: &[], demands_endpoint: false },
    Shape { uid: COMPLIANCE_FINDING, attributes: &["device", "resources"], demands_endpoint: false },
    Shape { uid: DETECTION_FINDING, attributes: &["device", "resources"], demands_endpoint: false },
    Shape { uid: ACCOUNT_CHANGE, attributes: &["actor", "user", "src_endpoint", "http_request"], demands_endpoint: false },
    Shape { uid: AUTHENTICATION, attributes: &["actor", "user", "src_endpoint", "dst_endpoint", "http_request", "service"], demands_endpoint: false },
    Shape { uid: CLOUD_RESOURCES_INVENTORY_INFO, attributes: &["resources"], demands_endpoint: false },
    Shape { uid: APPLICATION_LIFECYCLE, attributes: &[], demands_endpoint: false },
    Shape { uid: API_ACTIVITY, attributes: &["actor", "api", "src_endpoint", "dst_endpoint", "http_request", "resources"], demands_endpoint: true },
    Shape { uid: DATASTORE_ACTIVITY, attributes: &["actor", "src_endpoint", "dst_endpoint", "http_request"], demands_endpoint: true },
];

impl Shape {
    /// Whether the class has an attribute.
    pub(super) fn has(&self, attribute: &str) -> bool {
        self.attributes.contains(&attribute)
    }

    pub(super) fn is_finding(&self) -> bool {
        self.uid / 1_000 == 2
    }
}

/// A class and an activity in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) uid: i32,
    pub(super) activity: i32,
}

impl Class {
    pub(super) fn shape(&self) -> &'static Shape {
        SHAPES.iter().find(|shape| shape.uid == self.uid).unwrap_or(&SHAPES[0])
    }
}

/// Whether what such events are named by is the name of a call.
pub(super) fn is_call(class_uid: i32) -> bool {
    matches!(class_uid, ACCOUNT_CHANGE | AUTHENTICATION | API_ACTIVITY)
}

/// The class that the columns say, where the record says all that the class demands.
pub(super) fn of(columns: &Columns, extras: &Extras, product: &Product) -> Class {
    let has = |column: &Option<ColumnText>| super::stated(column).is_some();
    let (is_done, is_named) = (has(&columns.actor), has(&columns.operation));
    let own = Class { uid: columns.class_uid, activity: columns.activity_id };
    match own.uid {
        COMPLIANCE_FINDING | DETECTION_FINDING | APPLICATION_LIFECYCLE => own,
        API_ACTIVITY if is_done && is_named => own,
        AUTHENTICATION if is_done => own,
        // A password that is changed without a name is one's own.
        ACCOUNT_CHANGE if extras.has(Extra::User) || (is_done && matches!(own.activity, 3 | 4)) => own,
        ACCOUNT_CHANGE if is_done && is_named => Class { uid: API_ACTIVITY, activity: of_change(own.activity) },
        DATASTORE_ACTIVITY if is_done && (extras.knows_a_store() || product.datastore.is_some()) => own,
        CLOUD_RESOURCES_INVENTORY_INFO if product.cloud.is_some() || has(&columns.resource) => own,
        BASE_EVENT if matches!(own.activity, 0 | OTHER) => own,
        _ => Class { uid: BASE_EVENT, activity: if is_named { OTHER } else { 0 } },
    }
}

/// API Activity's activity of a change of an account.
fn of_change(activity: i32) -> i32 {
    match activity {
        0 | 1 | OTHER => activity,
        6 => 4,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_of_every_source_is_known() {
        for source in crate::all() {
            for class in source.classes() {
                let known = Class { uid: class, activity: 0 };
                assert_eq!(known.shape().uid, class, "`{}`", source.id());
            }
        }
    }
}
