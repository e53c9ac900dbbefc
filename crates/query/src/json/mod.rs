//! Values out of the raw JSON: a path, read as text.
//!
//! A string is its content, a number, a boolean, an object or a list is its JSON text, `null` and what is not there are
//! null. A segment of digits is a place in a list, or, where there is an object, a key.

mod many;

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use arrow::array::{Array, AsArray, BinaryArray, StringArray, StringBuilder};
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use memchr::memmem::{self, Finder};
use sonic_rs::{ArrayJsonIter, JsonValueTrait, LazyValue, ObjectJsonIter, PointerNode};

pub(crate) use many::share;

/// The most keys that are kept for naming the nearest of them.
const MAX_KEYS: usize = 2_000;
/// The rows that are looked at for them.
const MAX_SAMPLES: u64 = 500;

/// Where a value stands.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    keys: Vec<PointerNode>,
    /// The same with digits as places, where there are digits.
    places: Option<Vec<PointerNode>>,
    /// Its keys in quotes, the innermost first, where JSON has only one other way to write them: with `\u`.
    needles: Vec<Finder<'static>>,
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.keys == other.keys
    }
}
impl Eq for Path {}
impl Hash for Path {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.keys.hash(state);
    }
}

/// The beginning of an escape by which a letter or a digit can be written.
const ESCAPE: &[u8] = b"\\u";

impl Path {
    pub(crate) fn new(keys: &[String]) -> Self {
        let place = |key: &String| key.parse().ok().filter(|_| key.len() == 1 || !key.starts_with('0'));
        let node = |key: &String| PointerNode::Key(key.clone().into());
        let has_places = keys.iter().any(|key| place(key).is_some());
        let places = || keys.iter().map(|key| place(key).map_or_else(|| node(key), PointerNode::Index)).collect();
        let is_plain = |key: &&String| key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        let needles = keys.iter().rev().filter(|key| place(key).is_none()).filter(is_plain);
        let needles = needles.map(|key| Finder::new(&format!("\"{key}\"")).into_owned()).collect();
        Self { keys: keys.iter().map(node).collect(), places: has_places.then(places), needles }
    }

    /// Whether an event certainly lacks the path: one of its keys stands nowhere in the bytes. Looking for them is several
    /// times as fast as passing over the JSON, and the innermost is the rarest.
    fn is_certainly_absent(&self, json: &[u8]) -> bool {
        self.needles.iter().any(|needle| needle.find(json).is_none()) && memmem::find(json, ESCAPE).is_none()
    }

    /// The path of `a.b.0.c`.
    pub(crate) fn parse(text: &str) -> Self {
        Self::new(&text.split('.').map(str::to_owned).collect::<Vec<_>>())
    }

    /// The keys, one behind the other.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |node: &PointerNode| match node {
            PointerNode::Key(key) => key.to_string(),
            PointerNode::Index(place) => place.to_string(),
        };
        self.keys.iter().map(name).collect()
    }

    /// The text at the path, given the value to which so many of its keys lead.
    pub(crate) fn text_within(&self, leading: usize, json: &[u8]) -> Option<String> {
        let at = |path: &[PointerNode]| below(json, path.get(leading..)?);
        text(&self.places.as_deref().and_then(at).or_else(|| at(&self.keys))?)
    }

    /// The key of the outermost object that the path begins with; `None` where it may be a place in a list.
    fn first_key(&self) -> Option<&str> {
        let first = self.places.as_ref().unwrap_or(&self.keys).first()?;
        match first {
            PointerNode::Key(key) => Some(key),
            PointerNode::Index(_) => None,
        }
    }

    /// The value at the path, given that of its first key.
    fn below<'j>(&self, value: &LazyValue<'j>) -> Option<LazyValue<'j>> {
        let at = |path: &[PointerNode]| path.iter().skip(1).try_fold(value.clone(), within);
        self.places.as_deref().and_then(at).or_else(|| at(&self.keys))
    }

    fn find<'j>(&self, json: &'j [u8]) -> Option<LazyValue<'j>> {
        if self.is_certainly_absent(json) {
            return None;
        }
        let at = |path: &[PointerNode]| below(json, path);
        self.places.as_deref().and_then(at).or_else(|| at(&self.keys))
    }

    /// Whether it leads to something, be it `null`.
    pub(crate) fn is_in(&self, json: &[u8]) -> bool {
        self.find(json).is_some()
    }

    /// The value as text.
    pub(crate) fn text_of(&self, json: &[u8]) -> Option<String> {
        text(&self.find(json)?)
    }

    /// Whether the event has the field, be it `null`.
    pub(crate) fn append(&self, json: &[u8], texts: &mut StringBuilder) -> bool {
        let found = self.find(json);
        match &found {
            None => texts.append_null(),
            Some(value) if value.is_null() => texts.append_null(),
            Some(value) => match value.as_str() {
                Some(text) => texts.append_value(text),
                None => texts.append_value(value.as_raw_str()),
            },
        }
        found.is_some()
    }
}

