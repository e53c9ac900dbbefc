//! GitHub: what its webhooks send, what its audit log says, and pull requests and workflow runs as its API lists them. So that a change
//! in production can be matched with who approved it and which run brought it there.
//!
//! ```text
//! {"action":"closed","pull_request":{"merged":true,"merged_at":"…",…},"repository":{"full_name":"octo-org/shop",…},"sender":{"login":"aiko",…}}
//! {"@timestamp":1772672523004,"_document_id":"…","action":"protected_branch.policy_override","actor":"aiko","repo":"octo-org/shop"}
//! {"number":7,"merged_at":"…","head":{…},"base":{…},"user":{"login":"aiko"},…}          GET /repos/…/pulls
//! {"workflow_id":9,"run_number":12,"head_sha":"…","conclusion":"success",…}            GET /repos/…/actions/runs
//! ```
//!
//! A webhook's body does not say which event it is; its members do. What a delivery is called stands in its headers: it is in the
//! record's `origin`.

use std::borrow::Cow;
use std::sync::LazyLock;

use shoseki_event::{Columns, Outcome, TimeOrigin, Timestamp};

use crate::keys::Tree;
use crate::ocsf::Product;
use crate::source::owned;
use crate::{Cursor, NativeKind, Reason, Signature, Source, time};

/// The source `github`.
pub(crate) struct GitHub;

const API_ACTIVITY: i32 = 6003;

/// What is read: the members' paths.
#[rustfmt::skip] // by where they stand
const PATHS: &[&str] = &[
    "action", "actor", "repo", "org", "@timestamp", "_document_id",
    "sender.login", "repository.full_name", "repository.pushed_at", "organization.login", "ref", "before", "zen",
    "pull_request.merged", "pull_request.merged_at", "pull_request.closed_at", "pull_request.updated_at",
    "review.state", "review.submitted_at",
    "workflow_run.conclusion", "workflow_run.updated_at",
    "check_run.conclusion", "check_run.completed_at", "check_run.started_at",
    "check_suite.conclusion", "check_suite.updated_at",
    "deployment.created_at", "deployment_status.state", "deployment_status.created_at",
    "release.published_at", "release.created_at",
    "id", "node_id", "number", "state", "merged_at", "updated_at", "user.login", "merged_by.login", "base.repo.full_name",
    "workflow_id", "run_attempt", "status", "conclusion", "actor.login", "triggering_actor.login",
];

/// The place of a path in [`PATHS`]; one that is not there does not compile.
const fn place(path: &str) -> usize {
    let mut at = 0;
    loop {
        let (known, path) = (PATHS[at].as_bytes(), path.as_bytes());
        let mut same = if known.len() == path.len() { 0 } else { usize::MAX };
        while same < path.len() && known[same] == path[same] {
            same += 1;
        }
        if same == path.len() {
            return at;
        }
        at += 1;
    }
}

macro_rules! at {
    ($path:literal) => {
        const { place($path) }
    };
}

/// A member's name, where the times of its events stand, and where their verdict.
type Kind = (&'static str, &'static [usize], Option<usize>);

/// The events of webhooks by a member that only they have, the most telling first; where their time and their verdict stand.
const KINDS: &[Kind] = &[
    ("review", &[at!("review.submitted_at")], Some(at!("review.state"))),
    (
        "pull_request",
        &[at!("pull_request.merged_at"), at!("pull_request.closed_at"), at!("pull_request.updated_at")],
        None,
    ),
    ("workflow_run", &[at!("workflow_run.updated_at")], Some(at!("workflow_run.conclusion"))),
    ("check_run", &[at!("check_run.completed_at"), at!("check_run.started_at")], Some(at!("check_run.conclusion"))),
    ("check_suite", &[at!("check_suite.updated_at")], Some(at!("check_suite.conclusion"))),
    ("deployment_status", &[at!("deployment_status.created_at")], Some(at!("deployment_status.state"))),
    ("deployment", &[at!("deployment.created_at")], None),
    ("release", &[at!("release.published_at"), at!("release.created_at")], None),
];

/// What is good news, and what is bad; all else is not known yet.
const GOOD: &[&str] = &["success", "approved"];
const BAD: &[&str] =
    &["failure", "error", "cancelled", "timed_out", "action_required", "startup_failure", "stale", "changes_requested"];

/// The paths as a tree, so that each key is looked up once.
static TREE: LazyLock<Tree<usize>> =
    LazyLock::new(|| PATHS.iter().enumerate().map(|(place, path)| (*path, place)).collect());

/// What was read of an event.
struct Event<'a> {
    values: [Option<Cow<'a, str>>; PATHS.len()],
    /// The outermost members that are objects, as bits by their place in [`KINDS`].
    kinds: u16,
}

impl<'a> Event<'a> {
    fn read(raw: &'a [u8]) -> Result<Self, Reason> {
        let mut event = Self { values: [const { None }; PATHS.len()], kinds: 0 };
        let mut cursor = Cursor::new(raw)?;
        let is_object = cursor.members(|key, value| {
            if value.is_object()
                && let Some(kind) = KINDS.iter().position(|(name, ..)| *name == key)
            {
                event.kinds |= 1 << kind;
            }
            event.member(key, value, &TREE)
        })?;
        if !is_object {
            return Err(Reason::NotAnObject);
        }
        cursor.end()?;
        Ok(event)
    }

