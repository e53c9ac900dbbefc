//! `anomaly`: which patterns are out of the ordinary. AWS does not say how its own finds them, nor how its columns are
//! called. Ours is arithmetic that a reader can repeat: each pattern's count in the query's time range beside its count
//! in an earlier one, which is that of a `diff` or a `logcompare` before, and else the equal range just before.
//!
//! ```text
//! @anomalyType    new        it was not there before
//!                 surged     at least twice as often, and by more than chance
//!                 vanished   it is gone, and that is more than chance
//!                 dropped    at most half as often, and by more than chance
//!                 rare       at most one event in a thousand, then and now
//! @anomalyScore   √2 · (√now − √before), without its sign: counts that differ by chance alone differ by less than
//!                 three, 997 times in 1,000. Of what is rare, how rare as a power of ten: 3 is one in a thousand.
//! ```

use datafusion::logical_expr::{Expr, lit};
use datafusion::scalar::ScalarValue;
use shoseki_insights::Anomaly;
use shoseki_messages::msg;

use super::pattern::of_value;
use crate::plan::{Planned, Planner, Rows, system};
use crate::values::{Kernel, Row, Value, per_row};

/// From here on a difference is more than chance.
const SURE: f64 = 3.0;
/// So many times as often, or as seldom.
const TIMES: f64 = 2.0;
/// One event in so many is rare.
const RARE: f64 = 1_000.0;

pub(super) fn plan(planner: &mut Planner, _command: &Anomaly) -> Planned<()> {
    if planner.patterns.is_none() && planner.rows == Rows::Events {
        of_value(planner, &system("@message"))?;
    }
    let Some(columns) = planner.patterns.take().filter(|columns| !columns.is_cut) else {
        return Err(planner.note(planner.span(), msg!("query-compare-patterns", name = "anomaly")));
    };
    let nothing = || lit(ScalarValue::Float64(None));
    let (earlier, earlier_total) = match &columns.earlier {
        Some(earlier) => (earlier.as_number(), columns.totals[1].as_number()),
        None => {
            planner.hint(msg!("query-hint-anomaly-range"));
            (nothing(), nothing())
        }
    };
    let arguments = vec![columns.count.as_number(), earlier, columns.totals[0].as_number(), earlier_total];
    let judged = |name, kernel| per_row(name, kernel, arguments.clone());
    let kind = judged("anomalyType", Kernel::Text(|row| Some(of_row(row)?.0.name().to_owned())));
    let score = judged("anomalyScore", Kernel::Number(|row| Some(of_row(row)?.1)));
    let rank = judged("anomalyRank", Kernel::Number(|row| Some(f64::from(of_row(row)?.0 as u8))));
    let computed = planner.compute(&[Value::text(kind), Value::number(score), Value::number(rank)])?;
    let [kind, score, rank] = <[Value; 3]>::try_from(computed).unwrap_or_else(|_| [(); 3].map(|()| Value::missing()));
    if let Some(earlier) = columns.earlier.filter(|_| !columns.is_compared) {
        planner.assign("@previousSampleCount", &earlier);
    }
    planner.assign("@anomalyType", &kind);
    planner.assign("@anomalyScore", &score);
    let pattern = planner.named("@pattern").unwrap_or_else(Value::missing);
    let first = |expr: Expr, ascending| expr.sort(ascending, false);
    planner.order_by(vec![first(rank.expr, true), first(score.expr, false), first(pattern.expr, true)]);
    Ok(())
}

/// What is out of the ordinary, what matters most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    New,
    Surged,
    Vanished,
    Dropped,
    Rare,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Surged => "surged",
            Self::Vanished => "vanished",
            Self::Dropped => "dropped",
            Self::Rare => "rare",
        }
    }
}

fn of_row(row: &Row<'_>) -> Option<(Kind, f64)> {
    let earlier = row.number(1).zip(row.number(3));
    judge((row.number(0)?, row.number(2)?), earlier)
}

/// What is out of the ordinary about a pattern, by its count and that of all, now and before. Where nothing was there
/// before, nothing can be new.
fn judge((count, total): (f64, f64), earlier: Option<(f64, f64)>) -> Option<(Kind, f64)> {
    let earlier = earlier.filter(|(_, total)| *total > 0.0);
    let score = |number: f64| (number * 100.0).round() / 100.0;
    if let Some((before, _)) = earlier {
        let far = std::f64::consts::SQRT_2 * (count.sqrt() - before.sqrt());
        let kind = match () {
            () if before == 0.0 => Some(Kind::New),
            () if far >= SURE && count >= TIMES * before => Some(Kind::Surged),
            () if far <= -SURE && count == 0.0 => Some(Kind::Vanished),
            () if far <= -SURE && TIMES * count <= before => Some(Kind::Dropped),
            () => None,
        };
        if let Some(kind) = kind {
            return Some((kind, score(far.abs())));
        }
    }
    let (before, before_total) = earlier.unwrap_or_default();
    let share = (count + before) / (total + before_total);
    let is_rare = count > 0.0 && share * RARE <= 1.0;
    is_rare.then(|| (Kind::Rare, score(-libm::log10(share))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(count: f64, before: f64) -> Option<(&'static str, f64)> {
        judge((count, 500.0), Some((before, 400.0))).map(|(kind, score)| (kind.name(), score))
    }

    #[test]
    fn counts_that_differ_by_chance_are_nothing() {
        for (count, before) in [(0.0, 4.0), (7.0, 1.0), (15.0, 5.0), (199.0, 100.0), (51.0, 100.0), (2.0, 2.0)] {
            assert_eq!(told(count, before), None, "{count} and {before}");
        }
    }

    #[test]
    fn counts_that_differ_by_more_are_told() {
        assert_eq!(told(1.0, 0.0), Some(("new", 1.41)));
        assert_eq!(told(20.0, 5.0), Some(("surged", 3.16)));
        assert_eq!(told(0.0, 5.0), Some(("vanished", 3.16)));
        assert_eq!(told(50.0, 100.0), Some(("dropped", 4.14)));
    }

    #[test]
    fn what_is_rare_is_so_in_both() {
        assert_eq!(judge((1.0, 1_000.0), None), Some((Kind::Rare, 3.0)));
        assert_eq!(judge((1.0, 999.0), None), None);
        assert_eq!(judge((1.0, 9_000.0), Some((1.0, 11_000.0))), Some((Kind::Rare, 4.0)));
        assert_eq!(judge((1.0, 9_000.0), Some((20.0, 11_000.0))), Some((Kind::Dropped, 4.91)));
    }

    #[test]
    fn where_nothing_was_there_before_nothing_is_new() {
        assert_eq!(judge((5.0, 10.0), Some((0.0, 0.0))), None);
    }
}