impl fmt::Display for Path {
    /// `a.b.0`, each key quoted where it has a dot itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, node) in self.keys.iter().enumerate() {
            let PointerNode::Key(key) = node else { continue };
            f.write_str(if at == 0 { "" } else { "." })?;
            if key.contains('.') { write!(f, "{key:?}")? } else { f.write_str(key)? }
        }
        Ok(())
    }
}

/// The first member of a name. Passing over members one by one is faster than `sonic_rs::get`, which counts lines where
/// there is none.
fn member<'j>(object: ObjectJsonIter<'j>, name: &str) -> Option<LazyValue<'j>> {
    object.map_while(Result::ok).find(|(key, _)| key == name).map(|(_, value)| value)
}

/// What a path leads to. Members are passed over and not read, however deep they are.
fn below<'j>(json: &'j [u8], path: &[PointerNode]) -> Option<LazyValue<'j>> {
    let (first, rest) = path.split_first()?;
    let value = match first {
        PointerNode::Key(key) => member(sonic_rs::to_object_iter(json), key),
        PointerNode::Index(place) => element(sonic_rs::to_array_iter(json), *place),
    };
    rest.iter().try_fold(value?, within)
}

fn element(array: ArrayJsonIter<'_>, place: usize) -> Option<LazyValue<'_>> {
    array.map_while(Result::ok).nth(place)
}

fn within<'j>(value: LazyValue<'j>, node: &PointerNode) -> Option<LazyValue<'j>> {
    match node {
        PointerNode::Key(key) => member(value.into_object_iter()?, key),
        PointerNode::Index(place) => element(value.into_array_iter()?, *place),
    }
}

fn text(value: &LazyValue<'_>) -> Option<String> {
    if value.is_null() {
        return None;
    }
    Some(value.as_str().map_or_else(|| value.as_raw_str().to_owned(), str::to_owned))
}

/// A string's content as it is meant, given as it is written.
pub(crate) fn unescaped(written: &str) -> std::borrow::Cow<'_, str> {
    if !written.contains('\\') {
        return written.into();
    }
    let quoted = format!("\"{written}\"");
    match sonic_rs::from_str::<LazyValue<'_>>(&quoted) {
        Ok(value) => text(&value).unwrap_or_default().into(),
        Err(_) => quoted.into(),
    }
}

/// What was seen of a field while a query ran: for the hint that no event has it.
#[derive(Debug, Default)]
pub(crate) struct Sightings {
    pub(crate) looked: AtomicU64,
    pub(crate) found: AtomicU64,
    keys: Mutex<BTreeSet<String>>,
}

impl Sightings {
    /// Notes the paths of an event that lacks the field, two levels deep, until there are enough.
    fn sample(&self, json: &[u8]) {
        let Ok(mut keys) = self.keys.lock() else { return };
        for (key, value) in sonic_rs::to_object_iter(json).flatten() {
            if keys.len() >= MAX_KEYS {
                return;
            }
            if let Some(inner) = value.into_object_iter() {
                keys.extend(inner.flatten().map(|(under, _)| format!("{key}.{under}")).take(100));
            }
            keys.insert(key.to_string());
        }
    }

    /// Notes that so many events were looked at, and so many of them have the field.
    pub(crate) fn saw_many(&self, looked: usize, found: usize) {
        self.looked.fetch_add(looked as u64, Ordering::Relaxed);
        self.found.fetch_add(found as u64, Ordering::Relaxed);
    }

    /// Notes paths that events have.
    fn names(&self, names: impl Iterator<Item = String>) {
        if let Ok(mut keys) = self.keys.lock() {
            let room = MAX_KEYS.saturating_sub(keys.len());
            keys.extend(names.take(room));
        }
    }

    /// Notes the paths that events of a template have.
    pub(crate) fn names_of(&self, template: &shoseki_segment::shred::Template) {
        self.names(template.parts.iter().map(|part| part.pointer.trim_start_matches('/').replace('/', ".")));
    }

    /// Whether an event was seen that has the field.
    pub(crate) fn is_found(&self) -> bool {
        self.found.load(Ordering::Relaxed) > 0
    }

    /// Begins to watch a batch.
    pub(crate) fn watch(&self, rows: usize) -> Watch<'_> {
        let looked = self.looked.fetch_add(rows as u64, Ordering::Relaxed);
        Watch { sightings: self, found: 0, samples: MAX_SAMPLES.saturating_sub(looked) }
    }

    /// The known path that is nearest to a name.
    pub(crate) fn nearest(&self, name: &str) -> Option<String> {
        let keys = self.keys.lock().ok()?;
        shoseki_insights::nearest(name, keys.iter().map(String::as_str)).map(str::to_owned)
    }
}

/// The watching of one batch.
pub(crate) struct Watch<'s> {
    sightings: &'s Sightings,
    found: u64,
    samples: u64,
}

