//! The tables of `lookup` and `cidrlookup`: CSV files of a folder, read before a query is planned.
//!
//! ```text
//! lookups/user_data.csv      id,name,department
//!                            u-1,山田,監査
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use shoseki_insights::nearest;
use shoseki_messages::{Message, msg};

/// The largest table, in bytes, as in AWS.
const MAX_BYTES: u64 = 10 << 20;
/// The most tables of one query.
const MAX_TABLES: usize = 10;

/// The tables that a query names: each as it was read, or why it could not be.
#[derive(Debug, Default)]
pub(crate) struct Lookups {
    tables: BTreeMap<String, Result<Arc<Table>, Message>>,
}

/// A table of texts.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) columns: Vec<String>,
    /// All cells, one after another.
    text: String,
    /// Where each cell ends in it, row by row.
    ends: Vec<u32>,
    /// Rows by the values of some columns, for all slices of a query.
    keys: Mutex<Indexes<Keys>>,
    /// Rows by the range in a column.
    ranges: Mutex<Indexes<Ranges>>,
}

/// What was made of some columns of a table.
type Indexes<T> = Vec<(Vec<usize>, Arc<T>)>;

/// Rows by the values of some columns.
pub(crate) type Keys = HashMap<Vec<u8>, u32>;

/// Rows by address ranges: of each length of a prefix, the longest first, the prefixes.
#[derive(Debug, Default)]
pub(crate) struct Ranges {
    by_length: BTreeMap<std::cmp::Reverse<(u8, bool)>, HashMap<u128, u32>>,
}

impl Lookups {
    /// Reads tables: those that were given, and others from the folder. What is wrong with one is kept for whoever asks for
    /// it.
    pub(crate) fn read(folder: Option<&Path>, given: &BTreeMap<String, Bytes>, names: &BTreeSet<String>) -> Self {
        let read = |(at, name): (usize, &String)| {
            let table = match given.get(name) {
                _ if at >= MAX_TABLES => Err(msg!("query-lookup-too-many", limit = MAX_TABLES)),
                Some(bytes) => parsed(Path::new(name), bytes),
                None => read(folder, name).and_then(|(path, bytes)| parsed(&path, &bytes)),
            };
            (name.clone(), table.map(Arc::new))
        };
        Self { tables: names.iter().enumerate().map(read).collect() }
    }

    /// A table.
    pub(crate) fn table(&self, name: &str) -> Result<Arc<Table>, Message> {
        self.tables.get(name).cloned().unwrap_or_else(|| Err(msg!("query-lookup-no-table", name = name)))
    }
}

/// The bytes of those of the tables that can be read: whoever hands a query on hands these on with it.
pub(crate) fn bytes_of(folder: Option<&Path>, names: &BTreeSet<String>) -> BTreeMap<String, Bytes> {
    let read = |name: &String| Some((name.clone(), read(folder, name).ok()?.1.into()));
    names.iter().take(MAX_TABLES).filter_map(read).collect()
}

fn unreadable(path: &Path, reason: String) -> Message {
    msg!("query-lookup-unreadable", path = path.display().to_string(), reason = reason)
}

fn parsed(path: &Path, bytes: &[u8]) -> Result<Table, Message> {
    Table::parse(bytes).map_err(|error| unreadable(path, error.to_string()))
}

fn read(folder: Option<&Path>, name: &str) -> Result<(PathBuf, Vec<u8>), Message> {
    let Some(folder) = folder else { return Err(msg!("query-lookup-no-folder", name = name)) };
    // A name never leads out of the folder.
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || "_-".contains(c)) {
        return Err(msg!("query-lookup-name", name = name));
    }
    let path: PathBuf = folder.join(format!("{name}.csv"));
    let size = match std::fs::metadata(&path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(no_table(folder, name)),
        Err(error) => return Err(unreadable(&path, error.to_string())),
    };
    let too_large = || msg!("query-lookup-too-large", path = path.display().to_string(), limit = MAX_BYTES >> 20);
    if size > MAX_BYTES {
        return Err(too_large());
    }
    let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, error.to_string()))?;
    if bytes.len() as u64 > MAX_BYTES { Err(too_large()) } else { Ok((path, bytes)) }
}