    fn member(&mut self, key: &str, value: &mut Cursor<'a>, tree: &Tree<usize>) -> Result<(), Reason> {
        if value.is_object() {
            return match tree.object(key) {
                Some(below) => value.members(|key, value| self.member(key, value, below)).map(drop),
                None => value.skip().map(drop),
            };
        }
        match tree.value(key).and_then(|place| self.values.get_mut(*place)) {
            Some(into) => *into = value.text()?.filter(|text| !text.is_empty()),
            None => drop(value.skip()?),
        }
        Ok(())
    }

    fn get(&self, place: usize) -> Option<&str> {
        self.values.get(place)?.as_deref()
    }

    fn first(&self, places: &[usize]) -> Option<&str> {
        places.iter().find_map(|place| self.get(*place))
    }

    /// The kind of a webhook's event.
    fn kind(&self) -> Option<&'static Kind> {
        KINDS.iter().enumerate().find(|(place, _)| self.kinds & (1 << place) != 0).map(|(_, kind)| kind)
    }

    fn columns(&self) -> Result<Found<'_>, Reason> {
        if let Some(id) = self.get(at!("_document_id")) {
            return Ok(self.audited(id));
        }
        if self.get(at!("sender.login")).is_some() {
            return Ok(self.pushed());
        }
        self.listed().ok_or(Reason::Missing { field: "sender" })
    }

    /// An entry of the audit log.
    fn audited(&self, id: &str) -> Found<'_> {
        Found {
            key: Some(id.to_owned()),
            time: self.get(at!("@timestamp")),
            operation: self.get(at!("action")).unwrap_or("unknown").to_owned(),
            actor: self.get(at!("actor")),
            resource: self.first(&[at!("repo"), at!("org")]),
            verdict: None,
        }
    }

    /// A delivery of a webhook.
    fn pushed(&self) -> Found<'_> {
        let (action, resource) =
            (self.get(at!("action")), self.first(&[at!("repository.full_name"), at!("organization.login")]));
        let found = |time, operation: String, verdict| Found {
            key: None,
            time,
            operation,
            actor: self.get(at!("sender.login")),
            resource,
            verdict,
        };
        let Some((name, times, verdict)) = self.kind() else {
            let is_push = self.get(at!("before")).is_some() && self.get(at!("ref")).is_some();
            return match (is_push, self.get(at!("zen")), action) {
                (true, ..) => found(self.get(at!("repository.pushed_at")), "push".to_owned(), None),
                (_, Some(_), _) => found(None, "ping".to_owned(), None),
                (_, _, action) => found(None, action.unwrap_or("unknown").to_owned(), None),
            };
        };
        let is_merged = *name == "pull_request" && self.get(at!("pull_request.merged")) == Some("true");
        let name = if *name == "review" { "pull_request_review" } else { name };
        let action = match action {
            Some("closed") if is_merged => Some("merged"),
            action => action,
        };
        let operation = action.map_or_else(|| name.to_owned(), |action| [name, ".", action].concat());
        // What happens to a pull request once it is closed does not happen when it was closed.
        let is_closing = matches!(action, Some("merged" | "closed"));
        let times = if name == "pull_request" && !is_closing { &times[2..] } else { *times };
        found(self.first(times), operation, verdict.and_then(|verdict| self.get(verdict)))
    }

    /// What the API lists: a pull request, or a run of a workflow.
    fn listed(&self) -> Option<Found<'_>> {
        let id = self.get(at!("node_id")).or_else(|| self.get(at!("id")))?;
        let updated = self.get(at!("updated_at"));
        if self.get(at!("workflow_id")).is_some() {
            let state = self.first(&[at!("conclusion"), at!("status")]).unwrap_or("unknown");
            let attempt = self.get(at!("run_attempt")).unwrap_or("1");
            return Some(Found {
                key: Some(format!("run/{id}/{attempt}/{state}/{}", updated.unwrap_or_default())),
                time: updated,
                operation: format!("workflow_run.{state}"),
                actor: self.first(&[at!("triggering_actor.login"), at!("actor.login")]),
                resource: self.get(at!("repository.full_name")),
                verdict: self.get(at!("conclusion")),
            });
        }
        self.get(at!("number"))?;
        let merged = self.get(at!("merged_at"));
        let state = if merged.is_some() { "merged" } else { self.get(at!("state")).unwrap_or("unknown") };
        Some(Found {
            key: Some(format!("pull/{id}/{state}/{}", updated.unwrap_or_default())),
            time: merged.or(updated),
            operation: format!("pull_request.{state}"),
            // A list does not say who merged it.
            actor: if merged.is_some() { self.get(at!("merged_by.login")) } else { self.get(at!("user.login")) },
            resource: self.get(at!("base.repo.full_name")),
            verdict: None,
        })
    }
}

