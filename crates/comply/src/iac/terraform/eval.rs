//! Expressions of Terraform, evaluated as far as the code alone goes.
//!
//! Variables with a value, locals, references to other resources, functions that are pure. All else is unknown, with its reason; what
//! it costs is counted, so that no file takes long.

use std::collections::BTreeMap;

use hcl_edit::expr::{BinaryOperator, Expression, ForExpr, ObjectKey, Traversal, TraversalOperator, UnaryOperator};
use hcl_edit::structure::Block;
use hcl_edit::template::{Directive, Element, Template};
use shoseki_messages::msg;

use super::functions;
use super::instances::{self, Made};
use super::scope::{Scope, Tree};
use crate::settings::{Target, Value, number_text, reference_text};

/// Names that hold within an expression or a block: `each`, the variables of `for`.
#[derive(Clone, Copy)]
pub(super) struct Names<'n> {
    outer: Option<&'n Names<'n>>,
    name: &'n str,
    value: &'n Value,
}

impl<'n> Names<'n> {
    /// One more name.
    pub(super) fn with(outer: Option<&'n Names<'n>>, name: &'n str, value: &'n Value) -> Self {
        Self { outer, name, value }
    }

    fn get(names: Option<&Self>, name: &str) -> Option<&'n Value> {
        let mut at = names.copied();
        while let Some(one) = at {
            if one.name == name {
                return Some(one.value);
            }
            at = one.outer.copied();
        }
        None
    }
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct Eval<'e, 'a> {
    pub(super) tree: &'e Tree<'a>,
    pub(super) at: usize,
}

impl<'e, 'a> Eval<'e, 'a> {
    fn scope(self) -> Option<&'e Scope<'a>> {
        self.tree.scopes.get(self.at)
    }

    /// The value of an expression.
    pub(super) fn value(self, expr: &Expression, names: Option<&Names<'_>>) -> Value {
        if !self.tree.spend(1) || !self.tree.enter() {
            return Tree::spent();
        }
        let value = self.made(expr, names);
        self.tree.leave();
        value
    }

