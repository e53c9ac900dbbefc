//! `shoseki retention tier`: in which storage classes a vault's bucket lies by age, what a rule of its life cycle would move, and what
//! is paid. It changes nothing unless it is asked to, and then it adds rules to those that are there.

use std::io::{BufRead, IsTerminal, Write};

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, lookup, msg};
use shoseki_segment::layout::MARKER;
use shoseki_setup::tiering::{
    self, AGES, Class, Deed, Estimate, Lying, Merged, Of, Paid, Reach, Rule, Span, Stored, Survey, Tariff, Total, Wish,
};

use crate::access::{Access, Recorded};
use crate::context::Context;
use crate::storage::{self, Bucket};
use crate::{Exit, output};

/// The forms in which a life cycle is printed for others.
const FORMS: [&str; 2] = ["aws", "terraform"];

pub(super) fn command() -> Command {
    Command::new("tier")
        .arg(Arg::new("after").long("after").value_name("DAYS").requires("storage-class"))
        .arg(Arg::new("storage-class").long("storage-class").value_name("CLASS").requires("after"))
        .arg(Arg::new("as").long("as").value_name("FORM").value_parser(FORMS).requires("after"))
        .arg(Arg::new("apply").long("apply").action(ArgAction::SetTrue).requires("after").conflicts_with("as"))
        .arg(Arg::new("yes").long("yes").action(ArgAction::SetTrue).requires("apply"))
}

/// What is known of a vault's bucket.
struct Seen {
    bucket: Bucket,
    objects: Vec<Stored>,
    survey: Survey,
    life_cycle: Value,
    rules: Vec<Rule>,
    tariff: Tariff,
    paid: Paid,
    now: Timestamp,
}

/// What is proposed.
struct Proposed {
    wish: Wish,
    estimate: Estimate,
    merged: Merged,
    /// The retention classes whose files expire before they have lain there for as long as they are paid, each with its months.
    short: Vec<(String, u32)>,
}

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit> {
    let wish = wish(matches)?;
    let seen = Seen::of(context).await?;
    let proposed = match wish {
        Some(wish) => Some(Proposed::of(&seen, wish, short(context, wish).await)?),
        None => None,
    };
    match (&proposed, matches.get_one::<String>("as").map(String::as_str)) {
        (Some(proposed), Some("aws")) => {
            output::json(&tiering::for_aws(&proposed.merged.life_cycle))?;
            return Ok(Exit::Done);
        }
        (Some(proposed), Some(_)) => {
            output::print(tiering::terraform(&seen.bucket.name, &proposed.merged.life_cycle)?.as_bytes());
            return Ok(Exit::Done);
        }
        _ => {}
    }
    let is_applied = matches.get_flag("apply");
    if !context.json {
        print(context, &seen, proposed.as_ref())?;
    }
    let applied = match &proposed {
        Some(proposed) if is_applied => apply(context, &seen, proposed, matches.get_flag("yes")).await?,
        _ => None,
    };
    if context.json {
        output::json(&as_json(&seen, proposed.as_ref(), applied)?)?;
    }
    Ok(Exit::Done)
}

/// `--after 90d --storage-class glacier-ir`.
fn wish(matches: &ArgMatches) -> Result<Option<Wish>> {
    let Some(after) = matches.get_one::<String>("after") else { return Ok(None) };
    let days = after.strip_suffix('d').unwrap_or(after).parse::<u64>();
    let days = days.map_err(|_| Fault::caller(msg!("tier-after-unreadable", text = after.as_str())))?;
    let class = matches.get_one::<String>("storage-class").map(String::as_str).unwrap_or_default();
    Wish::new(days, class).map(Some)
}