impl Watch<'_> {
    pub(crate) fn saw(&mut self, is_there: bool, json: &[u8]) {
        if is_there {
            self.found += 1;
        } else if self.samples > 0 {
            self.samples -= 1;
            self.sightings.sample(json);
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.sightings.found.fetch_add(self.found, Ordering::Relaxed);
    }
}

/// A path and what was seen of it.
#[derive(Clone, Debug)]
struct Watched {
    path: Path,
    sightings: Arc<Sightings>,
}

/// The function that reads one path of each row's raw JSON.
struct AtPath {
    watched: Watched,
    name: String,
    signature: Signature,
}

/// The text at a path of the raw JSON.
pub(crate) fn at_path(raw: Expr, name: &str, path: Path, sightings: Arc<Sightings>) -> Expr {
    let signature = Signature::any(1, Volatility::Immutable);
    let watched = Watched { path, sightings };
    ScalarUDF::from(AtPath { watched, name: format!("json:{name}"), signature }).call(vec![raw])
}

impl fmt::Debug for AtPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl PartialEq for AtPath {
    fn eq(&self, other: &Self) -> bool {
        self.watched.path == other.watched.path
    }
}
impl Eq for AtPath {}
impl Hash for AtPath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.watched.path.hash(state);
    }
}

impl ScalarUDFImpl for AtPath {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let raw = binary(&args, 0)?;
        let mut texts = StringBuilder::with_capacity(raw.len(), raw.len() * 16);
        let mut watch = self.watched.sightings.watch(raw.len());
        for row in &raw {
            match row {
                Some(bytes) => {
                    let is_there = self.watched.path.append(bytes, &mut texts);
                    watch.saw(is_there, bytes);
                }
                None => texts.append_null(),
            }
        }
        Ok(ColumnarValue::Array(Arc::new(texts.finish())))
    }
}

/// An argument as bytes.
pub(crate) fn binary(args: &ScalarFunctionArgs, at: usize) -> Result<BinaryArray> {
    let value = args.args.get(at).ok_or_else(|| DataFusionError::Internal(format!("no argument {at}")))?;
    let array = value.to_array(args.number_rows)?;
    if let Some(binary) = array.as_binary_opt::<i32>() {
        return Ok(binary.clone());
    }
    let cast = arrow::compute::cast(&array, &DataType::Binary)?;
    cast.as_binary_opt::<i32>().cloned().ok_or_else(|| DataFusionError::Internal(format!("argument {at} is no bytes")))
}

/// `json(raw, 'a.b.0')` of SQL.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct JsonFunction {
    signature: Signature,
}

impl JsonFunction {
    pub(crate) fn udf() -> ScalarUDF {
        ScalarUDF::from(Self { signature: Signature::any(2, Volatility::Immutable) })
    }
}

impl ScalarUDFImpl for JsonFunction {
    fn name(&self) -> &str {
        "json"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let raw = binary(&args, 0)?;
        let paths = args.args.get(1).ok_or_else(|| DataFusionError::Internal("no path".to_owned()))?;
        let paths = arrow::compute::cast(&paths.to_array(args.number_rows)?, &DataType::Utf8)?;
        let paths: &StringArray = paths.as_string();
        let mut texts = StringBuilder::new();
        let mut last: Option<(String, Path)> = None;
        for row in 0..raw.len() {
            if raw.is_null(row) || paths.is_null(row) {
                texts.append_null();
                continue;
            }
            let text = paths.value(row);
            let path = match &mut last {
                Some((of, path)) if of == text => path,
                last => &mut last.insert((text.to_owned(), Path::parse(text))).1,
            };
            path.append(raw.value(row), &mut texts);
        }
        Ok(ColumnarValue::Array(Arc::new(texts.finish())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_text() {
        let json = r#"{"a":{"b":[{"c":"証\u8de1"},2.50,true,null,{"7":"k"}],"o":{"x": 1}},"e":""}"#.as_bytes();
        let text = |path: &str| Path::parse(path).text_of(json);
        assert_eq!(text("a.b.0.c").as_deref(), Some("証跡"));
        assert_eq!(text("a.b.1").as_deref(), Some("2.50"));
        assert_eq!(text("a.b.2").as_deref(), Some("true"));
        assert_eq!(text("a.b.3"), None);
        assert_eq!(text("a.o").as_deref(), Some(r#"{"x": 1}"#));
        assert_eq!(text("e").as_deref(), Some(""));
        assert_eq!((text("a.b.9"), text("a.z"), text("e.f"), text("")), (None, None, None, None));
        let escaped = br#"{"a\u002db":{"\u0062ucketName":"x"}}"#;
        assert_eq!(Path::parse("a-b.bucketName").text_of(escaped).as_deref(), Some("x"), "a key may be escaped");
        assert_eq!(Path::parse("7").text_of(br#"{"7":"k"}"#).as_deref(), Some("k"));
    }

    #[test]
    fn what_is_no_json_has_no_values() {
        for bytes in [b"".as_slice(), b"plain text", b"{\"a\":", b"\xff\xfe", b"[1,2"] {
            assert_eq!(Path::parse("a.b").text_of(bytes), None);
        }
    }
}
