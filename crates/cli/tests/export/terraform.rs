//! Expressions of exported Terraform, evaluated: what a provider would be given. It knows what these files have, and nothing else.

use std::collections::BTreeMap;

use hcl_edit::expr::{BinaryOperator, Expression, ObjectKey, TraversalOperator};
use hcl_edit::structure::{Block, Body};
use hcl_edit::template::Element;
use serde_json::{Map, Value, json};

/// A module, read.
pub struct Module {
    body: Body,
    /// What `var`, `local`, `data` and resources are.
    known: Map<String, Value>,
}

type Names<'n> = BTreeMap<&'n str, Value>;

impl Module {
    /// A module by the texts of its files, where the account is this one; `more` is what is known beside it.
    pub fn of(texts: &[String], account: &str, more: Value) -> Self {
        let body: Body = texts.concat().parse().unwrap();
        let mut known = more.as_object().unwrap().clone();
        known.insert(
            "data".to_owned(),
            json!({
                "aws_caller_identity": {"current": {"account_id": account}},
                "aws_partition": {"current": {"partition": "aws"}},
            "aws_s3_bucket": {"evidence": {"id": "evidence"}, "access_logs": {"id": "access-logs"}},
            }),
        );
        known.insert("var".to_owned(), json!({}));
        known.insert("local".to_owned(), json!({}));
        let mut module = Self { body: body.clone(), known };
        for block in body.blocks().filter(|block| block.has_ident("variable")) {
            let name = block.labels[0].as_str().to_owned();
            if let Some(default) = block.body.get_attribute("default") {
                module.known["var"][name] = module.value(&default.value, &Names::new());
            }
        }
        // Local values refer to those above them.
        for block in body.blocks().filter(|block| block.has_ident("locals")) {
            for attribute in block.body.attributes() {
                let value = module.value(&attribute.value, &Names::new());
                module.known["local"][attribute.key.as_str()] = value;
            }
        }
        module
    }

    /// The resource of a kind and label.
    fn block(&self, kind: &str, label: &str) -> &Block {
        let is_it = |block: &&Block| block.has_ident("resource") && block.has_exact_labels(&[kind, label]);
        self.body.blocks().find(is_it).unwrap_or_else(|| panic!("no {kind}.{label}"))
    }

    /// What a resource is given, blocks in it as lists.
    pub fn resource(&self, kind: &str, label: &str) -> Value {
        self.made(&self.block(kind, label).body, &Names::new())
    }

    /// The same of each that `for_each` makes.
    pub fn each(&self, kind: &str, label: &str) -> Vec<Value> {
        let body = &self.block(kind, label).body;
        let all = self.value(&body.get_attribute("for_each").unwrap().value, &Names::new());
        let pairs: Vec<(Value, Value)> = match all {
            Value::Array(all) => all.into_iter().map(|one| (one.clone(), one)).collect(),
            Value::Object(all) => all.into_iter().map(|(key, value)| (json!(key), value)).collect(),
            other => panic!("{other}"),
        };
        let of = |(key, value)| self.made(body, &Names::from([("each", json!({"key": key, "value": value}))]));
        pairs.into_iter().map(of).collect()
    }

    fn made(&self, body: &Body, names: &Names<'_>) -> Value {
        let mut made = Map::new();
        for attribute in
            body.attributes().filter(|one| !["for_each", "count", "depends_on"].contains(&one.key.as_str()))
        {
            made.insert(attribute.key.as_str().to_owned(), self.value(&attribute.value, names));
        }
        for block in body.blocks() {
            let (name, bodies) = match block.has_ident("dynamic") {
                false => (block.ident.as_str(), vec![self.made(&block.body, names)]),
                true => {
                    let name = block.labels[0].as_str();
                    let content = block.body.get_blocks("content").next().unwrap();
                    let all = self.value(&block.body.get_attribute("for_each").unwrap().value, names);
                    let of = |one: &Value| {
                        let mut names = names.clone();
                        names.insert(name, json!({"value": one}));
                        self.made(&content.body, &names)
                    };
                    (name, all.as_array().unwrap().iter().map(of).collect())
                }
            };
            let list = made.entry(name.to_owned()).or_insert_with(|| json!([])).as_array_mut().unwrap();
            list.extend(bodies);
        }
        Value::Object(made)
    }

