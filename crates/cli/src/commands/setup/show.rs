//! A plan for people, in the way of Terraform, and for programs.

use serde_json::{Value, json};
use shoseki_messages::{Lang, Message, Result, lookup, msg};
use shoseki_setup::{Cost, Item, Outcome, Plan, Prices, Setting, State};

use super::super::check::look::{self, Heard};
use super::super::inventory;
use super::look::Planned;
use super::record::Kept;
use crate::context::Context;
use crate::output;

/// Prints a plan, what speaks where a vault says so, and what is kept of it.
pub(super) fn plan(
    context: &Context,
    planned: &Planned,
    (heard, kept): (Option<&Heard<'_>>, Option<&Kept>),
) -> Result<()> {
    if context.json {
        let speaks = heard.map_or(Value::Null, |heard| inventory::as_json(heard, None, false));
        let mut json = as_json(planned);
        json["evidence"] = speaks;
        if let Some(kept) = kept {
            kept.add_to(&mut json);
        }
        return output::json(&json);
    }
    look::print(context, &planned.seen);
    as_text(context, &planned.plan);
    costs(context, &planned.plan)?;
    if let Some(heard) = heard {
        output::line("");
        context.say(&msg!("cli-setup-evidence"));
        inventory::print(context, heard, None);
    }
    output::line("");
    summary(context, &planned.plan);
    if let Some(new) = kept.and_then(Kept::new_ones) {
        context.say(&msg!("cli-setup-recorded", new = new));
    }
    Ok(())
}

/// Says what comes next.
pub(super) fn next(context: &Context, plan: &Plan) {
    match (plan.is_open(), plan.is_blocked()) {
        (true, _) => context.note(&msg!("cli-setup-next")),
        (false, true) => context.note(&msg!("cli-setup-blocked")),
        (false, false) => context.note(&msg!("cli-setup-nothing")),
    }
}

/// A plan as JSON.
pub(super) fn as_json(planned: &Planned) -> Value {
    let plan = &planned.plan;
    json!({
        "looked": planned.seen.to_json(),
        "items": items(plan),
        "costs": plan.costs.iter().map(cost_json).collect::<Vec<_>>(),
        "to_do": plan.is_open(),
        "cannot": plan.is_blocked(),
    })
}

/// What a plan says of each thing, as JSON: two plans that say the same do the same.
pub(super) fn items(plan: &Plan) -> Value {
    plan.items.iter().map(Item::to_json).collect()
}

/// The settings of each thing, those that are to be done with what is called.
pub(super) fn as_text(context: &Context, plan: &Plan) {
    for item in &plan.items {
        output::line("");
        let mark = match (item.state, item.is_open()) {
            (State::New, true) => '+',
            (_, true) => '~',
            (_, false) => '=',
        };
        let place = format!("{} {}", item.account, item.region);
        output::sentence(&format!("{mark} {} {} ({place})", item.piece, item.name));
        for setting in &item.settings {
            output::sentence(&format!("    {} {}", setting.outcome.mark(), said(setting, context.lang)));
        }
        for by_hand in &item.by_hand {
            output::sentence(&format!("    ! {}", by_hand.text(context.lang)));
        }
        for step in &item.steps {
            output::sentence(&format!("    > {} {}", step.change.kind.name(), step.change.of));
        }
    }
}

fn said(setting: &Setting, lang: Lang) -> String {
    let word = |id: &str| lookup(id, lang).unwrap_or_default();
    let name = &setting.name;
    match &setting.outcome {
        Outcome::Right(is) | Outcome::Create(is) => format!("{name}: {is}"),
        Outcome::Adopt(is) => format!("{name}: {is} ({})", word("cli-setup-adopted")),
        Outcome::Stricter(is) => format!("{name}: {is} ({})", word("cli-setup-stricter")),
        Outcome::Change { from, to } => format!("{name}: {from} → {to}"),
        Outcome::Cannot(why) => format!("{name}: {}", why.text(lang)),
    }
}

fn cost_json(cost: &Cost) -> Value {
    json!({
        "piece": cost.piece, "price": cost.price.id, "usd_a_month": cost.usd(), "count": cost.count, "basis": cost.basis.name(),
        "instead": cost.is_instead,
        "usd": cost.price.usd, "per": cost.price.per, "verified": cost.price.verified, "where": cost.price.place,
    })
}

/// What it costs a month, as a table. What was not read on a page that states it has a mark.
fn costs(context: &Context, plan: &Plan) -> Result<()> {
    if plan.costs.is_empty() {
        return Ok(());
    }
    let word = |id: &str| lookup(id, context.lang).unwrap_or_default();
    let heads =
        ["piece", "what", "count", "price", "month", "basis"].map(|name| word(&format!("cli-setup-cost-{name}")));
    let mut table = output::table(&heads);
    for cost in &plan.costs {
        let mark = if cost.price.verified { "" } else { " *" };
        let price = match cost.price.per {
            per if per > 1.0 => format!("{} / {}{mark}", cost.price.usd, output::count(per as u64)),
            _ => format!("{}{mark}", cost.price.usd),
        };
        let count = if cost.count < 10.0 { format!("{:.1}", cost.count) } else { output::count(cost.count as u64) };
        let what = word(&format!("cli-setup-price-{}", cost.price.id));
        let basis = word(&format!("cli-setup-basis-{}", cost.basis.name()));
        let month = if cost.is_instead { format!("({:.2})", cost.usd()) } else { format!("{:.2}", cost.usd()) };
        table.add_row([cost.piece.to_owned(), what, count, price, month, basis]);
    }
    let prices = Prices::read()?;
    output::line("");
    output::line(&table.to_string());
    let total: f64 = plan.costs.iter().filter(|cost| !cost.is_instead).map(Cost::usd).sum();
    context.say(&msg!("cli-setup-cost-total", usd = format!("{total:.2}"), region = prices.region, day = prices.as_of));
    if plan.costs.iter().any(|cost| !cost.price.verified) {
        context.say(&msg!("cli-setup-cost-unverified"));
    }
    if plan.costs.iter().any(|cost| cost.is_instead) {
        context.say(&msg!("cli-setup-cost-instead"));
    }
    Ok(())
}

/// How much is to be done.
fn summary(context: &Context, plan: &Plan) {
    let counts =
        [('+', "cli-setup-create"), ('~', "cli-setup-change"), ('=', "cli-setup-right"), ('!', "cli-setup-cannot")];
    let counted = counts.map(|(mark, id)| {
        let count = i64::try_from(plan.count(mark)).unwrap_or(i64::MAX);
        Message::new(id).with("count", count).text(context.lang)
    });
    let separator = super::super::check::shown::separator(context.lang);
    context.say(&msg!("cli-setup-summary", counts = counted.join(separator)));
}
