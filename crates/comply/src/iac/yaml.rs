//! YAML as trees with lines, within bounds: several documents, aliases, merge keys, and the tags of CloudFormation.
//!
//! `!Ref a` is `{Ref: a}`, `!GetAtt a.b` is `{Fn::GetAtt: [a, b]}`, `!Sub x` is `{Fn::Sub: x}`, as CloudFormation's own long forms are.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle};

use super::tree::{Content, Entry, Node, twice};

/// How deep it may be nested.
const DEEPEST: usize = 64;
/// How many nodes a file may have, those that aliases repeat included; texts count by their lengths too.
const MOST_NODES: usize = 2_000_000;
/// How many bytes of a text count as much as a node.
const TEXT: usize = 64;

/// Why a text is no YAML, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// The line.
    pub(crate) line: u32,
    /// What is wrong.
    pub(crate) what: String,
}

/// The documents of a text.
pub(crate) fn read(text: &str) -> Result<Vec<Node>, Broken> {
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    let mut builder = Builder::default();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| {
            let line = u32::try_from(error.marker().line()).unwrap_or_default();
            Broken { line, what: error.to_string() }
        })?;
        builder.line = u32::try_from(span.start.line()).unwrap_or_default();
        builder.take(event).map_err(|what| Broken { line: builder.line, what: what.to_owned() })?;
    }
    Ok(builder.documents)
}

/// A list or a map that is not whole yet.
struct Open {
    line: u32,
    anchor: usize,
    tag: Option<String>,
    is_map: bool,
    items: Vec<Node>,
    entries: Vec<Entry>,
    /// What merge keys bring, which gives way to what stands in the map itself.
    merged: Vec<Entry>,
    /// The name whose value comes next.
    name: Option<(String, u32)>,
    /// How many nodes are in it.
    size: usize,
}

#[derive(Default)]
struct Builder {
    line: u32,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    documents: Vec<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>) -> Result<(), &'static str> {
        let tag_of = |tag: Option<std::borrow::Cow<'_, granit_parser::Tag>>| {
            tag.filter(|tag| tag.handle() == "!").map(|tag| tag.suffix().to_owned())
        };
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = tag.as_ref().is_some_and(|tag| tag.core_suffix() == Some("str"));
                let content = if style == ScalarStyle::Plain && !is_text {
                    plain(&text)
                } else {
                    Content::Text(text.into_owned())
                };
                let length = if let Content::Text(text) = &content { text.len() } else { 0 };
                let node = tagged(tag_of(tag), Node { line: self.line, content });
                self.put(node, anchor, 1 + length / TEXT, 1 + length / TEXT)
            }
            Event::SequenceStart(_, anchor, tag) => self.begin(anchor, tag_of(tag), false),
            Event::MappingStart(_, anchor, tag) => self.begin(anchor, tag_of(tag), true),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let mut entries = open.entries;
                if twice(&entries).is_some() {
                    return Err("a name that stands there twice");
                }
                if !open.merged.is_empty() {
                    let mut known: HashSet<String> = entries.iter().map(|entry| entry.name.clone()).collect();
                    entries.extend(open.merged.into_iter().filter(|entry| known.insert(entry.name.clone())));
                }
                let content = if open.is_map { Content::Map(entries) } else { Content::List(open.items) };
                let node = tagged(open.tag, Node { line: open.line, content });
                self.put(node, open.anchor, open.size + 1, 1)
            }
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
                    return Err("an alias within what it stands for");
                };
                self.put(node, 0, size, size)
            }
            Event::DocumentEnd => {
                self.anchors.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, anchor: usize, tag: Option<String>, is_map: bool) -> Result<(), &'static str> {
        if self.open.len() >= DEEPEST {
            return Err("nested too deeply");
        }
        let (items, entries, merged) = (Vec::new(), Vec::new(), Vec::new());
        self.open.push(Open { line: self.line, anchor, tag, is_map, items, entries, merged, name: None, size: 0 });
        Ok(())
    }

    /// Puts a node of a size to where it stands; `more` of it was not counted yet.
    fn put(&mut self, node: Node, anchor: usize, size: usize, more: usize) -> Result<(), &'static str> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes > MOST_NODES {
            return Err("too many nodes");
        }
        if anchor > 0 {
            self.nodes += size; // it is kept for its aliases
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(open) = self.open.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        open.size += size;
        if !open.is_map {
            open.items.push(node);
            return Ok(());
        }
        match open.name.take() {
            None => {
                let name = match node.content {
                    Content::Text(text) => text,
                    Content::Bool(is) => is.to_string(),
                    Content::Number(number) => crate::settings::number_text(number),
                    Content::Null => String::new(),
                    Content::List(_) | Content::Map(_) => return Err("a name that is no text"),
                };
                open.name = Some((name, node.line));
            }
            Some((name, _)) if name == "<<" => open.merged.extend(maps(node)),
            Some((name, line)) => open.entries.push(Entry { name, line, node }),
        }
        Ok(())
    }
}

