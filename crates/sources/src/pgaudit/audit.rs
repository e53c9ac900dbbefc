//! What pgaudit writes behind `AUDIT: `: a row of CSV with quotes doubled inside quotes, which may go over several lines.
//!
//! ```text
//! SESSION,4,1,READ,SELECT,TABLE,public.orders,"select ""a"" from orders",<not logged>
//! type, statement, substatement, class, command, object's type and name, statement, parameters, and rows where they are logged
//! ```

use std::borrow::Cow;

use crate::native::Native;

/// The columns, in their order.
const NAMES: [&str; 10] = [
    "audit_type",
    "statement_id",
    "substatement_id",
    "class",
    "command",
    "object_type",
    "object_name",
    "statement",
    "parameter",
    "rows",
];

/// An audited statement.
#[derive(Debug)]
pub(super) struct Audit<'a> {
    columns: Vec<Cow<'a, str>>,
}

impl<'a> Audit<'a> {
    /// Reads the row; `None` where it is none of pgaudit's.
    pub(super) fn read(mut row: &'a str) -> Option<Self> {
        let mut columns = Vec::with_capacity(NAMES.len());
        loop {
            let (column, rest) = column(row, columns.len() + 1 < NAMES.len());
            columns.push(column);
            match rest {
                Some(rest) => row = rest,
                None => break,
            }
        }
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_audit = matches!(columns.first()?.as_ref(), "SESSION" | "OBJECT")
            && is_number(columns.get(1)?)
            && is_number(columns.get(2)?)
            && !columns.get(4)?.is_empty();
        is_audit.then_some(Self { columns })
    }

    pub(super) fn class(&self) -> &str {
        self.column(3)
    }

    pub(super) fn command(&self) -> &str {
        self.column(4)
    }

    pub(super) fn object(&self) -> &str {
        self.column(6)
    }

    pub(super) fn write(&self, native: &mut Native) {
        for (name, column) in NAMES.iter().zip(&self.columns) {
            match *name {
                "statement_id" | "substatement_id" | "rows" => native.number(name, column),
                _ => native.text(name, &column.replace("\n\t", "\n")),
            }
        }
    }

    fn column(&self, place: usize) -> &str {
        self.columns.get(place).map_or("", AsRef::as_ref)
    }
}

/// The first column of a row, and what stands behind its comma. The last column takes all that is left; a quote that is
/// not closed, because the line was cut, takes it too.
fn column(row: &str, goes_on: bool) -> (Cow<'_, str>, Option<&str>) {
    if !goes_on {
        return (row.into(), None);
    }
    let Some(quoted) = row.strip_prefix('"') else {
        return match row.split_once(',') {
            Some((column, rest)) => (column.into(), Some(rest)),
            None => (row.into(), None),
        };
    };
    let mut from = 0;
    while let Some(quote) =
        quoted.get(from..).and_then(|rest| memchr::memchr(b'"', rest.as_bytes())).map(|at| at + from)
    {
        if quoted.as_bytes().get(quote + 1) == Some(&b'"') {
            from = quote + 2;
            continue;
        }
        let (inside, behind) = (quoted.get(..quote).unwrap_or_default(), quoted.get(quote + 1..).unwrap_or_default());
        return (single(inside), behind.strip_prefix(','));
    }
    (single(quoted), None)
}

fn single(inside: &str) -> Cow<'_, str> {
    if inside.contains("\"\"") { inside.replace("\"\"", "\"").into() } else { inside.into() }
}
