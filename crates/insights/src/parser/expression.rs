//! Expressions, by precedence climbing: `or`, `and`, `not`, comparisons, sums, products, minus, powers.

use shoseki_messages::msg;

use super::{MAX_DEPTH, Parser, Read};
use crate::lexer::Kind;
use crate::{Arithmetic, Comparison, Duration, Expression, Matcher, Name, Node, Part, Span, Unit};

/// An expression and how deep it is: chains from the left grow deep without recursion of the parser, and every later
/// walk over the tree is recursive.
struct Built {
    expression: Expression,
    height: usize,
}

impl Built {
    fn leaf(span: Span, node: Node) -> Self {
        Self { expression: Expression { span, node }, height: 1 }
    }
}

/// A comparing operator, read but for its right side.
enum Comparing {
    With(Comparison),
    In { negated: bool },
    Like { negated: bool },
    Matches,
}

impl Parser<'_> {
    /// An expression, whole.
    pub(crate) fn expression(&mut self) -> Read<Expression> {
        self.or().map(|built| built.expression)
    }

    fn or(&mut self) -> Read<Built> {
        self.chain("or", Self::and, Node::Or)
    }

    fn and(&mut self) -> Read<Built> {
        self.chain("and", Self::not, Node::And)
    }

    /// `x word y word z`, flat, so that a long list of alternatives is not deep.
    fn chain(
        &mut self,
        word: &str,
        operand: fn(&mut Self) -> Read<Built>,
        node: fn(Vec<Expression>) -> Node,
    ) -> Read<Built> {
        let first = operand(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let mut height = first.height;
        let mut operands = vec![first.expression];
        while self.take_word(word) {
            let next = operand(self)?;
            height = height.max(next.height);
            operands.push(next.expression);
        }
        let start = operands.first().map(|first| first.span).unwrap_or_default();
        self.built(start, node(operands), height)
    }

    /// A node whose deepest part has this height, ending with the token that was read last.
    fn built(&mut self, start: Span, node: Node, height: usize) -> Read<Built> {
        let span = start.to(self.previous_span());
        if height >= MAX_DEPTH {
            return Err(self.fail(span, msg!("insights-too-deep", limit = MAX_DEPTH)));
        }
        Ok(Built { expression: Expression { span, node }, height: height + 1 })
    }

    /// Runs a reader one level deeper.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fail(self.next().span, msg!("insights-too-deep", limit = MAX_DEPTH)));
        }
        self.depth += 1;
        let result = read(self);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    fn not(&mut self) -> Read<Built> {
        let start = self.next().span;
        if !self.take_word("not") {
            return self.comparison();
        }
        let inner = self.deeper(Self::not)?;
        self.built(start, Node::Not(Box::new(inner.expression)), inner.height)
    }

    fn comparison(&mut self) -> Read<Built> {
        let mut left = self.arithmetic(0)?;
        while let Some(comparing) = self.comparing()? {
            let start = left.expression.span;
            let value = Box::new(left.expression);
            left = match comparing {
                Comparing::With(sign) => {
                    let right = self.arithmetic(0)?;
                    let height = left.height.max(right.height);
                    self.built(start, Node::Compare(sign, value, Box::new(right.expression)), height)?
                }
                Comparing::In { negated } if self.is_subquery_of_in() => {
                    let (query, query_span) = self.subquery()?;
                    let query = Box::new(query);
                    self.built(start, Node::InQuery { value, query, query_span, negated }, left.height)?
                }
                Comparing::In { negated } => {
                    let (list, height) = self.deeper(Self::bracketed)?;
                    self.built(start, Node::In { value, list, negated }, height.max(left.height))?
                }
                Comparing::Matches => {
                    let (matcher, matcher_span) = self.matcher()?;
                    let matcher = as_regex(matcher);
                    let node = Node::Like { value, matcher, matcher_span, negated: false };
                    self.built(start, node, left.height)?
                }
                Comparing::Like { negated } => {
                    let (matcher, matcher_span) = self.matcher()?;
                    self.built(start, Node::Like { value, matcher, matcher_span, negated }, left.height)?
                }
            };
        }
        Ok(left)
    }

    fn comparing(&mut self) -> Read<Option<Comparing>> {
        let sign = match self.next().kind {
            Kind::Equal => Comparison::Equal,
            Kind::NotEqual => Comparison::NotEqual,
            Kind::Less => Comparison::Less,
            Kind::LessOrEqual => Comparison::LessOrEqual,
            Kind::Greater => Comparison::Greater,
            Kind::GreaterOrEqual => Comparison::GreaterOrEqual,
            Kind::Matches => {
                self.advance();
                return Ok(Some(Comparing::Matches));
            }
            Kind::Word => return self.comparing_word(),
            _ => return Ok(None),
        };
        self.advance();
        Ok(Some(Comparing::With(sign)))
    }

    fn comparing_word(&mut self) -> Read<Option<Comparing>> {
        let negated = self.take_word("not");
        if self.take_word("like") {
            Ok(Some(Comparing::Like { negated }))
        } else if self.take_word("in") {
            Ok(Some(Comparing::In { negated }))
        } else if negated {
            Err(self.unexpected("like-or-in"))
        } else {
            Ok(None)
        }
    }

    fn bracketed(&mut self) -> Read<(Vec<Expression>, usize)> {
        if self.next().kind == Kind::Open {
            return Err(self.unexpected("list"));
        }
        self.expect(Kind::OpenList, "list")?;
        let (list, height) = self.expressions(Kind::CloseList)?;
        self.expect(Kind::CloseList, "comma-or-list-end")?;
        Ok((list, height))
    }

    /// None or more expressions up to a closing token.
    fn expressions(&mut self, close: Kind) -> Read<(Vec<Expression>, usize)> {
        if self.next().kind == close {
            return Ok((Vec::new(), 0));
        }
        let built = self.list(Self::or)?;
        let height = built.iter().map(|one| one.height).max().unwrap_or(0);
        Ok((built.into_iter().map(|one| one.expression).collect(), height))
    }

    fn matcher(&mut self) -> Read<(Matcher, Span)> {
        match self.next().kind {
            Kind::Slash => self.regex().map(|(pattern, span)| (Matcher::Regex(pattern), span)),
            Kind::Text => self.text().map(|(text, span)| (Matcher::Text(text), span)),
            _ => Err(self.unexpected("pattern")),
        }
    }

    /// Sums (level 0) of products (level 1) of minus and powers.
    fn arithmetic(&mut self, level: usize) -> Read<Built> {
        if level > 1 {
            return self.minus();
        }
        let mut left = self.arithmetic(level + 1)?;
        while let Some(sign) = arithmetic_sign(self.next().kind, level) {
            self.advance();
            let right = self.arithmetic(level + 1)?;
            let start = left.expression.span;
            let height = left.height.max(right.height);
            let node = Node::Arithmetic(sign, Box::new(left.expression), Box::new(right.expression));
            left = self.built(start, node, height)?;
        }
        Ok(left)
    }

    /// `-x` holds less tightly than a power: `-2 ^ 2` is -4.
    fn minus(&mut self) -> Read<Built> {
        let start = self.next().span;
        if !self.take(Kind::Minus) {
            return self.power();
        }
        let inner = self.deeper(Self::minus)?;
        self.built(start, Node::Negate(Box::new(inner.expression)), inner.height)
    }

    fn power(&mut self) -> Read<Built> {
        let base = self.operand()?;
        if !self.take(Kind::Caret) {
            return Ok(base);
        }
        let exponent = self.deeper(Self::minus)?;
        let start = base.expression.span;
        let height = base.height.max(exponent.height);
        let node = Node::Arithmetic(Arithmetic::Power, Box::new(base.expression), Box::new(exponent.expression));
        self.built(start, node, height)
    }

    fn operand(&mut self) -> Read<Built> {
        let token = self.next();
        let text = token.span.of(self.source());
        match token.kind {
            Kind::Number => self.number(),
            Kind::NumberWithUnit => {
                self.advance();
                let letters = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
                let (count, unit) = text.split_at(letters);
                self.duration(token.span, count, unit)
            }
            Kind::Text => self.text().map(|(text, span)| Built::leaf(span, Node::Text(text))),
            Kind::Slash => self.regex().map(|(pattern, span)| Built::leaf(span, Node::Regex(pattern))),
            Kind::Open => {
                self.advance();
                let inner = self.deeper(Self::or)?;
                self.expect(Kind::Close, "closing")?;
                self.parts(token.span, inner)
            }
            Kind::Word if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") => {
                self.advance();
                Ok(Built::leaf(token.span, Node::Boolean(text.eq_ignore_ascii_case("true"))))
            }
            Kind::Word | Kind::QuotedName if self.is_field() => {
                let field = self.field()?;
                let is_call = token.kind == Kind::Word && self.next().kind == Kind::Open;
                let value = if is_call { self.call(token.span)? } else { Built::leaf(token.span, Node::Field(field)) };
                self.parts(token.span, value)
            }
            _ => Err(self.unexpected("expression")),
        }
    }

    /// A field or a function's value, with what stands behind it to go into it: `x.y[0]`, `jsonParse(x).y`.
    pub(crate) fn value(&mut self) -> Read<Expression> {
        if !self.is_field() {
            return Err(self.unexpected("field"));
        }
        Ok(self.operand()?.expression)
    }

    /// A number, or `5 minutes`.
    fn number(&mut self) -> Read<Built> {
        let span = self.advance().span;
        let text = span.of(self.source());
        let after = self.next().span;
        if self.next().kind == Kind::Word && Unit::from_name(after.of(self.source())).is_some() {
            self.advance();
            return self.duration(span.to(after), text, after.of(self.source()));
        }
        Ok(Built::leaf(span, Node::Number(text.to_owned())))
    }

    fn duration(&mut self, span: Span, count: &str, unit: &str) -> Read<Built> {
        match (count.parse(), Unit::from_name(unit)) {
            (Ok(count), Some(unit)) if count > 0 => Ok(Built::leaf(span, Node::Duration(Duration { count, unit }))),
            _ => Err(self.fail(span, msg!("insights-duration-unreadable", text = span.of(self.source())))),
        }
    }

    /// A length of time by itself, and where it stands.
    pub(crate) fn period(&mut self) -> Read<(Duration, Span)> {
        if !matches!(self.next().kind, Kind::Number | Kind::NumberWithUnit) {
            return Err(self.unexpected("period"));
        }
        let Expression { span, node } = self.operand()?.expression;
        match node {
            Node::Duration(duration) => Ok((duration, span)),
            _ => Err(self.fail(span, msg!("insights-duration-unreadable", text = span.of(self.source())))),
        }
    }

    fn call(&mut self, name: Span) -> Read<Built> {
        self.expect(Kind::Open, "opening")?;
        let named = Name { span: name, text: name.of(self.source()).to_owned() };
        self.called(named.clone());
        let (arguments, height) = self.deeper(Self::arguments)?;
        self.expect(Kind::Close, "comma-or-closing")?;
        self.built(name, Node::Call { name: named, arguments }, height)
    }

    /// What stands behind a value to go into it: `.key` and `[0]`, any number of them.
    fn parts(&mut self, start: Span, value: Built) -> Read<Built> {
        let mut path = Vec::new();
        loop {
            if self.take(Kind::Dot) {
                path.extend(self.keys()?.into_iter().map(Part::Key));
            } else if self.take(Kind::OpenList) {
                path.push(Part::Place(self.place()?));
                self.expect(Kind::CloseList, "list-end")?;
            } else {
                break;
            }
        }
        if path.is_empty() {
            return Ok(value);
        }
        if let Node::Field(field) = &value.expression.node {
            let field = field.with_parts(&path);
            self.saw(&field); // of an event's field it is a longer path
        }
        // `(a[0])[1]` is `a[0][1]`.
        if let Node::Access { value: inner, path: before } = value.expression.node {
            let path = before.into_iter().chain(path).collect();
            return self.built(start, Node::Access { value: inner, path }, value.height.saturating_sub(1));
        }
        self.built(start, Node::Access { value: Box::new(value.expression), path }, value.height)
    }

    fn place(&mut self) -> Read<u32> {
        let token = self.expect(Kind::Number, "whole-number")?;
        let text = token.span.of(self.source());
        text.parse().map_err(|_| self.fail(token.span, msg!("insights-number-not-whole", text = text)))
    }

    fn arguments(&mut self) -> Read<(Vec<Expression>, usize)> {
        if self.next().kind == Kind::Star {
            let span = self.advance().span;
            return Ok((vec![Expression { span, node: Node::Star }], 1));
        }
        self.expressions(Kind::Close)
    }
}

/// Behind `=~` a string is a regular expression too; one that cannot stand between slashes is looked for as it is.
fn as_regex(matcher: Matcher) -> Matcher {
    match matcher {
        Matcher::Text(text) if !text.contains('\n') && !text.ends_with('\\') => Matcher::Regex(text),
        other => other,
    }
}

fn arithmetic_sign(kind: Kind, level: usize) -> Option<Arithmetic> {
    match (level, kind) {
        (0, Kind::Plus) => Some(Arithmetic::Add),
        (0, Kind::Minus) => Some(Arithmetic::Subtract),
        (1, Kind::Star) => Some(Arithmetic::Multiply),
        (1, Kind::Slash) => Some(Arithmetic::Divide),
        (1, Kind::Percent) => Some(Arithmetic::Remainder),
        _ => None,
    }
}
