//! A small vault, object by object, made from the pure formats: five commits, seven segments, an original, two anchors' worth
//! of checkpoints. Whoever holds the fixture holds its key too, and can lie as the operator could.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use bytes::Bytes;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};
use shoseki_event::{Day, Kind, Provenance, Record, RecordId, Timestamp};
use shoseki_merkle::{Hash, root};
use shoseki_segment::commit::{
    ANCHORS_KEY, Action, Add, Commit, ENCRYPTION_KEY, Erasure, FORMAT_KEY, ORIGIN_KEY, Remove, Replay, Table,
    Transaction,
};
use shoseki_segment::keys::{ClassKeyObject, KeyProvider, LocalKey, Secret};
use shoseki_segment::layout::{self, Marker};
use shoseki_segment::proof::{ProvenRecord, RecordProof};
use shoseki_segment::receipt::{Extent, Receipt, Step};
use shoseki_segment::{
    Built, Draft, Erased, Layout, Merged, OWN_SOURCE, Ordinals, Seeds, SegmentTag, derive, envelope, erase, leaf_hash,
    merge, new_name, records, write,
};
use shoseki_tlog::{Checkpoint, CommitEntry, Edge, Objects, SigningKey, TlogProof, prove_inclusion, sign_statement};

use crate::{Place, Question, Report, verify_vault};

pub(crate) const ORIGIN: &str = "shoseki/test";
pub(crate) const ANCHOR: &str = "file:///anchor";
const CLASS_KEY: &str = "standard/2026-03";

/// What a lie may do to a commit's drafts before they are written.
pub(crate) type Twist = fn(&mut Vec<Draft>);
/// What a lie may do to what the commit says of its files.
pub(crate) type TwistAdds = fn(&mut Vec<Add>);

/// What a lie may do to a compaction.
pub(crate) type TwistCompaction = fn(&Vault, &mut Vec<Remove>, &mut Add);

/// What a lie may put into the file that is left by an erasure: other rows and another secret.
pub(crate) type TwistErasure = fn(&Vault, Vec<RecordBatch>, Seeds) -> Option<(Vec<RecordBatch>, Seeds)>;

pub(crate) struct Vault {
    pub(crate) objects: BTreeMap<String, Bytes>,
    pub(crate) anchor: BTreeMap<String, Bytes>,
    pub(crate) key: SigningKey,
    pub(crate) provider: Option<Arc<LocalKey>>,
    class_key: Secret,
    pub(crate) edge: Edge,
    pub(crate) commits: Vec<Bytes>,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) checkpoints: BTreeMap<u64, Bytes>,
    pub(crate) table: Table,
    /// What the writer's clock says at commit 0.
    pub(crate) now: Timestamp,
}

fn time(day: u32, n: usize) -> Timestamp {
    Timestamp(Timestamp::parse(&format!("2026-03-{day:02}T01:00:00Z")).unwrap().0 + n as i64 * 1_000_000)
}

pub(crate) fn event(name: &str, day: u32, n: usize) -> String {
    let at = time(day, n);
    format!(
        "{{\"eventVersion\":\"1.08\",\"userIdentity\":{{\"type\":\"IAMUser\",\"arn\":\"arn:aws:iam::1:user/証跡\"}},\
         \"eventTime\":\"{at}\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"{name}\",\"awsRegion\":\"ap-northeast-1\",\
         \"sourceIPAddress\":\"203.0.113.{n}\",\"eventID\":\"{day}-{name}-{n}\",\"eventType\":\"AwsApiCall\",\
         \"recipientAccountId\":\"111122223333\"}}"
    )
}

fn record(kind: Kind, source: &str, stream: &str, position: usize, raw: String) -> Record {
    let provenance = Provenance {
        kind,
        source: source.into(),
        stream: stream.into(),
        origin: "logs/a.json.gz".into(),
        position: position as u64,
        received: time(6, 0),
        reason: if kind == Kind::Unparsed { "not JSON".into() } else { "".into() },
    };
    let columns = derive(&provenance, raw.as_bytes()).unwrap();
    Record { provenance, raw: raw.into(), columns }
}

