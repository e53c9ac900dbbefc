//! Where an answer goes: a table on the screen, a format on standard output, or a file, whole or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use clap::ArgMatches;
use comfy_table::Table;
use shoseki_messages::{Fault, Result, msg};
use shoseki_query::output::{Format, RowWriter, row_texts, writer};
use shoseki_report::{Mask, OcsfWriter};

use crate::context::Context;
use crate::output;
use crate::whole_file::{self, WholeFile};

/// The formats by name.
pub const FORMATS: [&str; 5] = ["table", "csv", "json", "jsonl", "parquet"];

/// The format of an answer of records: asked for by `--ocsf`, for it is about rows that are records, and not about how rows are
/// written.
pub const OCSF: &str = "ocsf";

/// Where answers go.
#[derive(Clone, Debug)]
pub struct Target {
    /// One of [`FORMATS`], or [`OCSF`].
    pub format: &'static str,
    /// The file; standard output where there is none.
    pub file: Option<PathBuf>,
    /// Whether one that is there may be replaced.
    pub may_replace: bool,
    /// CSV with a byte order mark.
    pub bom: bool,
    /// What is masked; nothing where absent.
    pub mask: Option<Mask>,
}

impl Target {
    /// From the arguments: the format that was asked for, else that of the file's name, else what fits standard output.
    pub fn of(context: &Context, matches: &ArgMatches) -> Result<Self> {
        let file = matches.get_one::<String>("out").map(PathBuf::from);
        let asked = matches.get_one::<String>("output").and_then(|name| known(name));
        let format = match &file {
            _ if asked.is_some() || matches.get_flag("ocsf") => asked.unwrap_or(OCSF),
            Some(file) => of_name(file)?,
            None if context.json => "json",
            None if output::is_terminal() => "table",
            None => "csv",
        };
        let may_replace = whole_file::may_replace(matches);
        Self { format, file, may_replace, bom: matches.get_flag("bom"), mask: mask(matches)? }.checked()
    }

    /// Rows as they may be shown. What is made of records is masked when it is made.
    pub fn masked(&self, batch: RecordBatch) -> Result<RecordBatch> {
        match &self.mask {
            Some(mask) if self.format != OCSF => mask.batch(&batch),
            _ => Ok(batch),
        }
    }

    /// The same, if it is possible.
    pub fn checked(self) -> Result<Self> {
        match (self.format, &self.file) {
            ("table", Some(_)) => Err(Fault::caller(msg!("cli-query-table-file"))),
            ("parquet", None) if output::is_terminal() => Err(Fault::caller(msg!("cli-query-parquet-terminal"))),
            (_, Some(file)) => whole_file::refuse_existing(file, self.may_replace).map(|()| self),
            _ => Ok(self),
        }
    }

    /// Opens it for rows of a schema.
    pub fn open(&self, context: &Context, schema: &SchemaRef) -> Result<Sink> {
        let zone = context.zone;
        if self.format == OCSF {
            return self.open_ocsf();
        }
        let format = match self.format {
            "table" => return Ok(Sink::Table(Shown::new(schema))),
            "json" => Format::Json,
            "jsonl" => Format::JsonLines,
            "parquet" => Format::Parquet,
            _ => Format::Csv { bom: self.bom, zone },
        };
        match &self.file {
            Some(path) => {
                let file = WholeFile::begin(path, self.may_replace)?;
                let rows = writer(format, schema, file.writer()).map_err(|fault| whole_file::named_in(path, fault))?;
                Ok(Sink::File { rows, file, path: path.clone() })
            }
            None => Ok(Sink::Out(writer(format, schema, std::io::BufWriter::new(Out(std::io::stdout())))?)),
        }
    }
}

impl Target {
    fn open_ocsf(&self) -> Result<Sink> {
        let mask = self.mask.clone();
        match &self.file {
            Some(path) => {
                let file = WholeFile::begin(path, self.may_replace)?;
                let rows = Box::new(OcsfWriter::new(file.writer(), mask));
                Ok(Sink::File { rows, file, path: path.clone() })
            }
            None => {
                let out = std::io::BufWriter::new(Out(std::io::stdout()));
                Ok(Sink::Out(Box::new(OcsfWriter::new(out, mask))))
            }
        }
    }
}

/// What `--mask` masks: secrets and card numbers, and what its file names.
fn mask(matches: &ArgMatches) -> Result<Option<Mask>> {
    let Some(path) = matches.get_one::<String>("mask") else { return Ok(None) };
    if path.is_empty() {
        return Mask::new(None).map(Some);
    }
    let unreadable = |error| Fault::caller(msg!("cli-verify-file-unreadable", path = path.as_str())).because(error);
    let file = std::fs::read(path).map_err(unreadable)?;
    Mask::new(Some(&String::from_utf8_lossy(&file))).map(Some)
}

