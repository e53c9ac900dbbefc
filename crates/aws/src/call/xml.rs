//! An answer in XML, as a tree: elements and their text. What else XML has is passed over; entities of one's own are refused.
//!
//! ```text
//! <DescribeDBLogFilesResult><Marker>x</Marker><DescribeDBLogFiles><DescribeDBLogFilesDetails>…
//! ```

use aws_smithy_runtime_api::box_error::BoxError;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

/// How deep elements may lie in one another.
const DEPTH: usize = 32;
/// How many elements an answer may have.
const ELEMENTS: usize = 200_000;

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Its name, without a prefix.
    name: String,
    /// Its text, as it stands there: nothing is trimmed, for it may be evidence.
    text: String,
    children: Vec<Self>,
}

impl Element {
    /// The outermost element of some XML.
    pub(crate) fn parse(xml: &[u8]) -> Result<Self, BoxError> {
        let mut reader = Reader::from_reader(xml);
        reader.config_mut().expand_empty_elements = true;
        // The first is what holds the outermost.
        let (mut open, mut count) = (vec![Self::default()], 0);
        loop {
            match reader.read_event()? {
                Event::Start(start) => {
                    count += 1;
                    if open.len() > DEPTH || count > ELEMENTS {
                        return Err("the XML has too many elements".into());
                    }
                    open.push(Self::begun(&start)?);
                }
                Event::End(_) => {
                    let (Some(done), Some(parent)) = (open.pop(), open.last_mut()) else {
                        return Err("the XML ends an element that was not begun".into());
                    };
                    parent.children.push(done);
                }
                Event::Text(text) => push(&mut open, &text.decode()?),
                Event::CData(text) => push(&mut open, &text.decode()?),
                Event::GeneralRef(reference) => {
                    let text = match reference.resolve_char_ref()? {
                        Some(c) => c.to_string(),
                        None => {
                            let known = resolve_xml_entity(&reference.decode()?).map(str::to_owned);
                            known.ok_or("the XML has an entity that XML does not have")?
                        }
                    };
                    push(&mut open, &text);
                }
                Event::Eof => break,
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) | Event::Empty(_) => {}
            }
        }
        let [whole] = &mut open[..] else { return Err("the XML ends within an element".into()) };
        match whole.children.len() {
            1 => Ok(whole.children.swap_remove(0)),
            _ => Err("the XML has not one outermost element".into()),
        }
    }

    fn begun(start: &BytesStart<'_>) -> Result<Self, BoxError> {
        let name = std::str::from_utf8(start.local_name().into_inner())?.to_owned();
        Ok(Self { name, ..Self::default() })
    }

    /// The first child of a name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The same, taken out.
    pub(super) fn into_child(self, name: &str) -> Option<Self> {
        self.children.into_iter().find(|child| child.name == name)
    }

    /// It as JSON: an element without others in it is its text, else an object by their names; what stands there more than once is a
    /// list. The name of the outermost is left out, and so are attributes.
    pub(crate) fn to_json(&self) -> Value {
        if self.children.is_empty() {
            return Value::String(self.text.clone());
        }
        let mut all = serde_json::Map::new();
        for child in &self.children {
            let value = child.to_json();
            match all.get_mut(&child.name) {
                None => drop(all.insert(child.name.clone(), value)),
                Some(Value::Array(list)) => list.push(value),
                Some(one) => *one = Value::Array(vec![one.take(), value]),
            }
        }
        Value::Object(all)
    }

    /// The text of the first child of a name; `None` where there is no such child.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// The children of a list: `<DBInstances><DBInstance>…`.
    pub(crate) fn list<'a>(&'a self, name: &str, item: &'a str) -> impl Iterator<Item = &'a Self> {
        let list = self.child(name).map(|list| &list.children[..]).unwrap_or_default();
        list.iter().filter(move |child| child.name == item)
    }
}

/// Adds to the text of the innermost element.
fn push(open: &mut [Element], text: &str) {
    // What stands outside of all elements is space between them.
    if let [_, .., innermost] = open {
        innermost.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_kept_as_it_stands_there() {
        let xml =
            "<?xml version=\"1.0\"?>\n<R xmlns=\"x\"><D> a &lt;b&gt; &#10;&#x8A3C;<![CDATA[<c>]]>\r\n</D><E/></R>\n";
        let root = Element::parse(xml.as_bytes()).unwrap();
        assert_eq!(root.text_of("D"), Some(" a <b> \n証<c>\r\n"));
        assert_eq!((root.text_of("E"), root.text_of("F")), (Some(""), None));
    }

    #[test]
    fn a_list_is_its_items() {
        let xml = b"<R><Items><Item><N>1</N></Item><Other/><Item><N>2</N></Item></Items></R>";
        let root = Element::parse(xml).unwrap();
        let names: Vec<_> = root.list("Items", "Item").filter_map(|item| item.text_of("N")).collect();
        assert_eq!(names, ["1", "2"]);
        assert_eq!(root.list("None", "Item").count(), 0);
    }

    #[test]
    fn it_is_json_by_the_names_of_its_elements() {
        let xml = b"<R xmlns='x'><Rule><ID>a</ID></Rule><Rule><ID>b</ID></Rule><One><M>1</M></One><Empty/></R>";
        let json = Element::parse(xml).unwrap().to_json();
        let expected = serde_json::json!({"Rule": [{"ID": "a"}, {"ID": "b"}], "One": {"M": "1"}, "Empty": ""});
        assert_eq!(json, expected);
        assert_eq!(Element::parse(b"<VersioningConfiguration/>").unwrap().to_json(), "");
    }

    #[test]
    fn what_is_no_xml_is_refused() {
        let deep = "<a>".repeat(40) + &"</a>".repeat(40);
        let odd = ["", "text", "<a>", "<a></b>", "<a/><b/>", "</a>", "<a>&own;</a>", "<a>&#0;</a>", deep.as_str()];
        for xml in odd {
            assert!(Element::parse(xml.as_bytes()).is_err(), "{xml}");
        }
        assert!(Element::parse(&[b'<', 0xFF, b'>']).is_err());
        let bomb = b"<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
        assert!(Element::parse(bomb).is_err());
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_comes_breaks_it(bytes: Vec<u8>, parts in proptest::collection::vec(0..12_usize, 0..200)) {
            let _ = Element::parse(&bytes);
            const PARTS: [&str; 12] =
                ["<a>", "</a>", "<b/>", "&lt;", "&#x41;", "&x;", "<![CDATA[", "]]>", "<!--", "-->", "<!DOCTYPE a [", "\"'="];
            let xml: String = parts.iter().map(|part| PARTS[*part]).collect();
            let _ = Element::parse(xml.as_bytes());
        }
    }
}