fn extent(bytes: &[u8]) -> Extent {
    Extent { size: bytes.len() as u64, sha256: hex::encode(Sha256::digest(bytes)) }
}

/// A segment of events of a day.
pub(crate) fn events(name: &str, day: u32, count: usize) -> Draft {
    let mut draft = Draft::new("standard", time(day, 0).day()).unwrap();
    draft.records = (0..count)
        .map(|n| record(Kind::Event, "cloudtrail", "cloudtrail/1", n * 300 + 12, event(name, day, n)))
        .collect();
    draft
}

/// A segment of one event, two months later.
pub(crate) fn later() -> Draft {
    let mut draft = Draft::new("standard", day("2026-05-05")).unwrap();
    let raw = event("Later", 5, 0).replace("2026-03-05", "2026-05-05");
    let mut record = record(Kind::Event, "cloudtrail", "cloudtrail/1", 12, raw);
    record.provenance.received = day("2026-05-06").start(); // an event is no later than its receipt
    record.columns = derive(&record.provenance, &record.raw).unwrap();
    draft.records = vec![record];
    draft
}

/// The receipt of a file that consisted of these segments.
pub(crate) fn receipt_of(drafts: &[Draft]) -> Receipt {
    let mut content = b"{\"Records\":[".to_vec();
    let mut recipe = vec![Step::Text { text: "{\"Records\":[".to_owned() }];
    for draft in drafts {
        let raws: Vec<&[u8]> = draft.records.iter().map(|record| record.raw.as_ref()).collect();
        content.extend(raws.join(&b','));
        let count = u32::try_from(raws.len()).unwrap();
        recipe.push(Step::Run { segment: draft.id.to_string(), first: 0, count, between: ",".to_owned() });
    }
    content.extend(b"]}");
    recipe.push(Step::Bytes { base64: "XX0=".to_owned() });
    let events = drafts.iter().map(|draft| draft.records.len() as u64).sum();
    Receipt {
        receipt: 1,
        origin: "logs/a.json.gz".to_owned(),
        encoding: "gzip".to_owned(),
        received: extent(b"gzip"),
        content: Some(extent(&content)),
        etag: None,
        events,
        new: events,
        duplicates: 0,
        conflicts: 0,
        unparsed: 0,
        damage: None,
        recipe: Some(recipe),
        not_kept: false,
    }
}

/// A segment of receipts.
pub(crate) fn receipts(receipts: &[Receipt]) -> Draft {
    let mut draft = Draft::new("standard", time(6, 0).day()).unwrap();
    let record_of = |receipt: &Receipt| {
        let raw = String::from_utf8(receipt.to_bytes()).unwrap();
        record(Kind::Receipt, OWN_SOURCE, "shoseki/receipts", 0, raw)
    };
    draft.records = receipts.iter().map(record_of).collect();
    draft
}

impl Vault {
    /// An empty vault: commit 0, sealed.
    pub(crate) async fn init(key: SigningKey, encrypted: bool) -> Self {
        let provider = encrypted.then(|| Arc::new(LocalKey::fresh().unwrap()));
        let encryption = if encrypted { "aes-256-gcm" } else { "none" };
        let settings = [(ENCRYPTION_KEY, encryption), (FORMAT_KEY, "1"), (ORIGIN_KEY, ORIGIN)];
        let table = Table {
            id: "00000000-0000-4000-8000-000000000000".to_owned(),
            created_ms: 1,
            configuration: settings.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
        };
        let mut vault = Self {
            objects: BTreeMap::new(),
            anchor: BTreeMap::new(),
            key,
            provider,
            class_key: Secret::fresh().unwrap(),
            edge: Edge::empty(),
            commits: Vec::new(),
            drafts: Vec::new(),
            checkpoints: BTreeMap::new(),
            table: table.clone(),
            now: time(6, 0),
        };
        let marker = Marker { format: 1, origin: ORIGIN.to_owned(), encryption: encryption.to_owned() };
        vault.put(layout::MARKER, marker.to_text());
        if let Some(provider) = vault.provider.clone() {
            let object = ClassKeyObject::seal(CLASS_KEY, &vault.class_key, provider.as_ref()).await.unwrap();
            vault.put(&layout::class_key(CLASS_KEY, 1), object.to_bytes());
        }
        vault.commit(Action::Create(table));
        vault.seal();
        vault
    }

