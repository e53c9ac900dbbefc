//! The tree of a query. Printing it (`Display`) and parsing what was printed gives the same tree.

use crate::{Command, Span};

/// A query: commands in the order in which they run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// The commands that could be read.
    pub steps: Vec<Step>,
}

/// One command and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// From its name to its end.
    pub span: Span,
    /// What it says.
    pub command: Command,
}

/// An expression and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// The place, without parentheses around it.
    pub span: Span,
    /// What it says.
    pub node: Node,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A number, as it was written: `1`, `0.5`, `1e3`; never negative, see [`Node::Negate`].
    Number(String),
    /// A string, its escapes resolved.
    Text(String),
    /// `true` or `false`.
    Boolean(bool),
    /// A regular expression, as an argument of a function.
    Regex(String),
    /// A length of time: `5m`.
    Duration(Duration),
    /// `*`, as in `count(*)`.
    Star,
    /// A field.
    Field(Field),
    /// A function with its arguments; which functions exist is not the grammar's to know.
    Call {
        /// The name as it was written; functions are known without regard to case.
        name: Name,
        /// The arguments.
        arguments: Vec<Expression>,
    },
    /// `x[0]`, `jsonParse(x).a.b[0]`: a part of a map or a list. Behind a field a name is a part of the field, so that
    /// the path of a bare field begins with a place.
    Access {
        /// What is gone into; never itself a part.
        value: Box<Expression>,
        /// How, one after another, at least one.
        path: Vec<Part>,
    },
    /// `-x`
    Negate(Box<Expression>),
    /// `not x`
    Not(Box<Expression>),
    /// `x and y and …`: two or more.
    And(Vec<Expression>),
    /// `x or y or …`: two or more.
    Or(Vec<Expression>),
    /// `x + y`
    Arithmetic(Arithmetic, Box<Expression>, Box<Expression>),
    /// `x = y`
    Compare(Comparison, Box<Expression>, Box<Expression>),
    /// `x in [a, b]`, `x not in [a, b]`
    In {
        /// What is looked for.
        value: Box<Expression>,
        /// Where.
        list: Vec<Expression>,
        /// `not in`
        negated: bool,
    },
    /// `x in (SOURCE … | fields y)`, `x not in (…)`
    InQuery {
        /// What is looked for.
        value: Box<Expression>,
        /// The sub-query whose rows it is looked for in.
        query: Box<Query>,
        /// Where the sub-query stands, with its parentheses.
        query_span: Span,
        /// `not in`
        negated: bool,
    },
    /// `x like "s"`, `x like /re/`, `x =~ /re/`, `x =~ "re"`, `x not like …`
    Like {
        /// What is searched.
        value: Box<Expression>,
        /// What for.
        matcher: Matcher,
        /// Where the pattern stands.
        matcher_span: Span,
        /// `not like`
        negated: bool,
    },
}

/// One step into a map or a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// `.key`, `` .`k.k` ``
    Key(Segment),
    /// `[0]`, the first being 0.
    Place(u32),
}

/// What `like` looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matcher {
    /// A part of the text, letter by letter.
    Text(String),
    /// A regular expression, found anywhere in the text.
    Regex(String),
}

/// An operator of arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `^`, from right to left
    Power,
}

impl Arithmetic {
    /// As it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Power => "^",
        }
    }
}

/// An operator of comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// As it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration {
    /// How many, at least 1.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

/// A unit of time. Days and longer ones follow the calendar of the configured zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `ms`
    Millisecond,
    /// `s`
    Second,
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
    /// `w`, beginning on Monday
    Week,
    /// `mo`
    Month,
    /// `q`
    Quarter,
    /// `y`
    Year,
}