    fn made(self, expr: &Expression, names: Option<&Names<'_>>) -> Value {
        match expr {
            Expression::Null(_) => Value::Null,
            Expression::Bool(is) => Value::Bool(*is.value()),
            Expression::Number(number) => Value::Number(number.value().as_f64().unwrap_or_default()),
            Expression::String(text) => Value::text(text.as_str()),
            Expression::Array(all) => Value::List(all.iter().map(|one| self.value(one, names)).collect()),
            Expression::Object(all) => {
                if !self.tree.spend(MAP) {
                    return Tree::spent();
                }
                let entry = |(key, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
                    let key = match key {
                        ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
                        ObjectKey::Expression(Expression::Variable(name)) => Some(name.as_str().to_owned()),
                        ObjectKey::Expression(expr) => self.value(expr, names).to_text().known().cloned(),
                    };
                    key.map(|key| (key, self.value(value.expr(), names)))
                };
                match all.iter().map(entry).collect() {
                    Some(map) => Value::Map(map),
                    None => Value::Unknown(msg!("iac-key-unknown")),
                }
            }
            Expression::StringTemplate(template) => self.template(template, names),
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template, names),
            Expression::Parenthesis(inner) => self.value(inner.inner(), names),
            Expression::Variable(name) => self.name(name.as_str(), &[], names),
            Expression::Conditional(one) => match self.value(&one.cond_expr, names).is().get() {
                Ok(Some(true)) => self.value(&one.true_expr, names),
                Ok(Some(false)) => self.value(&one.false_expr, names),
                Ok(None) => Value::Unknown(msg!("iac-condition-unknown")),
                Err(why) => {
                    let (yes, no) = (self.value(&one.true_expr, names), self.value(&one.false_expr, names));
                    if yes == no { yes } else { Value::Unknown(msg!("iac-condition", why = vec![why.clone()])) }
                }
            },
            Expression::FuncCall(call) => {
                let name = call.name.name.as_str();
                let mut arguments: Vec<Value> = call.args.iter().map(|one| self.value(one, names)).collect();
                if call.args.expand_final() {
                    match arguments.pop() {
                        Some(Value::List(last)) => arguments.extend(last),
                        Some(other) => arguments.push(other),
                        None => (),
                    }
                }
                let size = arguments.iter().map(size).sum();
                if !self.tree.spend(size) {
                    return Tree::spent();
                }
                match (name, arguments.as_slice()) {
                    ("file", [Value::Text(path)]) => self.file(path),
                    _ => functions::call(name, arguments, &|size| self.tree.spend(size)),
                }
            }
            Expression::Traversal(traversal) => self.traversal(traversal, names),
            Expression::UnaryOp(op) => match (*op.operator.value(), self.value(&op.expr, names)) {
                (UnaryOperator::Not, value) => negated(value),
                (UnaryOperator::Neg, Value::Number(number)) => Value::Number(-number),
                (UnaryOperator::Neg, value) => unknown_of(&value),
            },
            Expression::BinaryOp(op) => {
                let (left, right) = (self.value(&op.lhs_expr, names), self.value(&op.rhs_expr, names));
                binary(*op.operator.value(), &left, &right)
            }
            Expression::ForExpr(one) => self.for_expr(one, names),
        }
    }

    /// A file that was given beside the code, by its path from where the command ran, or from the module's folder.
    fn file(self, path: &str) -> Value {
        let folder = self.scope().map_or("", |scope| scope.folder.as_str());
        let paths = [super::files::joined("", path), super::files::joined(folder, path)];
        match paths.iter().find_map(|path| self.tree.texts.get(path)) {
            Some(text) if self.tree.spend(text.len() / TEXT) => Value::text(*text),
            Some(_) => Tree::spent(),
            None => Value::Unknown(msg!("iac-no-file", path = path)),
        }
    }

    fn template(self, template: &Template, names: Option<&Names<'_>>) -> Value {
        // A template of one interpolation is its value, whatever that is.
        if let (1, Some(Element::Interpolation(one))) = (template.len(), template.get(0)) {
            return self.value(&one.expr, names);
        }
        let mut text = String::new();
        for element in template.iter() {
            let piece = match element {
                Element::Literal(literal) => Value::text(literal.as_str()),
                Element::Interpolation(one) => self.value(&one.expr, names),
                Element::Directive(directive) => self.directive(directive, names),
            };
            match piece {
                Value::Text(piece) => text.push_str(&piece),
                Value::Number(number) => text.push_str(&number_text(number)),
                Value::Bool(is) => text.push_str(&is.to_string()),
                Value::Reference(target, attribute) => text.push_str(&reference_text(&target, &attribute)),
                Value::Null => (),
                other => return unknown_of(&other),
            }
            if !self.tree.spend(text.len() / TEXT) {
                return Tree::spent();
            }
        }
        Value::Text(text)
    }

    fn directive(self, directive: &Directive, names: Option<&Names<'_>>) -> Value {
        let Directive::If(one) = directive else { return Value::Unknown(msg!("iac-directive")) };
        match self.value(&one.if_expr.cond_expr, names).is().known() {
            Some(true) => self.template(&one.if_expr.template, names),
            Some(false) => {
                one.else_expr.as_ref().map_or(Value::text(""), |other| self.template(&other.template, names))
            }
            None => Value::Unknown(msg!("iac-condition-unknown")),
        }
    }

    fn for_expr(self, one: &ForExpr, names: Option<&Names<'_>>) -> Value {
        let collection = self.value(&one.intro.collection_expr, names);
        let Some(items) = pairs(&collection) else { return unknown_of(&collection) };
        if !self.tree.spend(size(&collection)) {
            return Tree::spent();
        }
        let (mut list, mut map) = (Vec::new(), BTreeMap::new());
        for (key, value) in &items {
            let outer = Names::with(names, one.intro.value_var.as_str(), value);
            let inner = one.intro.key_var.as_ref().map(|name| Names::with(Some(&outer), name.as_str(), key));
            let names = Some(inner.as_ref().unwrap_or(&outer));
            match one.cond.as_ref().map(|cond| self.value(&cond.expr, names)) {
                Some(Value::Bool(false)) => continue,
                None | Some(Value::Bool(true)) => (),
                Some(other) => return unknown_of(&other),
            }
            let made = self.value(&one.value_expr, names);
            match &one.key_expr {
                None => list.push(made),
                Some(key) => match self.value(key, names).to_text().known() {
                    Some(key) if one.grouping => {
                        match map.entry(key.clone()).or_insert_with(|| Value::List(Vec::new())) {
                            Value::List(group) => group.push(made),
                            other => *other = made,
                        }
                    }
                    Some(key) => drop(map.insert(key.clone(), made)),
                    None => return Value::Unknown(msg!("iac-key-unknown")),
                },
            }
        }
        if one.key_expr.is_some() { Value::Map(map) } else { Value::List(list) }
    }

    fn traversal(self, traversal: &Traversal, names: Option<&Names<'_>>) -> Value {
        let steps: Vec<Step> = traversal.operators.iter().map(|one| self.step(one.value(), names)).collect();
        match &traversal.expr {
            Expression::Variable(name) => self.name(name.as_str(), &steps, names),
            other => walk(self.value(other, names), &steps),
        }
    }

    fn step(self, operator: &TraversalOperator, names: Option<&Names<'_>>) -> Step {
        match operator {
            TraversalOperator::GetAttr(name) => Step::Name(name.as_str().to_owned()),
            TraversalOperator::Index(expr) => Step::Index(self.value(expr, names)),
            TraversalOperator::LegacyIndex(index) => Step::Index(Value::Number(*index.value() as f64)),
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => Step::All,
        }
    }

    /// What a name and the steps behind it say.
    fn name(self, name: &str, steps: &[Step], names: Option<&Names<'_>>) -> Value {
        if let Some(value) = Names::get(names, name) {
            if !self.tree.spend(size(value)) {
                return Tree::spent();
            }
            return walk(value.clone(), steps);
        }
        let Some(scope) = self.scope() else { return Value::Null };
        let second = steps.first().and_then(Step::name);
        let rest = steps.get(1..).unwrap_or_default();
        match (name, second) {
            ("var", Some(second)) => walk(self.cached(&format!("var.{second}"), || self.variable(scope, second)), rest),
            ("local", Some(second)) => walk(
                self.cached(&format!("local.{second}"), || match scope.locals.get(second) {
                    Some(expr) => self.value(expr, None),
                    None => scope.missing(&format!("local.{second}")),
                }),
                rest,
            ),
            ("module", Some(second)) => self.module(scope, second, rest),
            ("path", Some("module")) => Value::text(if scope.folder.is_empty() { "." } else { &scope.folder }),
            ("path" | "terraform" | "self" | "each" | "count", _) => {
                Value::Unknown(msg!("iac-not-in-code", name = format!("{name}.{}", second.unwrap_or_default())))
            }
            ("data", Some(kind)) => {
                let Some(data) = rest.first().and_then(Step::name) else {
                    return Value::Unknown(msg!("iac-not-declared", name = format!("data.{kind}")));
                };
                self.of_resource(scope, &format!("data.{kind}.{data}"), rest.get(1..).unwrap_or_default())
            }
            (kind, Some(second)) if kind.contains('_') => self.of_resource(scope, &format!("{kind}.{second}"), rest),
            (name, _) => Value::Unknown(msg!("iac-not-declared", name = name)),
        }
    }

    fn variable(self, scope: &Scope<'a>, name: &str) -> Value {
        let handed = scope.call.and_then(|call| call.body.get_attribute(name)).map(|one| &one.value);
        if let Some((parent, expr)) = scope.parent.zip(handed) {
            return Eval { at: parent, ..self }.value(expr, None);
        }
        // What could not be read may say it otherwise.
        if let Some(path) = scope.broken[1] {
            return Value::Unknown(msg!("iac-beside-unread", path = path));
        }
        if let Some(expr) = scope.given.get(name) {
            return self.value(expr, None);
        }
        match scope.variables.get(name) {
            Some(Some(default)) => self.value(default, None),
            Some(None) => Value::Unknown(msg!("iac-no-default", name = format!("{}var.{name}", scope.prefix))),
            None => scope.missing(&format!("var.{name}")),
        }
    }

    fn module(self, scope: &Scope<'a>, name: &str, steps: &[Step]) -> Value {
        let (is_all, rest) = match steps {
            [Step::All, rest @ ..] => (true, rest),
            [Step::Index(_), rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let whole = format!("{}module.{name}", scope.prefix);
        let Some(output) = rest.first().and_then(Step::name) else {
            return Value::Unknown(msg!("iac-not-in-code", name = whole));
        };
        let Some(child) = scope.modules.get(name).copied().flatten().map(|at| Eval { at, ..self }) else {
            return Value::Unknown(msg!("iac-module-elsewhere", module = whole));
        };
        let is_never = |call: &Block| matches!(instances::of(self, &call.body), Made::Never);
        if is_all && child.scope().and_then(|scope| scope.call).is_some_and(is_never) {
            return Value::List(Vec::new());
        }
        let value = child.cached(&format!("output.{output}"), || {
            match child.scope().and_then(|scope| scope.outputs.get(output)) {
                Some(expr) => child.value(expr, None),
                None => child.scope().map_or(Value::Null, |scope| scope.missing(&format!("{whole}.{output}"))),
            }
        });
        let value = walk(value, rest.get(1..).unwrap_or_default());
        if is_all { Value::List(vec![value]) } else { value }
    }

    /// An attribute of a resource: what the code says of it, where it does; else a reference.
    fn of_resource(self, scope: &Scope<'a>, name: &str, steps: &[Step]) -> Value {
        let Some(declared) = scope.declared.get(name) else {
            return scope.missing(&format!("{}{name}", scope.prefix));
        };
        let mut address = format!("{}{name}", scope.prefix);
        let (is_all, rest) = match steps {
            [Step::Index(index), rest @ ..] => {
                match index {
                    open if open.open().is_some() => return unknown_of(open),
                    Value::Text(key) => address.push_str(&format!("[\"{key}\"]")),
                    Value::Number(number) => address.push_str(&format!("[{}]", number_text(*number))),
                    other => return unknown_of(other),
                }
                (false, rest)
            }
            [Step::All, rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let attribute = rest.first().and_then(Step::name).unwrap_or("id");
        let count = declared.block.body.get_attribute("count").filter(|_| is_all);
        if count.is_some_and(|count| self.value(&count.value, None) == Value::Number(0.0)) {
            return Value::List(Vec::new());
        }
        if name.starts_with("data.aws_iam_policy_document.") && attribute == "json" {
            let document = self.cached(name, || super::document::policy(self, declared.block));
            return if is_all { Value::List(vec![document]) } else { document };
        }
        // An attribute that depends on which of many resources it is cannot be told from the block alone.
        let is_one = declared.block.body.get_attribute("for_each").is_none()
            && declared.block.body.get_attribute("count").is_none();
        let stated =
            declared.block.body.get_attribute(attribute).filter(|_| is_one && !matches!(attribute, "id" | "arn"));
        if let Some(stated) = stated {
            let value = self.cached(&format!("{name}.{attribute}"), || self.value(&stated.value, None));
            if value.unknown_within().is_none() && !value.is_null() {
                return walk(value, rest.get(1..).unwrap_or_default());
            }
        }
        let path = rest.iter().filter_map(Step::name).collect::<Vec<&str>>().join(".");
        let reference = Value::Reference(Target(address), path);
        if is_all { Value::List(vec![reference]) } else { reference }
    }

    /// A value that is evaluated once. What refers to itself is unknown.
    fn cached(self, name: &str, make: impl FnOnce() -> Value) -> Value {
        let Some(scope) = self.scope() else { return Value::Null };
        if let Some(known) = scope.cache.borrow().get(name) {
            return match known {
                Some((value, size)) if self.tree.spend(*size) => value.clone(),
                Some(_) => Tree::spent(),
                None => Value::Unknown(msg!("iac-circle", name = name)),
            };
        }
        scope.cache.borrow_mut().insert(name.to_owned(), None);
        // What is put together of what is put together must not become as deep as the file is long.
        let value = Some(make()).filter(|value| depth(value) <= DEEPEST).unwrap_or_else(Tree::spent);
        scope.cache.borrow_mut().insert(name.to_owned(), Some((value.clone(), size(&value))));
        value
    }
}

/// A step behind a name.
enum Step {
    Name(String),
    Index(Value),
    All,
}

impl Step {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Index(Value::Text(name)) => Some(name),
            _ => None,
        }
    }
}

fn walk(value: Value, steps: &[Step]) -> Value {
    let mut value = value;
    for (index, step) in steps.iter().enumerate() {
        value = match (step, value) {
            (_, unknown @ Value::Unknown(_)) => return unknown,
            // Which part it is will be known later.
            (Step::Index(key @ Value::Text(_)), _) if key.open().is_some() => return unknown_of(key),
            (Step::All, Value::List(all)) => {
                let rest = steps.get(index + 1..).unwrap_or_default();
                return Value::List(all.into_iter().map(|one| walk(one, rest)).collect());
            }
            (Step::All, one) => return Value::List(vec![walk(one, steps.get(index + 1..).unwrap_or_default())]),
            (step, Value::Reference(target, path)) => match step.name() {
                Some(name) if path.is_empty() => Value::Reference(target, name.to_owned()),
                Some(name) => Value::Reference(target, format!("{path}.{name}")),
                None => Value::Reference(target, path),
            },
            (Step::Index(Value::Number(number)), Value::List(mut all)) => {
                let at = *number as usize;
                if at < all.len() {
                    all.swap_remove(at)
                } else {
                    return Value::Unknown(msg!("iac-no-such-part", name = number_text(*number)));
                }
            }
            (step, Value::Map(mut all)) => match step.name() {
                Some(name) => match all.remove(name) {
                    Some(part) => part,
                    None => return Value::Unknown(msg!("iac-no-such-part", name = name)),
                },
                None => return Value::Unknown(msg!("iac-key-unknown")),
            },
            (Step::Index(index), _) => return unknown_of(index),
            (Step::Name(name), _) => return Value::Unknown(msg!("iac-no-such-part", name = name.as_str())),
        };
    }
    value
}

/// How many bytes of a text cost as much as a value.
pub(super) const TEXT: usize = 32;
/// How much a map costs besides what is in it: room for eleven entries is made at once.
const MAP: usize = 15;

/// How large a value is: how much it costs to copy it.
pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::List(all) => 1 + all.iter().map(size).sum::<usize>(),
        Value::Map(all) => MAP + all.iter().map(|(name, one)| 1 + name.len() / TEXT + size(one)).sum::<usize>(),
        Value::Text(text) => 1 + text.len() / TEXT,
        _ => 1,
    }
}