    /// The vault that the tests lie about.
    pub(crate) async fn full(encrypted: bool) -> Self {
        Self::twisted(encrypted, |_| {}, |_| {}).await
    }

    /// The same, where the operator lied while writing its last commit.
    pub(crate) async fn twisted(encrypted: bool, twist: Twist, twist_adds: TwistAdds) -> Self {
        let mut vault = Self::init(SigningKey::generate(ORIGIN).unwrap(), encrypted).await;
        vault.fill(twist, twist_adds);
        vault
    }

    pub(crate) fn fill(&mut self, twist: Twist, twist_adds: TwistAdds) {
        let first = vec![events("GetObject", 4, 5), events("PutObject", 5, 3)];
        let receipt = receipt_of(&first);
        self.ingest(first, vec![receipt], |_| {}, |_| {});
        self.seal();
        let original = b"\x1f\x8b broken".to_vec();
        let kept = Receipt {
            received: extent(&original),
            content: None,
            recipe: None,
            damage: Some("cut off".to_owned()),
            ..receipt_of(&[])
        };
        let name = layout::original(&kept.received.sha256);
        let stored = match &self.provider {
            None => original,
            Some(_) => envelope::seal(CLASS_KEY, &self.class_key, &name, &original).unwrap(),
        };
        self.put(&name, stored);
        self.ingest(vec![events("DeleteObject", 5, 4)], vec![kept], |_| {}, |_| {});
        self.seal();
        self.table.configuration.insert(ANCHORS_KEY.to_owned(), ANCHOR.to_owned());
        self.commit(Action::Configure(self.table.clone()));
        let mut last = vec![events("UpdateTrail", 4, 2)];
        let mut unparsed = Draft::new("standard", time(6, 0).day()).unwrap();
        unparsed.records = vec![record(Kind::Unparsed, "unknown", "unknown", 700, "nonsense".to_owned())];
        last.push(unparsed);
        let receipt = receipt_of(&last);
        self.ingest(last, vec![receipt], twist, twist_adds);
        self.seal();
    }

    pub(crate) fn put(&mut self, name: &str, bytes: impl Into<Bytes>) {
        self.objects.insert(name.to_owned(), bytes.into());
    }

    /// Writes files and the commit that adds them.
    pub(crate) fn ingest(&mut self, mut drafts: Vec<Draft>, sent: Vec<Receipt>, twist: Twist, twist_adds: TwistAdds) {
        drafts.push(receipts(&sent));
        twist(&mut drafts);
        let mut adds = Vec::new();
        for draft in &drafts {
            let key = self.provider.is_some().then_some((CLASS_KEY, &self.class_key));
            let built = write(draft, key, time(6, 0)).unwrap();
            let path = format!("{}/{}", layout::EVENTS, built.add.path());
            adds.push(built.add);
            self.put(&path, built.bytes);
        }
        twist_adds(&mut adds);
        self.drafts.extend(drafts);
        let transactions = vec![Transaction { stream: "a".to_owned(), sequence: 1 }];
        self.commit(Action::Ingest { transactions, adds });
    }

    /// Puts the files of segments into one and commits that, as a lie has it.
    pub(crate) fn compact(&mut self, files: &[usize], layout: Layout, lie: TwistCompaction) -> Add {
        let adds: Vec<Add> = files.iter().map(|n| self.add_of(*n)).collect();
        self.compact_files(&adds, layout, lie)
    }

    /// As [`Vault::compact`], of files that may have several segments.
    pub(crate) fn compact_files(&mut self, files: &[Add], layout: Layout, lie: TwistCompaction) -> Add {
        let rows =
            files.iter().flat_map(|add| self.rows(add, &self.objects[&format!("events/{}", add.path())])).collect();
        self.write_compacted(files, rows, layout, lie)
    }

