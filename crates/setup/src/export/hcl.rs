//! HCL as `terraform fmt` writes it: blocks, attributes whose `=` stand below each other, values over one line or several.
//!
//! ```text
//! resource "aws_s3_bucket" "evidence" {
//!   bucket              = local.evidence_bucket
//!   object_lock_enabled = true
//! }
//! ```

/// The longest list that stands on one line.
const LINE: usize = 100;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    /// As it stands: a reference, a call.
    Code(String),
    /// A text with what is filled into it.
    Text(Vec<Part>),
    /// A list.
    List(Vec<Expression>),
    /// An object, its names as texts.
    Object(Vec<(Vec<Part>, Expression)>),
    /// A function, and what it is given.
    Call(&'static str, Vec<Expression>),
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    /// As it stands.
    Literal(String),
    /// An expression whose value stands there.
    Filled(String),
}

impl Expression {
    pub(crate) fn code(text: impl Into<String>) -> Self {
        Self::Code(text.into())
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(vec![Part::Literal(text.into())])
    }

    pub(crate) fn texts<T: Into<String>>(all: impl IntoIterator<Item = T>) -> Self {
        Self::List(all.into_iter().map(Self::text).collect())
    }

    /// An object whose names are words.
    pub(crate) fn object<const N: usize>(all: [(&str, Self); N]) -> Self {
        let named = |(name, value): (&str, Self)| (vec![Part::Literal(name.to_owned())], value);
        Self::Object(all.into_iter().map(named).collect())
    }

    /// A document of JSON.
    pub(crate) fn json(self) -> Self {
        Self::Call("jsonencode", vec![self])
    }

    /// On one line, where it may stand on one.
    fn inline(&self) -> Option<String> {
        match self {
            Self::Code(code) => (!code.contains('\n')).then(|| code.clone()),
            Self::Text(parts) => Some(quoted(parts)),
            Self::List(all) => {
                let all: Option<Vec<String>> = all.iter().map(Self::inline).collect();
                let line = format!("[{}]", all?.join(", "));
                (line.len() <= LINE).then_some(line)
            }
            Self::Object(all) => all.is_empty().then(|| "{}".to_owned()),
            Self::Call(name, all) => {
                let all: Option<Vec<String>> = all.iter().map(Self::inline).collect();
                let line = format!("{name}({})", all?.join(", "));
                (line.len() <= LINE).then_some(line)
            }
        }
    }

    fn write(&self, lines: &mut Lines, before: &str, after: &str) {
        if let Some(line) = self.inline() {
            return lines.assigned(before, &format!("{line}{after}"));
        }
        match self {
            Self::Code(code) => {
                let all: Vec<&str> = code.lines().collect();
                for (index, line) in all.iter().enumerate() {
                    let before = if index == 0 { before } else { "" };
                    let after = if index + 1 == all.len() { after } else { "" };
                    lines.line(format!("{before}{line}{after}"));
                }
            }
            Self::Text(parts) => lines.line(format!("{before}{}{after}", quoted(parts))),
            Self::List(all) => lines.within(format!("{before}["), format!("]{after}"), |lines| {
                all.iter().for_each(|one| one.write(lines, "", ","));
            }),
            Self::Object(all) => lines.within(format!("{before}{{"), format!("}}{after}"), |lines| {
                all.iter().for_each(|(name, one)| one.write(lines, &format!("{} = ", member(name)), ""));
            }),
            // What a function is given opens on its line: `jsonencode({`.
            Self::Call(name, all) if all.len() == 1 => {
                all.iter().for_each(|one| one.write(lines, &format!("{before}{name}("), &format!("){after}")));
            }
            Self::Call(name, all) => lines.within(format!("{before}{name}("), format!("){after}"), |lines| {
                for (index, one) in all.iter().enumerate() {
                    one.write(lines, "", if index + 1 < all.len() { "," } else { "" });
                }
            }),
        }
    }
}