/// What an event says, whichever form it has.
struct Found<'a> {
    key: Option<String>,
    time: Option<&'a str>,
    operation: String,
    actor: Option<&'a str>,
    resource: Option<&'a str>,
    verdict: Option<&'a str>,
}

/// OCSF's activity: create, delete, or a change; of what is asked of us only, none.
fn activity(operation: &str) -> i32 {
    match operation.rsplit(['.', '_']).next().unwrap_or_default() {
        "opened" | "created" | "create" | "published" | "submitted" | "add" => 1,
        "deleted" | "delete" | "destroy" | "remove" => 4,
        "ping" | "unknown" => 99,
        _ => 3,
    }
}

impl Source for GitHub {
    fn id(&self) -> &'static str {
        "github"
    }

    fn title(&self) -> &'static str {
        "GitHub"
    }

    fn signatures(&self) -> &'static [Signature] {
        &[
            &[
                &["sender"],
                &["repository", "organization", "installation", "enterprise"],
                &["action", "before", "deployment", "zen"],
            ],
            &[&["_document_id"], &["@timestamp"], &["action"]],
            &[&["workflow_id"], &["run_number"], &["head_sha"]],
            &[&["merged_at"], &["number"], &["head"], &["base"]],
        ]
    }

    fn derive(&self, raw: &[u8], received: Timestamp) -> Result<Columns, Reason> {
        let event = Event::read(raw)?;
        let Found { key, time: stated, operation, actor, resource, verdict } = event.columns()?;
        let (time, time_origin) = match stated {
            None => (received, TimeOrigin::Received),
            Some(text) => time::judged(Timestamp::parse(text).ok().or_else(|| time::epoch(text)), received),
        };
        let is_one = |words: &[&str], verdict: &str| words.iter().any(|word| word.eq_ignore_ascii_case(verdict));
        let (status, error) = match verdict {
            Some(good) if is_one(GOOD, good) => (Outcome::Success, None),
            Some(bad) if is_one(BAD, bad) => (Outcome::Failure, verdict),
            Some(_) => (Outcome::Unknown, None),
            None if operation == "pull_request.merged" => (Outcome::Success, None),
            None => (Outcome::Unknown, None),
        };
        Ok(Columns {
            time,
            time_origin,
            key: key.map(Into::into),
            class_uid: API_ACTIVITY,
            activity_id: activity(&operation),
            severity_id: 1,
            status,
            operation: Some(operation.into()),
            service: Some("github".into()),
            actor: owned(actor.map(Into::into)),
            resource: owned(resource.map(Into::into)),
            error: owned(error.map(Into::into)),
            ..Columns::default()
        })
    }

    fn stream(&self, columns: &Columns) -> String {
        let is_name =
            |text: &&str| text.len() <= 200 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
        match columns.resource.as_deref().filter(is_name) {
            Some(repository) => format!("github/{repository}"),
            None => "github".to_owned(),
        }
    }

    fn fields(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    fn natives(&self) -> &'static [(&'static str, NativeKind)] {
        &[
            ("action", NativeKind::Text),
            ("sender.login", NativeKind::Text),
            ("repository.full_name", NativeKind::Text),
            ("pull_request.number", NativeKind::Whole),
            ("pull_request.title", NativeKind::Text),
            ("pull_request.user.login", NativeKind::Text),
            ("pull_request.merged_by.login", NativeKind::Text),
            ("pull_request.merge_commit_sha", NativeKind::Text),
            ("pull_request.base.ref", NativeKind::Text),
            ("review.state", NativeKind::Text),
            ("review.user.login", NativeKind::Text),
            ("workflow_run.name", NativeKind::Text),
            ("workflow_run.head_sha", NativeKind::Text),
            ("workflow_run.conclusion", NativeKind::Text),
            ("deployment.environment", NativeKind::Text),
            ("deployment.sha", NativeKind::Text),
            ("deployment_status.state", NativeKind::Text),
            ("ref", NativeKind::Text),
            ("after", NativeKind::Text),
            ("actor", NativeKind::Text),
            ("repo", NativeKind::Text),
            ("_document_id", NativeKind::Text),
        ]
    }

    fn product(&self) -> Product {
        Product { name: "GitHub", vendor: Some("GitHub"), ..Product::default() }
    }

    fn example(&self) -> &'static [u8] {
        br#"{"action":"closed","number":7,"pull_request":{"number":7,"title":"Raise the limit","user":{"login":"taro"},"merged":true,"merged_at":"2026-03-05T01:02:03Z","closed_at":"2026-03-05T01:02:03Z","updated_at":"2026-03-05T01:02:04Z","merged_by":{"login":"aiko"},"merge_commit_sha":"4f1f6f2b4c1f0a1c5d5b7b8f7d0a9f6d2e3c4b5a","base":{"ref":"main"}},"repository":{"id":1,"full_name":"octo-org/shop"},"sender":{"login":"aiko","type":"User"}}"#
    }
}

#[cfg(test)]
#[path = "github/tests.rs"]
mod tests;
