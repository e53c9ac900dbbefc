//! What spoke: the streams of a vault, each with its newest record, and the buckets that data events name. The questions are text, so
//! that anybody can ask the same. They are asked of the last thirty days, in which whatever works speaks; what was not heard in them is
//! asked for in all that came before.

use std::collections::BTreeMap;

use shoseki_event::Timestamp;
use shoseki_messages::Result;
use shoseki_query::{Engine, Options};

use crate::checks::{Query, Row, Rows, rows_of};

/// The streams; those of CloudTrail and of AWS Config by account and region, whatever they are called.
const STREAMS: Query = Query::whole_sql(
    "select source, stream, account, region, min(time) as first, max(time) as last, count(*) as records,\n\
     last_value(\"@ptr\" order by time) as record\nfrom events\nwhere kind = 'event'\ngroup by 1, 2, 3, 4",
);

/// Buckets by the data events that name them.
const OBJECTS: Query = Query::whole_sql(
    "select account, split_part(regexp_replace(resource, '^arn:[^:]*:s3:::', ''), '/', 1) as bucket, min(time) as first,\n\
     max(time) as last, count(*) as records, last_value(\"@ptr\" order by time) as record\nfrom events\n\
     where kind = 'event' and source = 'cloudtrail' and operation in ('GetObject', 'PutObject', 'DeleteObject', 'DeleteObjects',\n\
     'HeadObject', 'CopyObject', 'ListObjects', 'SelectObjectContent', 'UploadPart', 'CompleteMultipartUpload')\ngroup by 1, 2",
);

/// What is asked.
pub const QUERIES: &[Query] = &[STREAMS, OBJECTS];

/// How far back is asked first, in microseconds: the longest habit, thirty days.
pub const RECENT: i64 = 30 * 86_400_000_000;

/// What was heard of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The stream.
    pub stream: String,
    /// Its first record.
    pub first: Timestamp,
    /// Its newest.
    pub last: Timestamp,
    /// How many there are.
    pub records: u64,
    /// The newest by its name.
    pub record: String,
}

impl Heard {
    fn of(row: Row<'_>, stream: &str) -> Option<Self> {
        let (first, last) = row.time("first").zip(row.time("last"))?;
        let (records, record) = (row.count("records"), row.text("record").to_owned());
        Some(Self { stream: stream.to_owned(), first, last, records, record })
    }

    /// The same with what another says.
    fn and(self, other: &Self) -> Self {
        let newest = if other.last > self.last { other } else { &self };
        Self {
            stream: newest.stream.clone(),
            first: self.first.min(other.first),
            last: newest.last,
            records: self.records.saturating_add(other.records),
            record: newest.record.clone(),
        }
    }
}

/// A stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Its source.
    pub source: String,
    /// The account that its events name.
    pub account: String,
    /// The region that they name.
    pub region: String,
    /// Its name, and what was heard.
    pub heard: Heard,
}

/// What spoke.
#[derive(Clone, Debug, Default)]
pub struct Spoken {
    streams: Vec<Stream>,
    /// Data events, by account and bucket.
    objects: BTreeMap<(String, String), Heard>,
}

impl Spoken {
    /// Asks what spoke in the thirty days before a moment.
    ///
    /// # Errors
    /// What the questions say.
    pub async fn read(engine: impl Fn(Options) -> Engine, before: Timestamp) -> Result<Self> {
        let from = Some(Timestamp(before.0.saturating_sub(RECENT)));
        let options = || Options { from, to: Some(before), now: before, ..Options::default() };
        let streams = rows_of(&engine(options()), &STREAMS).await?;
        let objects = rows_of(&engine(options()), &OBJECTS).await?;
        Ok(Self::of(&streams, &objects))
    }

    /// The same with what streams of these sources said before that, and which buckets data events named, where that is asked.
    ///
    /// # Errors
    /// As [`Spoken::read`].
    pub async fn and_before(
        mut self,
        engine: impl Fn(Options) -> Engine,
        before: Timestamp,
        (sources, has_objects): (&[&str], bool),
    ) -> Result<Self> {
        let to = Some(Timestamp(before.0.saturating_sub(RECENT)));
        let sources: Vec<String> = sources.iter().map(|source| (*source).to_owned()).collect();
        let options = |sources| Options { to, now: before, sources, ..Options::default() };
        if !sources.is_empty() {
            let rows = rows_of(&engine(options(sources)), &STREAMS).await?;
            self.add(Self::of(&rows, &Rows::default()));
        }
        if has_objects {
            let rows = rows_of(&engine(options(vec!["cloudtrail".to_owned()])), &OBJECTS).await?;
            self.add(Self::of(&Rows::default(), &rows));
        }
        Ok(self)
    }

    /// Takes over what another knows: of a stream that both know, as one.
    pub(super) fn add(&mut self, other: Self) {
        for stream in other.streams {
            let name =
                |one: &Stream| (one.source.clone(), one.account.clone(), one.region.clone(), one.heard.stream.clone());
            let of_it = name(&stream);
            match self.streams.iter_mut().find(|one| name(one) == of_it) {
                Some(known) => known.heard = known.heard.clone().and(&stream.heard),
                None => self.streams.push(stream),
            }
        }
        for (name, heard) in other.objects {
            let known = self.objects.remove(&name);
            self.objects.insert(name, known.map_or_else(|| heard.clone(), |known| known.and(&heard)));
        }
    }

    /// From the rows of [`QUERIES`].
    pub fn of(streams: &Rows, objects: &Rows) -> Self {
        let stream = |row: Row<'_>| {
            let (source, account, region) = (row.text("source"), row.text("account"), row.text("region"));
            let heard = Heard::of(row, row.text("stream"))?;
            Some(Stream { source: source.to_owned(), account: account.to_owned(), region: region.to_owned(), heard })
        };
        let object = |row: Row<'_>| {
            let name = (row.text("account").to_owned(), row.text("bucket").to_owned());
            let heard = Heard::of(row, &format!("cloudtrail/{}", name.0))?;
            Some((name, heard))
        };
        Self {
            streams: streams.iter().filter_map(stream).collect(),
            objects: objects.iter().filter_map(object).collect(),
        }
    }

    /// What was heard in the streams that are meant, as one; nothing where none of them spoke.
    pub fn heard(&self, is_meant: impl Fn(&Stream) -> bool) -> Option<Heard> {
        let meant = self.streams.iter().filter(|stream| is_meant(stream)).map(|stream| stream.heard.clone());
        meant.reduce(|all, one| all.and(&one))
    }

    /// The streams of some sources.
    pub fn of_sources<'s>(&'s self, sources: &'s [&str]) -> impl Iterator<Item = &'s Stream> {
        self.streams.iter().filter(|stream| sources.contains(&stream.source.as_str()))
    }

    /// The data events that name a bucket, whichever account recorded them.
    pub fn objects_of(&self, bucket: &str) -> Option<Heard> {
        let its = self.objects.iter().filter(|((_, name), _)| name == bucket).map(|(_, heard)| heard.clone());
        its.reduce(|all, one| all.and(&one))
    }

    /// The data events that an account recorded, of whatever bucket.
    pub fn objects_by(&self, account: &str) -> Option<Heard> {
        let its = self.objects.iter().filter(|((by, _), _)| by == account).map(|(_, heard)| heard.clone());
        its.reduce(|all, one| all.and(&one))
    }
}