/// The retention classes that are shorter than a file is paid for. Who has not the vault's keys does not see its policy, and is told of none.
async fn short(context: &Context, wish: Wish) -> Vec<(String, u32)> {
    const SHORTEST_MONTH: u64 = 28;
    let Ok(vault) = context.open().await else { return Vec::new() };
    let Ok(snapshot) = vault.snapshot().await else { return Vec::new() };
    let periods = super::periods(&snapshot).unwrap_or_default();
    let days = wish.after + wish.class.least_days;
    let known = periods.into_iter().filter_map(|(class, months)| months.map(|months| (class, months)));
    known.filter(|(_, months)| u64::from(*months) * SHORTEST_MONTH < days).collect()
}

impl Seen {
    async fn of(context: &Context) -> Result<Self> {
        let url = context.url()?;
        let (bucket, tariff, now) = (Bucket::need(url).await?, Tariff::read()?, Timestamp::now());
        let objects = bucket.stored("").await?;
        if objects.iter().all(|object| object.name != MARKER) {
            return Err(Fault::caller(msg!("tier-no-vault", url = url)));
        }
        let life_cycle = bucket.classes.life_cycle().await?.unwrap_or(Value::Null);
        let rules = tiering::rules(&life_cycle, &bucket.place);
        let survey = Survey::of(&objects, now);
        let paid = Paid::of(&survey, &tariff)?;
        Ok(Self { bucket, objects, survey, life_cycle, rules, tariff, paid, now })
    }

    /// The classes that something lies in, or would.
    fn classes<'c>(&'c self, proposed: Option<&'c Proposed>) -> impl Iterator<Item = &'c str> {
        self.survey.all().map(|lying| lying.class.as_str()).chain(proposed.map(|proposed| proposed.wish.class.name))
    }
}

impl Proposed {
    fn of(seen: &Seen, wish: Wish, short: Vec<(String, u32)>) -> Result<Self> {
        let estimate = Estimate::of(&seen.objects, wish, &seen.tariff, seen.now)?;
        let merged = tiering::merged(&seen.life_cycle, &seen.bucket.place, wish)?;
        Ok(Self { wish, estimate, merged, short })
    }
}

fn as_json(seen: &Seen, proposed: Option<&Proposed>, applied: Option<bool>) -> Result<Value> {
    let mut json = json!({
        "bucket": seen.bucket.name, "prefix": seen.bucket.place, "ages": AGES, "files": seen.survey.files,
        "others": seen.survey.others, "rules": seen.rules, "paid": seen.paid,
        "prices": seen.tariff.to_json(Of::All, seen.classes(proposed))?,
    });
    if let Some(Proposed { wish, estimate, merged, short }) = proposed {
        let life_cycle = &merged.life_cycle;
        json["proposed"] = json!({
            "after_days": wish.after, "class": wish.class.name, "estimate": estimate, "rules": merged.ids,
            "is_there": merged.is_there, "expires_too_soon": short.iter().map(|(class, _)| class).collect::<Vec<_>>(), "life_cycle": tiering::for_aws(life_cycle),
            "transition_default_minimum_object_size": tiering::smallest(life_cycle),
            // Where a rule of somebody's says more than there are words for, there is none.
            "terraform": tiering::terraform(&seen.bucket.name, life_cycle).ok(), "applied": applied,
        });
    }
    Ok(json)
}

