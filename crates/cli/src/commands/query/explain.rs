//! `--explain`: which files a question would read, why it would not read the others, and the plan.

use shoseki_messages::{Fault, Message, Result, msg};
use shoseki_query::{Engine, Explanation, PassedOver, Total};

use super::cost::Paid;
use super::question::{Question, fault};
use crate::context::Context;
use crate::output;

/// How many files are listed for people; JSON has them all.
const LISTED: usize = 20;

/// Prints it.
pub async fn explain(context: &Context, engine: &Engine, question: &Question) -> Result<()> {
    let explained = engine.explanation(&question.text, question.language()).await;
    let explanation = explained.map_err(|failure| fault(context, &question.text, failure))?;
    let paid = Paid::of_explanation(context, engine, question, &explanation).await?;
    if context.json {
        let json = serde_json::to_value(&explanation).map_err(|error| Fault::broken(msg!("cli-json")).because(error));
        let mut json = json?;
        if let Some(paid) = paid {
            json["cost"] = paid.to_json()?;
        }
        return output::json(&json);
    }
    print(context, &explanation);
    paid.map_or(Ok(()), |paid| paid.print(context))
}

fn print(context: &Context, explanation: &Explanation) {
    let (read, all) = (&explanation.read, &explanation.all);
    context.say(&msg!(
        "cli-explain-read",
        files = output::count(read.files),
        of = output::count(all.files),
        bytes = output::bytes(read.bytes),
        all = output::bytes(all.bytes),
        records = output::count(read.records)
    ));
    if explanation.slices > 1 {
        context.say(&msg!("cli-explain-slices", slices = explanation.slices));
    }
    for passed in &explanation.passed_over {
        context.say(&passed_over(context, passed));
    }
    let chosen: Vec<_> = explanation.files.iter().filter(|file| file.passed_over.is_none()).collect();
    if !chosen.is_empty() {
        let head = |id: &str| shoseki_messages::lookup(id, context.lang).unwrap_or_default();
        let heads =
            ["cli-explain-file", "cli-explain-bytes", "cli-explain-records", "cli-explain-first", "cli-explain-last"];
        let mut table = output::table(&heads.map(head));
        for file in chosen.iter().take(LISTED) {
            let (bytes, records) = (output::bytes(file.bytes), output::count(file.records));
            table.add_row([file.path.clone(), bytes, records, file.first.clone(), file.last.clone()]);
        }
        output::line(&table.to_string());
    }
    if chosen.len() > LISTED {
        context.say(&msg!("cli-explain-more", count = chosen.len() - LISTED));
    }
    context.say(&msg!("cli-explain-plan"));
    output::line(explanation.plan.trim_end());
}

fn passed_over(context: &Context, passed: &PassedOver) -> Message {
    let Total { files, bytes, .. } = passed.total;
    let why = shoseki_messages::lookup(&format!("cli-explain-why-{}", passed.why.name()), context.lang);
    msg!(
        "cli-explain-passed-over",
        files = output::count(files),
        bytes = output::bytes(bytes),
        why = why.unwrap_or_else(|| passed.why.name().to_owned())
    )
}