/// A text between quotation marks, with what HCL would take for more than a letter escaped.
fn quoted(parts: &[Part]) -> String {
    let mut text = String::from("\"");
    for part in parts {
        match part {
            Part::Filled(code) => text.push_str(&format!("${{{code}}}")),
            Part::Literal(literal) => {
                let escaped = literal.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
                text.push_str(&escaped.replace("${", "$${").replace("%{", "%%{"));
            }
        }
    }
    text.push('"');
    text
}

/// The name of an object's member: a word as it stands, all else between quotation marks.
fn member(name: &[Part]) -> String {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    match name {
        [Part::Literal(word)] if is_word(word) => word.clone(),
        parts => quoted(parts),
    }
}

/// A block.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// What stands above it.
    comment: Vec<String>,
    head: String,
    body: Vec<Entry>,
}

#[derive(Clone, Debug)]
enum Entry {
    Attribute(String, Expression),
    Block(Block),
    Comment(String),
    Gap,
}

impl Block {
    /// A block of a kind with its labels.
    pub(crate) fn new(kind: &str, labels: &[&str]) -> Self {
        let labels: String = labels.iter().map(|label| format!(" \"{label}\"")).collect();
        Self { comment: Vec::new(), head: format!("{kind}{labels}"), body: Vec::new() }
    }

    /// A resource.
    pub(crate) fn resource(kind: &str, label: &str) -> Self {
        Self::new("resource", &[kind, label])
    }

    /// Its kind and its labels: `resource "aws_kms_key" "evidence"`.
    pub(crate) fn head(&self) -> &str {
        &self.head
    }

    /// Whether it is a resource of a kind.
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.head.starts_with(&format!("resource \"{kind}\" "))
    }

    /// Says something above it.
    pub(crate) fn about(mut self, line: impl Into<String>) -> Self {
        self.comment.push(line.into());
        self
    }

    /// An attribute.
    pub(crate) fn set(mut self, name: &str, value: Expression) -> Self {
        self.body.push(Entry::Attribute(name.to_owned(), value));
        self
    }

    /// An attribute that is code.
    pub(crate) fn code(self, name: &str, code: impl Into<String>) -> Self {
        self.set(name, Expression::Code(code.into()))
    }

    /// An attribute that is a text.
    pub(crate) fn text(self, name: &str, text: impl Into<String>) -> Self {
        self.set(name, Expression::text(text))
    }

    /// Says something at its head, within it.
    pub(crate) fn remarked(&mut self, lines: Vec<String>) {
        if !lines.is_empty() {
            let lines = lines.into_iter().map(Entry::Comment).chain([Entry::Gap]);
            self.body.splice(0..0, lines);
        }
    }

    /// A block in it, after an empty line.
    pub(crate) fn block(mut self, block: Block) -> Self {
        if !self.body.is_empty() {
            self.body.push(Entry::Gap);
        }
        self.body.push(Entry::Block(block));
        self
    }

    /// Attributes that stand apart from those before.
    pub(crate) fn apart(mut self) -> Self {
        self.body.push(Entry::Gap);
        self
    }

    /// Changes it where something is asked for.
    pub(crate) fn when(self, is: bool, change: impl FnOnce(Self) -> Self) -> Self {
        if is { change(self) } else { self }
    }

    /// What it must come after.
    pub(crate) fn after(self, all: &[String]) -> Self {
        let all = all.iter().map(Expression::code).collect();
        self.apart().set("depends_on", Expression::List(all))
    }

    fn write(&self, lines: &mut Lines) {
        for line in &self.comment {
            lines.line(format!("# {line}").trim_end().to_owned());
        }
        if self.body.is_empty() {
            return lines.line(format!("{} {{}}", self.head));
        }
        lines.within(format!("{} {{", self.head), "}".to_owned(), |lines| {
            for entry in &self.body {
                match entry {
                    Entry::Attribute(name, value) => value.write(lines, &format!("{name} = "), ""),
                    Entry::Block(block) => block.write(lines),
                    Entry::Comment(comment) => lines.line(comment.clone()),
                    Entry::Gap => lines.line(String::new()),
                }
            }
        });
    }
}