    /// Puts files into one, the first of which was written again with other rows; the commit says what is true of the segments.
    pub(crate) fn compact_twisted(&mut self, files: &[usize], twist: fn(&mut Draft)) -> Add {
        let adds: Vec<Add> = files.iter().map(|n| self.add_of(*n)).collect();
        let of = |draft: &Draft| Draft {
            id: draft.id,
            seeds: draft.seeds.clone(),
            class: draft.class.clone(),
            day: draft.day,
            layout: draft.layout,
            format: draft.format,
            records: draft.records.clone(),
        };
        let mut rows = Vec::new();
        for (at, n) in files.iter().enumerate() {
            let mut draft = of(&self.drafts[*n]);
            if at == 0 {
                twist(&mut draft);
            }
            let built = write(&draft, None, time(6, 0)).unwrap();
            rows.extend(self.rows(&built.add, &built.bytes));
        }
        self.write_compacted(&adds, rows, Layout::Text, |_, _, _| {})
    }

    fn key_of(&self, add: &Add) -> Option<Secret> {
        let wrapped = add.tags.key.as_ref()?;
        Some(wrapped.open(&self.class_key, &add.id().to_string()).unwrap())
    }

    fn rows(&self, add: &Add, bytes: &Bytes) -> Vec<RecordBatch> {
        let (_, batches) = records(bytes.clone(), self.key_of(add).as_ref(), &[]).unwrap();
        batches.map(Result::unwrap).collect()
    }

    fn write_compacted(&mut self, files: &[Add], rows: Vec<RecordBatch>, layout: Layout, lie: TwistCompaction) -> Add {
        let seeds = |tag: &SegmentTag| self.drafts.iter().find(|draft| draft.id == tag.id).unwrap().seeds.clone();
        let version = |tag: &SegmentTag| self.version_of(self.drafts.iter().position(|d| d.id == tag.id).unwrap());
        let tags = files.iter().flat_map(|add| &add.tags.segments);
        let segments = tags.map(|tag| (SegmentTag { commit: Some(version(tag)), ..tag.clone() }, seeds(tag))).collect();
        let Add { class, day, .. } = files[0].clone();
        let merged = Merged { name: new_name().unwrap(), class, day, layout, format: 3, segments, rows };
        let key = self.provider.is_some().then_some((CLASS_KEY, &self.class_key));
        let Built { mut add, bytes } = merge(merged, key, time(6, 0)).unwrap();
        let mut removes: Vec<Remove> = files.iter().map(Remove::from).collect();
        lie(self, &mut removes, &mut add);
        let path = format!("{}/{}", layout::EVENTS, add.path());
        self.objects.entry(path).or_insert(bytes); // what is there is not written again
        self.commit(Action::Compact { removes, add: add.clone() });
        add
    }

    /// The file of a segment without some records, as a lie has what it is made of and what it became; its commit, that is not
    /// written; and nothing is deleted.
    pub(crate) fn erased(&mut self, n: usize, gone: &[u32], lie: TwistErasure) -> Action {
        let add = self.add_of(n);
        let rows = self.rows(&add, &self.objects[&format!("events/{}", add.path())]);
        let version = self.version_of(n);
        let draft = &self.drafts[n];
        let tag = SegmentTag { commit: Some(version), ..add.tags.segments[0].clone() };
        let (class, day, name) = (add.class.clone(), add.day, new_name().unwrap());
        let segments = vec![(tag, draft.seeds.clone())];
        let file = Merged { name, class, day, layout: Layout::Text, format: 3, segments, rows };
        let ordinals: Ordinals = gone.iter().copied().collect();
        let key = self.provider.is_some().then_some((CLASS_KEY, &self.class_key));
        let gone = Erased::from([(draft.id, ordinals)]);
        let Built { add: mut less, mut bytes } = erase(file, &gone, key, time(6, 0)).unwrap();
        let (rows, seeds) = self.opened(&less, &bytes);
        if let Some((rows, seeds)) = lie(self, rows, seeds) {
            let tag = SegmentTag { erased: Ordinals::default(), ..less.tags.segments[0].clone() };
            let (class, day) = (add.class.clone(), add.day);
            let file = Merged { name, class, day, layout: Layout::Text, format: 3, segments: vec![(tag, seeds)], rows };
            let built = merge(file, key, time(6, 0)).unwrap();
            less.tags.sha256 = built.add.tags.sha256;
            less.tags.index = built.add.tags.index;
            less.tags.key = built.add.tags.key;
            (less.size, bytes) = (built.add.size, built.bytes);
        }
        self.put(&format!("{}/{}", layout::EVENTS, less.path()), bytes);
        let erasure = Erasure {
            request: "one".to_owned(),
            asked_by: "aya".to_owned(),
            by: "ken".to_owned(),
            ground: "gdpr-17".to_owned(),
            why: "Case 12".to_owned(),
            segments: 1,
            records: gone[&self.drafts[n].id].len(),
        };
        Action::Erase { erasure, removes: vec![Remove::from(&add)], adds: vec![less] }
    }