/// A format by its name.
pub fn known(name: &str) -> Option<&'static str> {
    FORMATS.into_iter().find(|known| *known == name)
}

/// The format that a file's name asks for; CSV where it has no ending, or that of a plain text.
///
/// # Errors
/// The caller's mistake where the ending is none that is known.
pub fn of_name(path: &Path) -> Result<&'static str> {
    let ending = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("json") => Ok("json"),
        Some("jsonl" | "ndjson") => Ok("jsonl"),
        Some("parquet") => Ok("parquet"),
        None | Some("csv" | "txt") => Ok("csv"),
        Some(ending) => Err(Fault::caller(msg!("question-out-ending", ending = ending))),
    }
}

/// What takes rows.
pub enum Sink {
    /// A table.
    Table(Shown),
    /// Standard output.
    Out(Box<dyn RowWriter>),
    /// A file.
    File {
        /// What writes into it.
        rows: Box<dyn RowWriter>,
        /// The file.
        file: WholeFile,
        /// Its name.
        path: PathBuf,
    },
}

impl Sink {
    /// Takes a batch.
    pub fn write(&mut self, context: &Context, batch: &RecordBatch) -> Result<()> {
        match self {
            Self::Table(table) => {
                table.write(context, batch);
                Ok(())
            }
            Self::Out(rows) => rows.write(batch),
            Self::File { rows, path, .. } => rows.write(batch).map_err(|fault| whole_file::named_in(path, fault)),
        }
    }

    /// Writes what comes at the end.
    pub fn finish(self, context: &Context, count: u64) -> Result<()> {
        match self {
            Self::Table(table) => table.finish(context, count),
            Self::Out(rows) => return rows.finish(),
            Self::File { rows, file, path } => {
                rows.finish().map_err(|fault| whole_file::named_in(&path, fault))?;
                file.finish()?;
                let path = path.display().to_string();
                context.note(&msg!("cli-query-written", rows = output::count(count), path = path));
            }
        }
        Ok(())
    }
}

/// Standard output whose reader may go away, as `head` does: then the query ends, and that is no error.
struct Out(std::io::Stdout);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
            written => written,
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
            flushed => flushed,
        }
    }
}

/// How many rows a table has before the next one begins.
const ROWS_A_TABLE: usize = 500;

/// How many characters of a cell are shown in a table.
const SHOWN: usize = 100;

/// Rows as tables.
pub struct Shown {
    heads: Vec<String>,
    table: Table,
    in_table: usize,
    is_cut: bool,
}

impl Shown {
    fn new(schema: &SchemaRef) -> Self {
        let heads: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        Self { table: output::table(&heads), heads, in_table: 0, is_cut: false }
    }

    fn write(&mut self, context: &Context, batch: &RecordBatch) {
        for row in 0..batch.num_rows() {
            let cells: Vec<String> =
                row_texts(batch, row, context.zone).into_iter().map(|cell| self.shortened(cell)).collect();
            self.table.add_row(cells);
            self.in_table += 1;
            if self.in_table == ROWS_A_TABLE {
                self.print();
            }
        }
    }

    fn shortened(&mut self, cell: String) -> String {
        if cell.chars().nth(SHOWN).is_none() {
            return cell;
        }
        self.is_cut = true;
        cell.chars().take(SHOWN).chain(['…']).collect()
    }

    fn print(&mut self) {
        if self.in_table > 0 {
            output::line(&self.table.to_string());
            self.table = output::table(&self.heads);
            self.in_table = 0;
        }
    }

    fn finish(mut self, context: &Context, count: u64) {
        self.print();
        if self.is_cut {
            context.note(&msg!("cli-query-cut"));
        }
        context.note(&msg!("cli-query-rows", rows = output::count(count)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_says_its_format() {
        for (name, format) in [("a.csv", "csv"), ("a.json", "json"), ("a.jsonl", "jsonl"), ("b.x/a.parquet", "parquet")]
        {
            assert_eq!(of_name(Path::new(name)).unwrap(), format);
        }
        for name in ["a", "a.txt", "a.csv"] {
            assert_eq!(of_name(Path::new(name)).unwrap(), "csv");
        }
        assert_eq!(of_name(Path::new("z.xyz")).unwrap_err().id(), "question-out-ending");
    }
}
