//! The report's own page as a tree: the page is written as XML, so that it can be read again as it stands. It reads nothing that
//! others wrote; even so it is bounded in depth.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use shoseki_messages::{Fault, Result, msg};

/// How deep a page may be; ours has a dozen levels.
const DEPTH: usize = 64;

/// What stands in an element.
#[derive(Debug)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

/// An element with what stands in it.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Node>,
}

impl Element {
    /// An attribute's value.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether it is of a class.
    pub(super) fn is(&self, class: &str) -> bool {
        self.attribute("class").is_some_and(|classes| classes.split(' ').any(|one| one == class))
    }

    /// The elements that stand in it.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element of a name below it, itself included.
    pub(super) fn find(&self, name: &str) -> Option<&Self> {
        if self.name == name { Some(self) } else { self.elements().find_map(|one| one.find(name)) }
    }

    /// All of its text.
    pub(super) fn text(&self) -> String {
        let text = |node: &Node| match node {
            Node::Element(element) => element.text(),
            Node::Text(text) => text.clone(),
        };
        self.children.iter().map(text).collect()
    }
}

/// Reads a page.
///
/// # Errors
/// A defect: the page is no XML.
pub(super) fn read(page: &str) -> Result<Element> {
    let mut reader = Reader::from_str(page);
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|error| broken(&error))?;
        match event {
            Event::Start(start) => {
                if open.len() >= DEPTH {
                    return Err(broken(&"too deep"));
                }
                open.push(element(&start)?);
            }
            Event::Empty(start) => put(&mut open, Node::Element(element(&start)?)),
            Event::End(_) => {
                // The reader has seen that it ends what was begun.
                let ended = open.pop().ok_or_else(|| broken(&"an end too many"))?;
                put(&mut open, Node::Element(ended));
            }
            Event::Text(text) => {
                let text = text.decode().map_err(|error| broken(&error))?;
                put(&mut open, Node::Text(text.into_owned()));
            }
            Event::GeneralRef(name) => {
                let letter = match name.resolve_char_ref().map_err(|error| broken(&error))? {
                    Some(letter) => letter,
                    None => named(&name.decode().map_err(|error| broken(&error))?)?,
                };
                put(&mut open, Node::Text(letter.to_string()));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match <[Element; 1]>::try_from(open) {
        Ok([whole]) => Ok(whole),
        Err(_) => Err(broken(&"an end too few")),
    }
}

fn put(open: &mut [Element], node: Node) {
    let Some(inside) = open.last_mut() else { return };
    match (inside.children.last_mut(), node) {
        // A text and the letters that were escaped in it are one text.
        (Some(Node::Text(before)), Node::Text(more)) => before.push_str(&more),
        (_, node) => inside.children.push(node),
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element> {
    let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
    let attribute = |attribute: quick_xml::events::attributes::Attribute<'_>| {
        let value = attribute.unescape_value().map_err(|error| broken(&error))?;
        Ok((String::from_utf8_lossy(attribute.key.as_ref()).into_owned(), value.into_owned()))
    };
    let all = start.attributes().map(|one| one.map_err(|error| broken(&error)).and_then(attribute));
    Ok(Element { name, attributes: all.collect::<Result<_>>()?, children: Vec::new() })
}

fn named(name: &str) -> Result<char> {
    match name {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(broken(&name)),
    }
}

fn broken(why: &dyn std::fmt::Display) -> Fault {
    Fault::broken(msg!("report-pdf-page", why = why.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_it_stands() {
        let page = "<!DOCTYPE html>\n<html lang=\"ja\"><body class=\"a b\"><p>a &amp; &#39;b&#39;<br/>c</p><p>監査</p></body></html>\n";
        let whole = read(page).unwrap();
        let body = whole.find("body").unwrap();
        assert_eq!(whole.find("html").and_then(|html| html.attribute("lang")), Some("ja"));
        assert!(body.is("a") && body.is("b") && !body.is("c"));
        assert_eq!(body.text(), "a & 'b'c監査");
        let first = body.elements().next().unwrap();
        assert!(matches!(&first.children[0], Node::Text(text) if text == "a & 'b'"), "one text: {first:?}");
    }

    #[test]
    fn what_is_no_xml_is_a_defect() {
        for page in ["<p>a<br></p>", "<p>", "</p>", "<p>&nbsp;</p>", "<a b=c>", &"<p>".repeat(100)] {
            assert!(read(page).is_err(), "`{page}`");
        }
    }
}