/// The text of a file: what stands at its head, and blocks with an empty line between them.
pub(crate) fn file(head: &str, blocks: &[Block]) -> String {
    let mut lines = Lines::default();
    head.lines().for_each(|line| lines.line(line.to_owned()));
    for block in blocks {
        lines.line(String::new());
        block.write(&mut lines);
    }
    lines.text()
}

/// An expression as it stands in a file, over several lines where it must.
pub(crate) fn expression(value: &Expression) -> String {
    let mut lines = Lines::default();
    value.write(&mut lines, "", "");
    lines.text().trim_end().to_owned()
}

/// Lines as they are written.
#[derive(Default)]
struct Lines {
    depth: usize,
    lines: Vec<Line>,
}

struct Line {
    depth: usize,
    text: String,
    /// Where the `=` of an attribute is whose value ends on the line.
    equals: Option<usize>,
}

impl Lines {
    fn line(&mut self, text: String) {
        self.lines.push(Line { depth: self.depth, text, equals: None });
    }

    /// A line whose `=` stands below those around it.
    fn assigned(&mut self, before: &str, rest: &str) {
        let name = before.strip_suffix("= ").map(str::trim_end);
        let equals = name.map(|name| name.chars().count());
        let text = match name {
            Some(name) => format!("{name} = {rest}"),
            None => format!("{before}{rest}"),
        };
        self.lines.push(Line { depth: self.depth, text, equals });
    }

    fn within(&mut self, open: String, close: String, write: impl FnOnce(&mut Self)) {
        self.line(open);
        self.depth += 1;
        write(self);
        self.depth -= 1;
        self.line(close);
    }

    fn text(self) -> String {
        let mut text = String::new();
        let mut rest = self.lines.as_slice();
        while let Some(first) = rest.first() {
            let run = rest.iter().take_while(|line| line.equals.is_some()).count();
            let (here, after) = rest.split_at(run.max(1));
            let width = here.iter().filter_map(|line| line.equals).max().unwrap_or(0);
            for line in here {
                if !line.text.is_empty() {
                    text.push_str(&"  ".repeat(first.depth));
                }
                match line.equals {
                    Some(at) => {
                        let name: String = line.text.chars().take(at).collect();
                        let rest: String = line.text.chars().skip(at).collect();
                        text.push_str(&format!("{name:<width$}{rest}"));
                    }
                    None => text.push_str(&line.text),
                }
                text.push('\n');
            }
            rest = after;
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_signs_stand_below_each_other_where_lines_do() {
        let block = Block::resource("a", "b")
            .about("Why.")
            .text("name", "x \"${y}\"")
            .set(
                "policy",
                Expression::object([
                    ("Sid", Expression::text("A")),
                    ("aws:SourceArn", Expression::texts(["b"])),
                    (
                        "Statement",
                        Expression::List(vec![Expression::object([(
                            "Effect",
                            Expression::Text(vec![Part::Filled("var.x".to_owned()), Part::Literal("/*".to_owned())]),
                        )])]),
                    ),
                ])
                .json(),
            )
            .code("long_name", "1")
            .code("x", "true")
            .block(Block::new("lifecycle", &[]).code("prevent_destroy", "true"));
        let expected = r#"# Head.

# Why.
resource "a" "b" {
  name = "x \"$${y}\""
  policy = jsonencode({
    Sid             = "A"
    "aws:SourceArn" = ["b"]
    Statement = [
      {
        Effect = "${var.x}/*"
      },
    ]
  })
  long_name = 1
  x         = true

  lifecycle {
    prevent_destroy = true
  }
}
"#;
        assert_eq!(file("# Head.", &[block]), expected);
    }
}