    /// The rows and the secret of a file of one segment.
    pub(crate) fn opened(&self, add: &Add, bytes: &Bytes) -> (Vec<RecordBatch>, Seeds) {
        let (footer, batches) = records(bytes.clone(), self.key_of(add).as_ref(), &[]).unwrap();
        (batches.map(Result::unwrap).collect(), footer.segments[0].1.clone())
    }

    /// What the commit says of the file of the n-th segment that was written.
    pub(crate) fn add_of(&self, n: usize) -> Add {
        let commit = Commit::parse(&self.commits[self.version_of(n) as usize]).unwrap();
        let Action::Ingest { adds, .. } = commit.action else {
            unreachable!("a segment is first in what was ingested")
        };
        adds.into_iter().find(|add| add.name == self.drafts[n].id).unwrap()
    }

    /// The files of the table as it is now.
    pub(crate) fn live(&self) -> Vec<Add> {
        let mut replay = Replay::default();
        self.commits.iter().for_each(|commit| replay.apply(&Commit::parse(commit).unwrap()).unwrap());
        replay.files().map(|file| file.add.clone()).collect()
    }

    pub(crate) fn commit(&mut self, action: Action) {
        let commit = self.next(action);
        let statement = self.statement(&commit, self.root(), &self.key);
        self.write(&Commit { statement, ..commit });
    }

    /// The commit that would be next, without a statement.
    pub(crate) fn next(&self, action: Action) -> Commit {
        let timestamp_ms = self.now.0 / 1_000 + i64::try_from(self.commits.len()).unwrap() * 60_000;
        let (engine, batch) = ("shoseki/0.1.0".to_owned(), "0".repeat(32));
        Commit { timestamp_ms, engine, batch, action, statement: None }
    }

    pub(crate) fn write(&mut self, commit: &Commit) {
        let bytes = Bytes::from(commit.to_bytes());
        self.put(&layout::commit(self.commits.len() as u64), bytes.clone());
        self.commits.push(bytes);
    }

    /// What a key states of a commit behind a tree, where it needs a statement.
    pub(crate) fn statement(&self, commit: &Commit, root: Hash, key: &SigningKey) -> Option<String> {
        let of = |bytes: &Bytes| match Commit::parse(bytes).unwrap().action {
            Action::Create(table) | Action::Configure(table) => Some(table),
            _ => None,
        };
        let kind = commit.needed_statement(self.commits.iter().rev().find_map(of).as_ref())?;
        let note = sign_statement(kind, commit.stated_hash(root), key).unwrap();
        Some(String::from_utf8(note.to_vec()).unwrap())
    }

    /// The root of the tree of all commits, sealed or not.
    pub(crate) fn root(&self) -> Hash {
        let entries = (0..).zip(&self.commits).map(|(version, bytes)| CommitEntry::of(version, bytes).to_bytes());
        root(&entries.map(|entry| shoseki_merkle::leaf_hash(&entry)).collect::<Vec<Hash>>())
    }