fn print(context: &Context, seen: &Seen, proposed: Option<&Proposed>) -> Result<()> {
    let word = |id: &str| lookup(id, context.lang).unwrap_or_default();
    let mut heads = vec![word("cli-tier-class"), word("cli-tier-what")];
    heads.extend(AGES.map(|days| msg!("cli-tier-younger", days = days).text(context.lang)));
    heads.extend([word("cli-tier-older"), word("cli-tier-all")]);
    let mut table = output::table(&heads);
    for (what, all) in [("cli-tier-evidence", &seen.survey.files), ("cli-tier-others", &seen.survey.others)] {
        for Lying { class, all, ages } in all {
            let cells = ages.iter().chain([all]).map(|total| counted(*total));
            table.add_row([class.clone(), word(what)].into_iter().chain(cells));
        }
    }
    output::line(&table.to_string());
    for lying in seen.survey.archived() {
        let files = output::count(lying.all.files);
        context.say(&msg!("cli-tier-archived", class = lying.class.as_str(), files = files));
    }
    for rule in &seen.rules {
        say_rule(context, rule);
    }
    match proposed {
        Some(proposed) => print_proposed(context, seen, proposed),
        None => context.say(&msg!(
            "cli-tier-paid",
            month = span(seen.paid.month),
            verify = storage::dollars(seen.paid.verify),
            deep = storage::dollars(seen.paid.verify_deep)
        )),
    }
    storage::say_prices(context, &seen.tariff, Of::All, seen.classes(proposed))?;
    context.say(&msg!("cli-tier-uncounted"));
    Ok(())
}

fn counted(total: Total) -> String {
    match total.files {
        0 => String::new(),
        files => format!("{} ({})", output::count(files), output::bytes(total.bytes)),
    }
}

fn span(span: Span) -> String {
    let (least, most) = (storage::dollars(span.least), storage::dollars(span.most));
    if least == most { most } else { format!("{least} – {most}") }
}

fn say_rule(context: &Context, rule: &Rule) {
    for deed in &rule.deeds {
        let after = match deed {
            Deed::Moves { after, .. } | Deed::Expires { after } => after.map(|days| days.to_string()),
        };
        let after = after.unwrap_or_else(|| lookup("cli-tier-on-a-date", context.lang).unwrap_or_default());
        let reach = match rule.reach {
            Reach::All => "cli-tier-reach-all",
            Reach::Some | Reach::None => "cli-tier-reach-some",
        };
        let reach = lookup(reach, context.lang).unwrap_or_default();
        let id = rule.id.as_str();
        let said = match (deed, rule.is_on) {
            (_, false) => msg!("cli-tier-rule-off", rule = id),
            (Deed::Moves { class, .. }, _) if deed.is_harm() => {
                msg!("cli-tier-rule-archives", rule = id, reach = reach, class = class.as_str(), after = after)
            }
            (Deed::Moves { class, .. }, _) => {
                msg!("cli-tier-rule-moves", rule = id, reach = reach, class = class.as_str(), after = after)
            }
            (Deed::Expires { .. }, _) => msg!("cli-tier-rule-expires", rule = id, reach = reach, after = after),
        };
        context.say(&said);
    }
}

fn print_proposed(context: &Context, seen: &Seen, proposed: &Proposed) {
    let Proposed { wish, estimate, merged, short } = proposed;
    let word = |id: &str| lookup(id, context.lang).unwrap_or_default();
    context.say(&msg!("cli-tier-would-move", class = wish.class.name, days = wish.after));
    let mut table = output::table(&[word("cli-tier-what"), word("cli-tier-files")]);
    for (id, total) in [
        ("cli-tier-moves", estimate.moves),
        ("cli-tier-not-old", estimate.younger),
        ("cli-tier-small", estimate.small),
        ("cli-tier-stays", estimate.stays),
    ] {
        table.add_row([word(id), counted(total)]);
    }
    output::line(&table.to_string());
    let mut table = output::table(&["cli-tier-what", "cli-tier-now", "cli-tier-then"].map(word));
    let both = |of: fn(&Paid) -> String| [of(&estimate.now), of(&estimate.then)];
    for (id, [now, then]) in [
        ("cli-tier-month", both(|paid| span(paid.month))),
        ("cli-tier-verify", both(|paid| storage::dollars(paid.verify))),
        ("cli-tier-verify-deep", both(|paid| storage::dollars(paid.verify_deep))),
    ] {
        table.add_row([word(id), now, then]);
    }
    output::line(&table.to_string());
    context.say(&msg!("cli-tier-once", usd = storage::dollars(estimate.once)));
    match estimate.months_until_paid {
        Some(months) => context.say(&msg!("cli-tier-pays", months = format!("{months:.1}"))),
        None if estimate.moves.files > 0 => context.say(&msg!("cli-tier-pays-not")),
        None => {}
    }
    say_terms(context, wish.class);
    for (class, months) in short {
        let days = wish.after + wish.class.least_days;
        context.say(&msg!("cli-tier-short", class = class.as_str(), months = *months, days = days));
    }
    if merged.is_there {
        context.say(&msg!("cli-tier-is-there", rules = merged.ids.join(", ")));
        return;
    }
    // The words that print the rules, and put them.
    let vault = output::quoted(context.url().unwrap_or_default());
    let asked = format!("retention tier --after {}d --storage-class {} --vault {vault}", wish.after, wish.class.word);
    let smallest = tiering::smallest(&merged.life_cycle);
    let smallest = smallest.map(|size| format!(" --transition-default-minimum-object-size {size}")).unwrap_or_default();
    context.say(&msg!("cli-tier-how", asked = asked, bucket = seen.bucket.name.as_str(), smallest = smallest));
}

