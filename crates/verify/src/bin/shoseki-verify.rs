//! `shoseki-verify`: the judge as a small program of its own, without the vault's writer and the query engine.
//!
//! ```text
//! shoseki-verify package FILE --key KEY|FILE [--against FILE]
//! shoseki-verify proof FILE --key KEY|FILE
//! shoseki-verify vault FOLDER --key KEY|FILE [--encryption-key FILE]… [--deep] [--against FILE] [--anchor FOLDER]…
//! ```
//! Exit codes: 0 intact, 1 tampered, 2 the caller's mistake, 3 the world failed, 4 cannot be judged.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bytes::Bytes;
use shoseki_messages::{Fault, Kind, Lang, Message, Result, lookup, msg};
use shoseki_segment::keys::{KeyProvider, LocalKey, Providers};
use shoseki_tlog::VerifierKey;
use shoseki_verify::package::verify_package;
use shoseki_verify::{Place, Question, Report, judge_proof, verify_vault};

/// What the arguments say.
#[derive(Debug, Default)]
struct Arguments {
    command: String,
    target: Option<String>,
    key: Option<String>,
    encryption_keys: Vec<PathBuf>,
    against: Option<PathBuf>,
    anchors: Vec<String>,
    deep: bool,
    json: bool,
    help: bool,
    version: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let lang = language(&arguments);
    match parse(&arguments).and_then(|arguments| run(&arguments, lang)) {
        Ok(code) => ExitCode::from(code),
        Err(fault) => {
            let _ = writeln!(std::io::stderr(), "shoseki-verify: {}", fault.chain(lang));
            ExitCode::from(match fault.kind() {
                Kind::Caller => 2,
                Kind::World | Kind::Broken => 3,
                Kind::Damage => 1,
            })
        }
    }
}

/// `--lang`, or what the environment asks for.
fn language(arguments: &[String]) -> Lang {
    let given = arguments
        .iter()
        .zip(arguments.iter().skip(1))
        .find(|(name, _)| *name == "--lang")
        .map(|(_, lang)| lang.clone());
    let given = given.or_else(|| arguments.iter().find_map(|word| word.strip_prefix("--lang=").map(str::to_owned)));
    let environment = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    given
        .into_iter()
        .chain(environment)
        .find(|name| !name.is_empty())
        .and_then(|name| Lang::from_name(&name))
        .unwrap_or_default()
}

fn parse(words: &[String]) -> Result<Arguments> {
    let mut arguments = Arguments::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (name, inline) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        let mut value = || {
            let next = inline.clone().or_else(|| words.next().cloned());
            next.ok_or_else(|| Fault::caller(msg!("verify-cli-value-missing", option = name)))
        };
        match name {
            "--key" => arguments.key = Some(value()?),
            "--encryption-key" => arguments.encryption_keys.push(value()?.into()),
            "--against" => arguments.against = Some(value()?.into()),
            "--anchor" => arguments.anchors.push(value()?),
            "--lang" => {
                let lang = value()?;
                Lang::from_name(&lang).ok_or_else(|| Fault::caller(msg!("verify-cli-language", found = lang)))?;
            }
            "--deep" if inline.is_none() => arguments.deep = true,
            "--json" if inline.is_none() => arguments.json = true,
            "--help" | "-h" | "help" => arguments.help = true,
            "--version" | "-V" => arguments.version = true,
            _ if name.starts_with('-') => return Err(Fault::caller(msg!("verify-cli-option-unknown", option = name))),
            _ if arguments.command.is_empty() => arguments.command = word.clone(),
            _ if arguments.target.is_none() => arguments.target = Some(word.clone()),
            _ => return Err(Fault::caller(msg!("verify-cli-too-many", word = word))),
        }
    }
    Ok(arguments)
}