    fn value(&self, expression: &Expression, names: &Names<'_>) -> Value {
        match expression {
            Expression::Null(_) => Value::Null,
            Expression::Bool(is) => json!(is.value()),
            Expression::Number(number) => json!(number.value().as_u64().unwrap()),
            Expression::String(text) => json!(text.as_str()),
            Expression::Array(all) => all.iter().map(|one| self.value(one, names)).collect(),
            Expression::Object(all) => {
                let key = |key: &ObjectKey| match key {
                    ObjectKey::Ident(name) => name.as_str().to_owned(),
                    ObjectKey::Expression(Expression::Variable(name)) => name.as_str().to_owned(),
                    ObjectKey::Expression(other) => self.value(other, names).as_str().unwrap().to_owned(),
                };
                Value::Object(all.iter().map(|(name, one)| (key(name), self.value(one.expr(), names))).collect())
            }
            Expression::StringTemplate(template) => {
                let text = |element: &Element| match element {
                    Element::Literal(literal) => literal.as_str().to_owned(),
                    Element::Interpolation(one) => match self.value(&one.expr, names) {
                        Value::String(text) => text,
                        other => other.to_string(),
                    },
                    Element::Directive(_) => panic!("a directive"),
                };
                json!(template.iter().map(text).collect::<String>())
            }
            Expression::Variable(name) => self.named(name.as_str(), names),
            Expression::Traversal(traversal) => {
                let mut value = self.value(&traversal.expr, names);
                for operator in &traversal.operators {
                    value = match operator.value() {
                        TraversalOperator::GetAttr(name) => value[name.as_str()].clone(),
                        TraversalOperator::Index(index) => match self.value(index, names) {
                            Value::Number(at) => value[usize::try_from(at.as_u64().unwrap()).unwrap()].clone(),
                            key => value[key.as_str().unwrap()].clone(),
                        },
                        other => panic!("{other:?}"),
                    };
                }
                value
            }
            Expression::Conditional(one) => match self.value(&one.cond_expr, names) {
                Value::Bool(true) => self.value(&one.true_expr, names),
                Value::Bool(false) => self.value(&one.false_expr, names),
                other => panic!("{other}"),
            },
            Expression::BinaryOp(op) => {
                let (left, right) = (self.value(&op.lhs_expr, names), self.value(&op.rhs_expr, names));
                json!(match op.operator.value() {
                    BinaryOperator::Eq => left == right,
                    BinaryOperator::Or => left == json!(true) || right == json!(true),
                    BinaryOperator::Greater => left.as_u64() > right.as_u64(),
                    other => panic!("{other:?}"),
                })
            }
            Expression::FuncCall(call) => {
                let given: Vec<Value> = call.args.iter().map(|one| self.value(one, names)).collect();
                function(call.name.name.as_str(), &given)
            }
            Expression::ForExpr(one) => self.for_each(one, names),
            other => panic!("{other:?}"),
        }
    }

    fn for_each(&self, one: &hcl_edit::expr::ForExpr, names: &Names<'_>) -> Value {
        let all = self.value(&one.intro.collection_expr, names);
        let (mut list, mut map) = (Vec::new(), Map::new());
        for value in all.as_array().unwrap() {
            let mut names = names.clone();
            names.insert(one.intro.value_var.as_str(), value.clone());
            if one.cond.as_ref().is_some_and(|cond| self.value(&cond.expr, &names) != json!(true)) {
                continue;
            }
            let value = self.value(&one.value_expr, &names);
            match &one.key_expr {
                Some(key) => drop(map.insert(self.value(key, &names).as_str().unwrap().to_owned(), value)),
                None => list.push(value),
            }
        }
        if one.key_expr.is_some() { Value::Object(map) } else { Value::Array(list) }
    }

    fn named(&self, name: &str, names: &Names<'_>) -> Value {
        let value = names.get(name).or_else(|| self.known.get(name));
        value.unwrap_or_else(|| panic!("nothing is known of `{name}`")).clone()
    }
}

fn function(name: &str, given: &[Value]) -> Value {
    match (name, given) {
        ("jsonencode", [value]) => json!(value.to_string()),
        ("toset", [value]) => value.clone(),
        ("length", [Value::Array(all)]) => json!(all.len()),
        ("concat", lists) => lists.iter().flat_map(|list| list.as_array().unwrap().clone()).collect(),
        ("keys", [Value::Object(all)]) => all.keys().map(|key| json!(key)).collect(),
        ("setproduct", [Value::Array(left), Value::Array(right)]) => {
            left.iter().flat_map(|one| right.iter().map(move |other| json!([one, other]))).collect()
        }
        _ => panic!("{name}({given:?})"),
    }
}