impl Unit {
    /// Every unit with all its names, the short one first.
    pub const ALL: &[(Self, &[&str])] = &[
        (Self::Millisecond, &["ms", "msec", "msecs", "millisecond", "milliseconds"]),
        (Self::Second, &["s", "sec", "secs", "second", "seconds"]),
        (Self::Minute, &["m", "min", "mins", "minute", "minutes"]),
        (Self::Hour, &["h", "hr", "hrs", "hour", "hours"]),
        (Self::Day, &["d", "day", "days"]),
        (Self::Week, &["w", "week", "weeks"]),
        (Self::Month, &["mo", "mon", "mons", "month", "months"]),
        (Self::Quarter, &["q", "qtr", "qtrs", "quarter", "quarters"]),
        (Self::Year, &["y", "yr", "yrs", "year", "years"]),
    ];

    /// The unit of a name, without regard to case.
    pub fn from_name(name: &str) -> Option<Self> {
        let is_it = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        Self::ALL.iter().find(|(_, names)| is_it(names)).map(|(unit, _)| *unit)
    }

    /// The short name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(unit, _)| *unit == self).and_then(|(_, names)| names.first()).copied().unwrap_or("ms")
    }
}

/// A name that was written: an alias, a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// Where it stands.
    pub span: Span,
    /// The name, without backticks.
    pub text: String,
}

/// A field of an event: `@message`, `requestParameters.items.0.id`, `` `event-name` ``, ``a.`b-c`.d``.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Where it stands.
    pub span: Span,
    /// What stands between the dots, at least one.
    pub segments: Vec<Segment>,
}

/// What stands between two dots of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The name, without backticks.
    pub name: String,
    /// Whether it was written in backticks.
    pub quoted: bool,
}

impl Field {
    /// A field of bare segments at no place: defaults, such as `@message`.
    pub fn bare(name: &str) -> Self {
        let segments = name.split('.').map(|name| Segment { name: name.to_owned(), quoted: false }).collect();
        Self { span: Span::default(), segments }
    }

    /// The field at a path behind this one: each key stands for itself, whatever letters it has.
    #[must_use]
    pub fn with_parts(&self, path: &[Part]) -> Self {
        let key = |part: &Part| match part {
            Part::Key(key) => key.name.clone(),
            Part::Place(place) => place.to_string(),
        };
        let keys = self.keys().into_iter().chain(path.iter().map(key));
        Self { span: self.span, segments: keys.map(|name| Segment { name, quoted: true }).collect() }
    }

    /// The name as users know it: the segments with dots between.
    pub fn name(&self) -> String {
        self.segments.iter().map(|segment| segment.name.as_str()).collect::<Vec<_>>().join(".")
    }

    /// The keys that lead to the value, one after another. A field that is one name in backticks is taken apart at its
    /// dots, as AWS does; a quoted segment between others is one key.
    pub fn keys(&self) -> Vec<String> {
        match self.segments.as_slice() {
            [only] => only.name.split('.').map(str::to_owned).collect(),
            segments => segments.iter().map(|segment| segment.name.clone()).collect(),
        }
    }
}

/// An expression, perhaps with a name of its own: `count(*) as n`.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What is computed.
    pub expression: Expression,
    /// What it is called.
    pub alias: Option<Name>,
}

impl Item {
    /// The name of the column: the alias, or the expression as it is printed (`count(*)`, `bin(5m)`).
    pub fn name(&self) -> String {
        match (&self.alias, &self.expression.node) {
            (Some(alias), _) => alias.text.clone(),
            (None, Node::Field(field)) => field.name(),
            (None, _) => self.expression.to_string(),
        }
    }
}

/// A field, or a pattern of names.
#[derive(Clone, Debug, PartialEq)]
pub enum Wildcard {
    /// A field.
    Field(Field),
    /// A pattern: `*` stands for any letters.
    Pattern {
        /// Where it stands.
        span: Span,
        /// As it was written, with its backticks.
        text: String,
    },
}

impl Wildcard {
    /// Whether a name is meant; backticks of a pattern are no part of it.
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Field(field) => field.name() == name,
            Self::Pattern { text, .. } => matches(&text.replace('`', ""), name),
        }
    }
}

/// Whether a pattern with `*` stands for a whole name.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').map_or(("", rest), |(middle, last)| (middle, last));
    for part in middle.split('*') {
        match name.find(part) {
            Some(at) => name = name.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    name.ends_with(last)
}