fn run(arguments: &Arguments, lang: Lang) -> Result<u8> {
    if arguments.version {
        print(concat!("shoseki-verify ", env!("CARGO_PKG_VERSION")))?;
        return Ok(0);
    }
    if arguments.help {
        print(&lookup("verify-cli-help", lang).unwrap_or_default())?;
        return Ok(0);
    }
    let commands = ["package", "proof", "vault"];
    if !commands.contains(&arguments.command.as_str()) {
        return Err(Fault::caller(msg!("verify-cli-command", found = arguments.command.as_str())));
    }
    let target = arguments
        .target
        .as_deref()
        .ok_or_else(|| Fault::caller(msg!("verify-cli-target-missing", command = arguments.command.as_str())))?;
    let key = arguments.key.as_deref().map(verifier_key).transpose()?;
    let against = arguments.against.as_deref().map(|path| read(path, 1 << 20)).transpose()?;
    let report = match arguments.command.as_str() {
        "package" => {
            let file = std::fs::File::open(target).map_err(|error| unreadable(Path::new(target), error))?;
            verify_package(std::io::BufReader::new(file), key.as_ref(), against.as_deref())?
        }
        "proof" => {
            let bytes = read(Path::new(target), shoseki_segment::proof::MAX_PROOF_BYTES as u64)?;
            judge_proof(target, &bytes, key.as_ref()).0
        }
        _ => vault(arguments, target, key, against)?,
    };
    print(&if arguments.json { json(&report)? } else { text(&report, lang) })?;
    Ok(report.verdict.exit_code())
}

fn vault(arguments: &Arguments, target: &str, key: Option<VerifierKey>, against: Option<Vec<u8>>) -> Result<Report> {
    let mut keys: Vec<Arc<dyn KeyProvider>> = Vec::new(); // since a rotation, a vault has several
    for path in &arguments.encryption_keys {
        let text = String::from_utf8(read(path, 4_096)?).unwrap_or_default(); // what is no text is no key
        keys.push(Arc::new(LocalKey::parse(&text)?));
    }
    let provider = keys.pop().map(|last| Arc::new(Providers::new(last, keys)) as Arc<dyn KeyProvider>);
    let mut anchors = Vec::new();
    for folder in &arguments.anchors {
        let path = folder.strip_prefix("file://").unwrap_or(folder);
        anchors.push((folder.clone(), Place::folder(Path::new(path))?));
    }
    let question = Question {
        place: Place::folder(Path::new(target))?,
        key,
        provider,
        deep: arguments.deep,
        against: against.map(Bytes::from),
        anchors,
        opener: None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::world(msg!("verify-cli-no-threads")).because(error))?;
    runtime.block_on(verify_vault(&question))
}

fn unreadable(path: &Path, error: std::io::Error) -> Fault {
    let message = msg!("verify-cli-file-unreadable", path = path.display().to_string());
    let is_caller = matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::IsADirectory);
    if is_caller { Fault::caller(message).because(error) } else { Fault::world(message).because(error) }
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    use std::io::Read;
    let file = std::fs::File::open(path).map_err(|error| unreadable(path, error))?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, error))?;
    Ok(bytes)
}

/// A verifier key, or the file that holds it.
fn verifier_key(text: &str) -> Result<VerifierKey> {
    if !text.contains('+') || Path::new(text).is_file() {
        let bytes = read(Path::new(text), 4_096)?;
        return String::from_utf8_lossy(&bytes).parse();
    }
    text.parse()
}

fn json(report: &Report) -> Result<String> {
    serde_json::to_string_pretty(report).map_err(|error| Fault::broken(msg!("verify-cli-no-json")).because(error))
}

/// The report for people: the verdict, what is wrong, what was checked, what is worth knowing.
fn text(report: &Report, lang: Lang) -> String {
    let say = |message: Message| message.text(lang);
    let mut lines = vec![say(report.verdict.message())];
    for problem in &report.problems {
        let since = problem
            .since
            .map(|since| say(msg!("verify-cli-since", commit = since.commit, time = since.time.to_string())));
        lines.push(format!("  {}: {}{}", problem.what, problem.text(lang), since.unwrap_or_default()));
    }
    if report.more_problems > 0 {
        lines.push(format!("  {}", say(msg!("verify-cli-more", count = report.more_problems))));
    }
    let checked = &report.checked;
    lines.push(say(msg!(
        "verify-cli-checked",
        origin = report.origin.as_str(),
        size = report.tree_size,
        commits = checked.commits,
        log_objects = checked.log_objects,
        checkpoints = checked.checkpoints,
        files = checked.files,
        records = checked.records,
        bytes = checked.bytes
    )));
    lines.extend(report.notes.iter().map(|note| format!("- {}", note.text(lang))));
    lines.join("\n")
}

fn print(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{}", text.trim_end())
        .map_err(|error| Fault::world(msg!("verify-cli-output-failed")).because(error))
}