/// The entries of a map, or of the maps of a list: what a merge key brings.
fn maps(node: Node) -> Vec<Entry> {
    match node.content {
        Content::Map(all) => all,
        Content::List(all) => all.into_iter().flat_map(maps).collect(),
        _ => Vec::new(),
    }
}

/// A scalar without quotes, after YAML 1.2's core schema and what Kubernetes and CloudFormation still take of 1.1.
fn plain(text: &str) -> Content {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Content::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "on" | "On" => return Content::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "off" | "Off" => return Content::Bool(false),
        _ => (),
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+'))
        // `0123456789012` is an account and no number.
        && (digits.len() == 1 || !digits.starts_with('0') || digits.starts_with("0."))
        && digits.len() <= 15;
    match text.parse() {
        Ok(number) if is_number => Content::Number(number),
        _ => Content::Text(text.to_owned()),
    }
}

fn tagged(tag: Option<String>, node: Node) -> Node {
    let Some(tag) = tag else { return node };
    let line = node.line;
    let (name, node) = match tag.as_str() {
        "Ref" | "Condition" => (tag, node),
        "GetAtt" => {
            let parts = node.text().and_then(|text| text.split_once('.')).map(|(resource, attribute)| {
                let text = |text: &str| Node { line, content: Content::Text(text.to_owned()) };
                Content::List(vec![text(resource), text(attribute)])
            });
            ("Fn::GetAtt".to_owned(), Node { line, content: parts.unwrap_or(node.content) })
        }
        _ => (format!("Fn::{tag}"), node),
    };
    Node { line, content: Content::Map(vec![Entry { name, line, node }]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Node {
        read(text).unwrap_or_else(|broken| panic!("{broken:?}")).remove(0)
    }

    #[test]
    fn documents_have_lines_and_tags_are_their_long_forms() {
        let all = read("a: 1\n---\nb:\n  - !Ref x\n  - !GetAtt y.Arn\n  - !Sub '${z}'\n").unwrap_or_default();
        assert_eq!(all.len(), 2);
        let items = all[1].get("b").map(Node::items).unwrap_or_default();
        assert_eq!(items[0].text_at("Ref"), Some("x"));
        let parts = items[1].get("Fn::GetAtt").map(|list| list.items().len());
        assert_eq!((parts, items[2].text_at("Fn::Sub")), (Some(2), Some("${z}")));
        assert_eq!([all[1].entries()[0].line, items[0].line, items[2].line], [3, 4, 6]);
    }

    #[test]
    fn scalars_are_what_the_programs_take_them_for() {
        let node = one("[1, true, 'true', 0123, 2012-10-17, ~, on, 1.5, a, !!str 5, 111122223333]");
        let kinds: Vec<String> = node.items().iter().map(|item| format!("{:?}", item.content)).collect();
        let text = |text: &str| format!("Text({text:?})");
        let expected =
            ["Number(1.0)".to_owned(), "Bool(true)".to_owned(), text("true"), text("0123"), text("2012-10-17")];
        assert_eq!(kinds[..5], expected);
        let expected = ["Null".to_owned(), "Bool(true)".to_owned(), "Number(1.5)".to_owned(), text("a"), text("5")];
        assert_eq!(kinds[5..10], expected);
        assert_eq!(kinds[10], "Number(111122223333.0)");
    }

    #[test]
    fn aliases_and_merge_keys_are_followed() {
        let node = one("base: &b {x: 1, y: 2}\nown: {<<: *b, y: 3}\nlater:\n  y: 4\n  <<: *b\n");
        let y = |name: &str| node.path(&[name, "y"]).map(|node| node.content.clone());
        assert_eq!(node.path(&["own", "x"]).map(|node| node.content.clone()), Some(Content::Number(1.0)));
        assert_eq!(y("own"), Some(Content::Number(3.0)));
        assert_eq!(y("later"), Some(Content::Number(4.0)));
    }

    #[test]
    fn what_is_too_much_or_no_yaml_is_refused() {
        let deep = format!("a: {}{}", "[".repeat(1_000), "]".repeat(1_000));
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let before = format!("*a{}, ", level - 1).repeat(10);
            bomb.push_str(&format!("a{level}: &a{level} [{before}]\n"));
        }
        for text in ["a: [1", "{? [1]: 2}", "a: *b", "\"", &deep, &bomb] {
            assert!(read(text).is_err(), "{text:.40}");
        }
        assert_eq!(read("a: 1\nb: [\n").map_err(|broken| broken.line > 1), Err(true));
    }
}
