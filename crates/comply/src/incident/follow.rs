//! Asking for the trail: a question a hop in the language of CloudWatch Logs Insights, with a literal of each identity, so that the
//! indexes rule files out; who a record is of is then decided field by field.

use shoseki_event::Timestamp;
use shoseki_messages::{Result, msg};
use shoseki_query::{Engine, Options};

use super::scope::{Other, Scope};
use super::seen::Seen;
use super::subject::Subject;
use super::trail::{CANDIDATES, Trail, literal};
use crate::checks::{Query, rows_of};

/// How many literals one question has.
const AT_ONCE: usize = 50;
/// The most resources that others are looked for at.
const RESOURCES: usize = 200;

/// The range that is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end, which is not of it.
    pub to: Timestamp,
}

/// Follows subjects. `engine` gives an engine for what is asked about.
///
/// # Errors
/// What the questions say.
pub async fn follow(engine: impl Fn(Options) -> Engine, subjects: &[Subject], span: Span) -> Result<Trail> {
    let mut trail = Trail::of(subjects);
    let mut asked = 0;
    while asked < trail.identities.len() {
        let hop = asked..trail.identities.len();
        let mut literals = Vec::new();
        for at in hop.clone() {
            let subject = trail.identities[at].subject.clone();
            match literal(&subject) {
                Some(literal) => literals.push(literal.to_owned()),
                None => trail.say(msg!("incident-cut-literal", subject = subject.value)),
            }
        }
        let mut left = CANDIDATES.saturating_sub(trail.candidates);
        let (found, is_cut) = candidates(&engine, &literals, span, &mut left).await?;
        trail.candidates = CANDIDATES - left;
        if is_cut {
            trail.say(msg!("incident-cut-candidates", most = CANDIDATES));
        }
        asked = hop.end;
        trail.take(found, hop);
    }
    Ok(trail)
}

/// What is on the trail by what was done, and who else did the same.
///
/// # Errors
/// What the questions say.
pub async fn scope(engine: impl Fn(Options) -> Engine, trail: &Trail, span: Span) -> Result<Scope> {
    let mut scope = Scope::of(trail);
    let pairs = scope.pairs();
    let mut literals: Vec<String> = Vec::new();
    for (_, resource) in &pairs {
        let subject = Subject::new(super::subject::Kind::Resource, resource.as_str());
        if let Some(literal) = literal(&subject).filter(|literal| literals.iter().all(|known| known != literal)) {
            literals.push(literal.to_owned());
        }
    }
    if literals.len() > RESOURCES {
        literals.truncate(RESOURCES);
        scope.cut.push(msg!("incident-cut-resources", most = RESOURCES));
    }
    let mut left = CANDIDATES;
    let (found, is_cut) = candidates(&engine, &literals, span, &mut left).await?;
    if is_cut {
        scope.cut.push(msg!("incident-cut-candidates", most = CANDIDATES));
    }
    scope.others = Other::all(trail, &pairs, found);
    Ok(scope)
}

/// The records whose text has one of some literals, the earliest first, and whether more had.
async fn candidates(
    engine: &impl Fn(Options) -> Engine,
    literals: &[String],
    span: Span,
    left: &mut usize,
) -> Result<(Vec<Seen>, bool)> {
    let mut all = Vec::new();
    for some in literals.chunks(AT_ONCE) {
        let options = Options { from: Some(span.from), to: Some(span.to), now: Timestamp::now(), ..Options::default() };
        let query = Query { text: question(some, *left + 1).into(), is_sql: false, ..Query::sql("") };
        let rows = rows_of(&engine(options), &query).await?;
        let is_cut = rows.len() > *left;
        all.extend(rows.iter().take(*left).filter_map(Seen::of));
        *left = left.saturating_sub(rows.len());
        if is_cut {
            return Ok((all, true));
        }
    }
    Ok((all, false))
}

fn question(literals: &[String], most: usize) -> String {
    let likes: Vec<String> = literals.iter().map(|literal| format!("@message like \"{literal}\"")).collect();
    format!(
        "filter @kind = \"event\" and ({})\n\
         | fields @timestamp as at, @source as origin, actor.user.name as who, api.operation as action, \
         resources.0.name as what, status as outcome, api.response.error as error, \
         src_endpoint.ip as address, class_uid as class, activity_id as activity, @message as raw, @ptr as record\n\
         | sort at asc\n| limit {most}",
        likes.join(" or ")
    )
}