/// What a class has of its own that a table does not tell.
fn say_terms(context: &Context, class: &Class) {
    if class.least_days > 0 {
        context.say(&msg!("cli-tier-least-days", class = class.name, days = class.least_days));
    }
    if class.is_in_one_zone {
        context.say(&msg!("cli-tier-one-zone", class = class.name));
    }
    if class.name == "INTELLIGENT_TIERING" {
        context.say(&msg!("cli-tier-intelligent"));
    }
}

/// Puts the rules beside those that are there, where a person says so. `None` where that is not wanted, or there is nothing to do.
async fn apply(context: &Context, seen: &Seen, proposed: &Proposed, is_yes: bool) -> Result<Option<bool>> {
    let Proposed { wish, merged, .. } = proposed;
    if merged.is_there {
        return Ok(Some(false));
    }
    let vault = context.open().await?;
    if !is_yes && !is_wanted(context, seen)? {
        return Ok(None);
    }
    let access = Access::new("retention.tier")
        .with("bucket", seen.bucket.name.as_str())
        .with("prefix", seen.bucket.place.as_str())
        .with("class", wish.class.name)
        .with("after_days", wish.after)
        .with("rules", merged.ids.clone());
    let recorded = Recorded::begin(context, &vault, access).await?;
    recorded.ended(put(seen, proposed).await.map(|()| Exit::Done))?;
    if !context.json {
        context.say(&msg!("cli-tier-applied", rules = merged.ids.join(", ")));
    }
    Ok(Some(true))
}

async fn put(seen: &Seen, proposed: &Proposed) -> Result<()> {
    let classes = &seen.bucket.classes;
    // Who puts a life cycle puts all of it: what somebody else changed while it was asked about would be gone.
    if classes.life_cycle().await?.unwrap_or(Value::Null) != seen.life_cycle {
        return Err(Fault::caller(msg!("tier-changed", bucket = seen.bucket.name.as_str())));
    }
    classes.put_life_cycle(&proposed.merged.life_cycle).await?;
    let now = classes.life_cycle().await?.unwrap_or(Value::Null);
    match tiering::merged(&now, &seen.bucket.place, proposed.wish)?.is_there {
        true => Ok(()),
        false => Err(Fault::world(msg!("tier-not-there", bucket = seen.bucket.name.as_str()))),
    }
}

fn is_wanted(context: &Context, seen: &Seen) -> Result<bool> {
    if context.json || !std::io::stdin().is_terminal() {
        return Err(Fault::caller(msg!("cli-retention-not-asked")));
    }
    output::aside(&msg!("cli-tier-ask", bucket = seen.bucket.name.as_str()).text(context.lang));
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    Ok(read.is_ok() && matches!(answer.trim(), "yes" | "はい"))
}
