//! The functions: one file each. To add one, write its file and add its name to the list below; help, the planner and
//! the tests read the list.

use chrono_tz::Tz;
use datafusion::logical_expr::{Expr, when};
use shoseki_insights::{Expression, Span};

use crate::plan::{Planned, Planner};
use crate::values::{Kernel, Kind, Value};

/// A function of the language.
pub struct Function {
    /// Its name; functions are known without regard to case.
    pub name: &'static str,
    /// Other names that it answers to.
    pub aliases: &'static [&'static str],
    /// The id of its one-line description in the catalogue of messages.
    pub title: &'static str,
    /// A call, and what it gives for the event of the tests.
    pub example: (&'static str, &'static str),
    pub(crate) least: usize,
    pub(crate) most: Option<usize>,
    pub(crate) body: Body,
}

/// What a function does.
#[derive(Clone, Copy)]
pub(crate) enum Body {
    /// Something with each row: what its arguments are read as (the last one for all further ones), and the computing.
    Rows(&'static [Kind], Kernel),
    /// Something with the plan.
    Plan(fn(&mut Planner, &Call<'_>) -> Planned<Value>),
}

/// A call in a query. The number of arguments has been checked.
pub(crate) struct Call<'q> {
    pub(crate) arguments: &'q [Expression],
    /// Where its name stands.
    pub(crate) span: Span,
}

impl Function {
    /// The name and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    pub(crate) fn answers_to(&self, name: &str) -> bool {
        self.names().any(|known| known.eq_ignore_ascii_case(name))
    }
}

macro_rules! functions {
    ($($title:literal: [$($module:ident),* $(,)?]),* $(,)?) => {
        $($(mod $module;)*)*

        /// Every function, in the order in which help shows them.
        pub const FUNCTIONS: &[Function] = &[$($($module::FUNCTION,)*)*];

        /// The same by what they are about: the id of a title in the catalogue of messages, and its functions.
        pub const FUNCTION_GROUPS: &[(&str, &[Function])] = &[$(($title, &[$($module::FUNCTION),*])),*];
    };
}

functions! {
    "query-functions-general": [
        ispresent,
        coalesce,
        if_,
        case,
        isnumeric,
        isempty,
        isblank,
        unmask,
        messagesize,
        querystarttime,
        queryendtime,
        querytimerange,
    ],
    "query-functions-numbers": [
        abs,
        ceil,
        floor,
        greatest,
        least,
        log,
        round,
        sqrt,
        haversine,
        tonumber,
        toint,
    ],
    "query-functions-text": [
        concat,
        trim,
        ltrim,
        rtrim,
        strlen,
        toupper,
        tolower,
        substr,
        replace,
        strcontains,
        startswith,
        endswith,
        regexreplace,
        split,
        urlencode,
        urldecode,
        base64encode,
        base64decode,
        hextoascii,
        hextodec,
        dectohex,
        md5,
        sha256,
        secrets,
    ],
    "query-functions-json": [
        jsonparse,
        jsonstringify,
        jsonarraysize,
        jsonarraycontains,
    ],
    "query-functions-time": [
        bin,
        datefloor,
        dateceil,
        frommillis,
        tomillis,
        now,
        formatdate,
        parsedate,
    ],
    "query-functions-addresses": [
        isvalidip,
        isvalidipv4,
        isvalidipv6,
        isipinsubnet,
        isipv4insubnet,
        isipv6insubnet,
        isprivateip,
        ispublicip,
        isreservedip,
        ipv4tonumber,
    ],
}

/// Values of perhaps several kinds as one kind: as they are where they agree, else as text.
pub(crate) fn alike(values: &[Value], zone: Tz) -> (Vec<Expr>, Kind) {
    let first = values.first().map_or(Kind::Text, |value| value.kind);
    if values.iter().all(|value| value.kind == first) && first != Kind::Bytes {
        return (values.iter().map(|value| value.as_kind(first, zone)).collect(), first);
    }
    if values.iter().all(Value::is_number) {
        return (values.iter().map(Value::as_text).collect(), Kind::Digits);
    }
    if values.iter().all(Value::has_parts) {
        return (values.iter().map(|value| value.expr.clone()).collect(), Kind::Json);
    }
    (values.iter().map(|value| value.shown().as_text()).collect(), Kind::Text)
}

/// The value of the first condition that holds; the last value where none does.
pub(crate) fn choose(conditions: Vec<Expr>, values: &[Value], zone: Tz) -> Planned<Value> {
    let (exprs, kind) = alike(values, zone);
    let mut exprs = exprs.into_iter();
    let mut pairs = conditions.into_iter().zip(exprs.by_ref());
    let Some((condition, value)) = pairs.next() else { return Ok(Value::missing()) };
    let mut builder = when(condition, value);
    for (condition, value) in pairs {
        builder = builder.when(condition, value);
    }
    let otherwise = exprs.next().unwrap_or_else(|| Value::missing().expr);
    Ok(Value::new(builder.otherwise(otherwise)?, kind))
}