fn no_table(folder: &Path, name: &str) -> Message {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().take(10_000);
    let names: Vec<String> =
        files.filter_map(|file| file.file_name().to_str()?.strip_suffix(".csv").map(str::to_owned)).collect();
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => msg!("query-lookup-no-table-near", name = name, near = near),
        None => msg!("query-lookup-no-table", name = name),
    }
}

impl Table {
    /// Reads CSV: UTF-8, perhaps with a byte order mark, the first line names the columns.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, csv::Error> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
        let columns: Vec<String> = reader.headers()?.iter().map(|name| name.trim().to_owned()).collect();
        let (mut text, mut ends) = (String::new(), Vec::new());
        let mut row = csv::StringRecord::new();
        while reader.read_record(&mut row)? {
            for cell in &row {
                text.push_str(cell);
                // A table has far less than 4 GiB.
                ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
            }
        }
        Ok(Self { columns, text, ends, keys: Mutex::default(), ranges: Mutex::default() })
    }

    /// The place of a column.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    pub(crate) fn rows(&self) -> usize {
        self.ends.len().checked_div(self.columns.len()).unwrap_or(0)
    }

    /// A cell; an empty one is missing.
    pub(crate) fn cell(&self, row: usize, column: usize) -> Option<&str> {
        let at = row * self.columns.len() + column;
        let end = *self.ends.get(at)? as usize;
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        self.text.get(start..end).filter(|cell| !cell.is_empty())
    }

    /// Rows by the values of these columns. Of several with the same the first counts.
    pub(crate) fn keys(&self, columns: &[usize]) -> Arc<Keys> {
        shared(&self.keys, columns, || {
            let mut keys = Keys::with_capacity(self.rows());
            for row in 0..self.rows() {
                let cells: Option<Vec<&[u8]>> =
                    columns.iter().map(|column| self.cell(row, *column).map(str::as_bytes)).collect();
                if let (Some(cells), Ok(row)) = (cells, u32::try_from(row)) {
                    keys.entry(key_of(cells)).or_insert(row);
                }
            }
            keys
        })
    }

    /// Rows by the ranges of a column. Of several with the same range the first counts.
    pub(crate) fn ranges(&self, column: usize) -> Arc<Ranges> {
        shared(&self.ranges, &[column], || {
            let mut ranges = Ranges::default();
            for row in 0..self.rows() {
                let range = self.cell(row, column).and_then(range_of);
                if let (Some((prefix, length, is_four)), Ok(row)) = (range, u32::try_from(row)) {
                    let of_length = ranges.by_length.entry(std::cmp::Reverse((length, is_four))).or_default();
                    of_length.entry(prefix).or_insert(row);
                }
            }
            ranges
        })
    }

    /// The column that has ranges and nothing else; `None` where there is none, or more than one.
    pub(crate) fn column_of_ranges(&self) -> Option<usize> {
        let has_ranges = |column: &usize| {
            let mut cells = (0..self.rows()).filter_map(|row| self.cell(row, *column)).peekable();
            cells.peek().is_some() && cells.all(|cell| range_of(cell).is_some())
        };
        let mut columns = (0..self.columns.len()).filter(has_ranges);
        columns.next().filter(|_| columns.next().is_none())
    }
}

/// Makes something of columns once.
fn shared<T>(made: &Mutex<Indexes<T>>, columns: &[usize], make: impl FnOnce() -> T) -> Arc<T> {
    // Nobody panics while it is held.
    let Ok(mut made) = made.lock() else { return Arc::new(make()) };
    if let Some((_, known)) = made.iter().find(|(of, _)| of == columns) {
        return Arc::clone(known);
    }
    let new = Arc::new(make());
    made.push((columns.to_vec(), Arc::clone(&new)));
    new
}