/// How deep a value may be nested.
const DEEPEST: usize = 64;

fn depth(value: &Value) -> usize {
    match value {
        Value::List(all) => 1 + all.iter().map(depth).max().unwrap_or_default(),
        Value::Map(all) => 1 + all.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Keys and values of what can be gone through; the keys of a list are its places.
pub(super) fn pairs(value: &Value) -> Option<Vec<(Value, Value)>> {
    match value {
        Value::List(all) => {
            Some(all.iter().enumerate().map(|(at, one)| (Value::Number(at as f64), one.clone())).collect())
        }
        Value::Map(all) => Some(all.iter().map(|(name, one)| (Value::text(name.as_str()), one.clone())).collect()),
        _ => None,
    }
}

/// Unknown, for the reason of what it comes from.
pub(super) fn unknown_of(value: &Value) -> Value {
    Value::Unknown(value.open_within().unwrap_or_else(|| msg!("settings-unreadable")))
}

fn negated(value: Value) -> Value {
    match value.is().get() {
        Ok(Some(is)) => Value::Bool(!is),
        _ => unknown_of(&value),
    }
}

fn binary(operator: BinaryOperator, left: &Value, right: &Value) -> Value {
    use BinaryOperator as B;
    if let B::And | B::Or = operator {
        // One side that is known may decide, whatever the other is.
        let decides = matches!(operator, B::Or);
        return match (left.is().known(), right.is().known()) {
            (Some(one), _) | (_, Some(one)) if *one == decides => Value::Bool(decides),
            (Some(_), Some(_)) => Value::Bool(!decides),
            (None, _) => unknown_of(left),
            (_, None) => unknown_of(right),
        };
    }
    // The name of another resource is a text of which only that it equals itself is known.
    let is_same = left == right && left.unknown_within().is_none();
    for side in [left, right] {
        if !is_same && side.open_within().is_some() {
            return unknown_of(side);
        }
    }
    match (operator, left, right) {
        (B::Eq, _, _) => Value::Bool(left == right),
        (B::NotEq, _, _) => Value::Bool(left != right),
        (operator, Value::Number(a), Value::Number(b)) => match operator {
            B::Less => Value::Bool(a < b),
            B::LessEq => Value::Bool(a <= b),
            B::Greater => Value::Bool(a > b),
            B::GreaterEq => Value::Bool(a >= b),
            B::Plus => Value::Number(a + b),
            B::Minus => Value::Number(a - b),
            B::Mul => Value::Number(a * b),
            B::Div => Value::Number(a / b),
            B::Mod => Value::Number(a % b),
            _ => Value::Unknown(msg!("settings-unreadable")),
        },
        _ => Value::Unknown(msg!("settings-unreadable")),
    }
}