    /// Seals what is not sealed yet, here and at the anchor.
    pub(crate) fn seal(&mut self) {
        for version in self.edge.size()..self.commits.len() as u64 {
            let entry = CommitEntry::of(version, &self.commits[version as usize]).to_bytes();
            self.edge.append(&entry).unwrap();
        }
        for (path, bytes) in self.edge.objects().unwrap() {
            self.put(&format!("{}/{path}", layout::TLOG), bytes);
        }
        self.edge.mark_published();
        let size = self.edge.size();
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size, root: self.edge.root().unwrap() };
        let signed = checkpoint.sign(&self.key).unwrap();
        self.put(&layout::checkpoint(size), signed.clone());
        self.put(layout::CHECKPOINT, signed.clone());
        self.anchor.insert(format!("{}/{size:020}", ORIGIN.replace('/', "_")), signed.clone());
        self.checkpoints.insert(size, signed);
    }

    /// The name of the file of the n-th segment that was written.
    pub(crate) fn file(&self, n: usize) -> String {
        let draft = &self.drafts[n];
        format!("{}/{}", layout::EVENTS, layout::data_file(&draft.class, draft.day, draft.id))
    }

    pub(crate) async fn place(objects: &BTreeMap<String, Bytes>) -> Place {
        let store = InMemory::new();
        for (name, bytes) in objects {
            store.put(&Path::from(format!("a vault/{name}")), bytes.clone().into()).await.unwrap();
        }
        let store: Arc<dyn ObjectStore> = Arc::new(store);
        Place::new(store, Path::from("a vault"))
    }

    pub(crate) async fn question(&self, deep: bool) -> Question {
        Question {
            place: Self::place(&self.objects).await,
            key: Some(self.key.verifier().clone()),
            provider: self.provider.clone().map(|provider| provider as Arc<dyn KeyProvider>),
            deep,
            against: None,
            anchors: Vec::new(),
            opener: None,
        }
    }

    pub(crate) async fn judge(&self, deep: bool) -> Report {
        verify_vault(&self.question(deep).await).await.unwrap()
    }

    /// The proof of a record in the n-th segment.
    pub(crate) fn proof(&self, n: usize, ordinal: u32) -> RecordProof {
        let draft = &self.drafts[n];
        let salts = draft.seeds.salts(u32::try_from(draft.records.len()).unwrap());
        let salt = |at: usize| salts[at].unwrap();
        let leaf = |(at, record): (usize, &Record)| leaf_hash(&salt(at), &record.provenance, &record.raw);
        let leaves: Vec<_> = draft.records.iter().enumerate().map(leaf).collect();
        let version = self.version_of(n);
        let record = &draft.records[ordinal as usize];
        RecordProof {
            record: ProvenRecord {
                id: RecordId { segment: draft.id, ordinal },
                provenance: record.provenance.clone(),
                salt: salt(ordinal as usize),
                raw: record.raw.clone(),
                inclusion: shoseki_merkle::inclusion_proof(&leaves, ordinal.into()).unwrap(),
                count: u32::try_from(leaves.len()).unwrap(),
                version,
            },
            commit: self.commits[version as usize].clone(),
            log: String::from_utf8(self.log_proof(version).to_vec()).unwrap(),
        }
    }

    /// The commit that added the n-th segment.
    pub(crate) fn version_of(&self, n: usize) -> u64 {
        let id = self.drafts[n].id.to_string();
        let holds = |bytes: &Bytes| bytes.windows(32).any(|window| window == id.as_bytes());
        self.commits.iter().position(holds).unwrap() as u64
    }

    /// The tlog-proof of a commit's entry in the newest tree.
    pub(crate) fn log_proof(&self, version: u64) -> Bytes {
        let strip = |(name, bytes): (&String, &Bytes)| Some((name.strip_prefix("tlog/")?.to_owned(), bytes.clone()));
        let objects: Objects = self.objects.iter().filter_map(strip).collect();
        let size = self.edge.size();
        let hashes = prove_inclusion(version, size, &objects).unwrap();
        TlogProof { extra: Vec::new(), index: version, hashes, checkpoint: self.checkpoints[&size].clone() }.to_bytes()
    }
}

pub(crate) fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}