/// Several values as one: each with its length before it, so that different ones stay different.
pub(crate) fn key_of<'c>(cells: impl IntoIterator<Item = &'c [u8]>) -> Vec<u8> {
    let mut key = Vec::new();
    for cell in cells {
        key.extend_from_slice(&(cell.len() as u64).to_le_bytes());
        key.extend_from_slice(cell);
    }
    key
}

/// The network of `203.0.113.0/24`, the length of its prefix, and whether it is IPv4. An address is a range of one.
fn range_of(text: &str) -> Option<(u128, u8, bool)> {
    let text = text.trim();
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let (bits, width, is_four) = bits_of(address.parse().ok()?);
    let length = length.unwrap_or(width);
    Some((prefix(bits, width, length)?, length, is_four))
}

fn bits_of(address: IpAddr) -> (u128, u8, bool) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32, true),
        IpAddr::V6(address) => (address.to_bits(), 128, false),
    }
}

/// The first bits of an address; `None` where it has fewer.
fn prefix(bits: u128, width: u8, length: u8) -> Option<u128> {
    Some(bits.checked_shr(u32::from(width.checked_sub(length)?)).unwrap_or(0))
}

impl Ranges {
    /// The row of the narrowest range that an address lies in. An IPv4 address inside IPv6 is taken as itself.
    pub(crate) fn find(&self, address: &str) -> Option<u32> {
        let (bits, width, is_four) = bits_of(address.trim().parse::<IpAddr>().ok()?.to_canonical());
        let mut ranges = self.by_length.iter().filter(|(of, _)| of.0.1 == is_four);
        ranges.find_map(|(of, rows)| rows.get(&prefix(bits, width, of.0.0)?).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_as_csv() {
        let table = Table::parse("\u{feff}id, name\nu-1,\"山田, 太郎\"\nu-2,\nu-1,again\n".as_bytes()).unwrap();
        assert_eq!(table.columns, ["id", "name"]);
        assert_eq!((table.rows(), table.cell(0, 1), table.cell(1, 1)), (3, Some("山田, 太郎"), None));
        let keys = table.keys(&[0]);
        assert_eq!(keys.get(&key_of([b"u-1".as_slice()])), Some(&0), "the first of equal keys");
        assert_eq!((keys.len(), table.cell(9, 0), table.column("nome")), (2, None, None));
        assert!(Table::parse(b"a,b\n1\n").is_err(), "a row lacks a cell");
        assert!(Table::parse(b"a\n\xff\n").is_err(), "no UTF-8");
        assert_eq!(Table::parse(b"").unwrap().rows(), 0);
    }

    #[test]
    fn the_narrowest_range_counts() {
        let rows =
            "cidr,n\n10.0.0.0/8,8\n10.1.0.0/16,16\n10.1.2.3,32\n0.0.0.0/0,0\n2001:db8::/32,six\n10.1.0.0/33,bad\n";
        let table = Table::parse(rows.as_bytes()).unwrap();
        let ranges = table.ranges(0);
        let found = |address: &str| ranges.find(address).and_then(|row| table.cell(row as usize, 1));
        assert_eq!(found("10.1.2.3"), Some("32"));
        assert_eq!(found("10.1.2.4"), Some("16"));
        assert_eq!(found("::ffff:10.9.9.9"), Some("8"));
        assert_eq!(found("203.0.113.1"), Some("0"));
        assert_eq!((found("2001:db8::1"), found("2001:db9::1"), found("sts.amazonaws.com")), (Some("six"), None, None));
        assert_eq!(table.column_of_ranges(), None, "a range is wrong");
    }

    #[test]
    fn names_do_not_lead_out_of_the_folder() {
        let folder = Path::new("/etc");
        for name in ["../x", "a/b", "", ".", "a.b"] {
            assert_eq!(read(Some(folder), name).unwrap_err().id(), "query-lookup-name", "{name}");
        }
        assert_eq!(read(None, "x").unwrap_err().id(), "query-lookup-no-folder");
    }
}
