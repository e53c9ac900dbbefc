//! Terraform's JSON (`main.tf.json`): the same blocks and attributes as HCL, made the same tree.
//!
//! ```json
//! {"resource": {"aws_s3_bucket": {"logs": {"bucket": "${var.name}-logs"}}}}
//! ```
//!
//! Texts are templates. Whether a part of a resource is a block or an attribute only its provider knows; both are read alike.

use hcl_edit::Ident;
use hcl_edit::expr::{Array, Expression, Object, ObjectKey, ObjectValue};
use hcl_edit::structure::{Attribute, Block, Body, Structure};
use hcl_edit::template::StringTemplate;

use super::files::{Broken, Room};
use super::scan::MOST_ENTRIES;
use crate::iac::json;
use crate::iac::tree::{Content, Entry, Node};

/// Reads a text; on which line each block begins comes with it.
pub(super) fn read(text: &str, is_variables: bool, room: &Room) -> Result<(Body, Vec<u32>), Broken> {
    let node = json::read(text, &[]).map_err(|broken| Broken::new(broken.line, broken.what))?;
    if !room.take(nodes(&node)) {
        return Err(Broken::too_much(0));
    }
    if is_variables {
        let all = node.entries().iter().map(|entry| attribute(entry, false)).collect::<Result<Vec<_>, _>>()?;
        return Ok((Body::from(all), Vec::new()));
    }
    let mut made = Made::default();
    for entry in maps(&node)?.into_iter().flat_map(Node::entries) {
        made.blocks(entry)?;
    }
    Ok((Body::from(made.all), made.lines))
}

fn nodes(node: &Node) -> usize {
    match &node.content {
        Content::List(all) => 2 + all.iter().map(nodes).sum::<usize>(),
        Content::Map(all) => 2 + all.iter().map(|entry| 3 + nodes(&entry.node)).sum::<usize>(),
        _ => 2,
    }
}

/// A map, or the maps of a list: what may be there more than once.
fn maps(node: &Node) -> Result<Vec<&Node>, Broken> {
    match &node.content {
        Content::Map(_) => Ok(vec![node]),
        Content::List(all) => Ok(all.iter().map(maps).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect()),
        _ => Err(Broken::new(node.line, "an object")),
    }
}

#[derive(Default)]
struct Made {
    all: Vec<Structure>,
    lines: Vec<u32>,
}

impl Made {
    fn blocks(&mut self, entry: &Entry) -> Result<(), Broken> {
        match entry.name.as_str() {
            "locals" => {
                for node in maps(&entry.node)? {
                    self.push("locals", &[], entry.line, body(node, true)?)?;
                }
            }
            // Values by default are what they are, and no templates.
            name @ ("variable" | "output" | "module") => {
                for one in maps(&entry.node)?.into_iter().flat_map(Node::entries) {
                    for node in maps(&one.node)? {
                        self.push(name, &[&one.name], one.line, body(node, name != "variable")?)?;
                    }
                }
            }
            name @ ("resource" | "data") => {
                for kind in maps(&entry.node)?.into_iter().flat_map(Node::entries) {
                    for one in maps(&kind.node)?.into_iter().flat_map(Node::entries) {
                        for node in maps(&one.node)? {
                            self.push(name, &[&kind.name, &one.name], one.line, body(node, true)?)?;
                        }
                    }
                }
            }
            _ => (),
        }
        Ok(())
    }

    fn push(&mut self, name: &str, labels: &[&String], line: u32, body: Body) -> Result<(), Broken> {
        let labels = labels.iter().map(|label| label.as_str());
        let mut block = Block::builder(ident(name, line)?).labels(labels).build();
        block.body = body;
        self.all.push(Structure::Block(block));
        self.lines.push(line);
        Ok(())
    }
}

fn ident(name: &str, line: u32) -> Result<Ident, Broken> {
    Ident::try_new(name).map_err(|_| Broken::new(line, "a name"))
}

/// The body of a block.
fn body(node: &Node, is_template: bool) -> Result<Body, Broken> {
    let mut all = Vec::new();
    if node.entries().len() > MOST_ENTRIES {
        return Err(Broken::too_much(node.line));
    }
    for entry in node.entries().iter().filter(|entry| entry.name != "//") {
        if entry.name == "dynamic" {
            for one in maps(&entry.node)?.into_iter().flat_map(Node::entries) {
                for node in maps(&one.node)? {
                    all.push(Structure::Block(dynamic(&one.name, one.line, node)?));
                }
            }
        } else {
            all.push(attribute(entry, is_template)?);
        }
    }
    Ok(Body::from(all))
}

fn dynamic(label: &str, line: u32, node: &Node) -> Result<Block, Broken> {
    let mut block = Block::builder(ident("dynamic", line)?).label(label).build();
    for entry in node.entries() {
        let made: Structure = match (entry.name.as_str(), entry.node.text()) {
            ("content", _) => {
                let mut content = Block::new(ident("content", entry.line)?);
                content.body = body(&entry.node, true)?;
                content.into()
            }
            ("iterator", Some(name)) => {
                let name = Expression::from(ident(name, entry.line)?);
                Attribute::new(ident("iterator", entry.line)?, name).into()
            }
            _ => attribute(entry, true)?,
        };
        block.body.push(made);
    }
    Ok(block)
}

fn attribute(entry: &Entry, is_template: bool) -> Result<Structure, Broken> {
    Ok(Attribute::new(ident(&entry.name, entry.line)?, expression(&entry.node, is_template)?).into())
}

fn expression(node: &Node, is_template: bool) -> Result<Expression, Broken> {
    Ok(match &node.content {
        Content::Null => Expression::null(),
        Content::Bool(is) => Expression::from(*is),
        Content::Number(number) => Expression::from(*number),
        Content::Text(text) => text_of(text, node.line, is_template)?,
        Content::List(all) => {
            let all = all.iter().map(|one| expression(one, is_template)).collect::<Result<Vec<_>, _>>()?;
            Expression::Array(Array::from(all))
        }
        Content::Map(all) if all.len() > MOST_ENTRIES => return Err(Broken::too_much(node.line)),
        Content::Map(all) => {
            let mut object = Object::new();
            for entry in all.iter().filter(|entry| entry.name != "//") {
                let key = ObjectKey::Expression(text_of(&entry.name, entry.line, is_template)?);
                object.insert(key, ObjectValue::new(expression(&entry.node, is_template)?));
            }
            Expression::Object(object)
        }
    })
}

fn text_of(text: &str, line: u32, is_template: bool) -> Result<Expression, Broken> {
    if !is_template || !["${", "%{"].iter().any(|mark| text.contains(mark)) {
        return Ok(Expression::from(text));
    }
    super::scan::words(&format!("x = <<E\n{text}\nE\n")).map_err(|_| Broken::too_much(line))?;
    let template = hcl_edit::parser::parse_template(text).map_err(|error| Broken::new(line, error.message()))?;
    Ok(Expression::StringTemplate(StringTemplate::from(template)))
}
