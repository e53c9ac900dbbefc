//! Databases of RDS and Aurora: which there are, their log files, and what stands in these, a portion at a time.
//!
//! A portion is asked for with the marker that the one before gave, and with how many lines it may have. Where these are more than
//! a megabyte, RDS cuts the last one and writes [`CUT`] behind it; its marker then leads behind what was cut away.

use async_recursion::async_recursion;
use aws_config::SdkConfig;
use shoseki_messages::{Fault, Result, msg};

use crate::call::{Element, Query, QueryService, Service, failed};
use crate::client::{self, Caller};

/// The marker of a file's beginning.
pub const BEGINNING: &str = "0";
/// What RDS writes behind a line that it cut.
pub const CUT: &str = "[Your log message was truncated]";
/// How many pages are read: 100 databases stand on each, or as many files as RDS likes.
const MAX_PAGES: usize = 1_000;

pub(crate) static RDS: QueryService =
    QueryService { service: Service { id: "RDS", host: "rds", is_fips_in_gov: true }, version: "2014-10-31" };

/// RDS of one account and region.
#[derive(Clone, Debug)]
pub struct Rds {
    rds: Query,
}

/// A log file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// Its name, `audit/server_audit.log`.
    pub name: String,
    /// How long it is, in bytes.
    pub size: u64,
    /// When it was last written, in milliseconds since 1970.
    pub written: i64,
}

/// Some lines of a log file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portion {
    /// The lines; the last one need not be whole where it is the file's last.
    pub lines: String,
    /// Where what follows begins; absent where RDS does not say.
    pub next: Option<String>,
    /// Whether more is there.
    pub is_more: bool,
}

impl Rds {
    /// As a caller sees them. Nothing is called yet.
    #[async_recursion]
    pub async fn of(caller: &Caller) -> Self {
        Self::by(&client::config_of(caller).await)
    }

    fn by(config: &SdkConfig) -> Self {
        Self { rds: Query::of(&RDS, config) }
    }

    /// The names of all databases. `rds:DescribeDBInstances`.
    ///
    /// # Errors
    /// The world's failure.
    #[async_recursion]
    pub async fn instances(&self) -> Result<Vec<String>> {
        let (action, mut names, mut marker) = ("rds:DescribeDBInstances", Vec::new(), None);
        for _ in 0..MAX_PAGES {
            let mut input = vec![("MaxRecords", "100")];
            input.extend(marker.as_deref().map(|marker| ("Marker", marker)));
            let answer = self.rds.call("DescribeDBInstances", &input).await;
            let answer = answer.map_err(|failure| failed(action, "*", failure))?;
            let found = answer.list("DBInstances", "DBInstance");
            names.extend(found.filter_map(|one| one.text_of("DBInstanceIdentifier").map(str::to_owned)));
            marker = next(&answer);
            if marker.is_none() {
                break;
            }
        }
        Ok(names)
    }

    /// The log files of a database that were written at this time or later (in milliseconds since 1970). `rds:DescribeDBLogFiles`.
    ///
    /// # Errors
    /// The caller's mistake where there is no such database; the world's failure else.
    #[async_recursion]
    pub async fn files(&self, instance: &str, since: i64) -> Result<Vec<LogFile>> {
        let (action, mut files, mut marker) = ("rds:DescribeDBLogFiles", Vec::new(), None);
        let since = since.max(0).to_string();
        for _ in 0..MAX_PAGES {
            let mut input = vec![("DBInstanceIdentifier", instance)];
            input.extend((since != "0").then_some(("FileLastWritten", since.as_str())));
            input.extend(marker.as_deref().map(|marker| ("Marker", marker)));
            let answer = self.rds.call("DescribeDBLogFiles", &input).await;
            let answer = answer.map_err(|failure| failed(action, instance, failure))?;
            for listed in answer.list("DescribeDBLogFiles", "DescribeDBLogFilesDetails") {
                files.push(file(listed).ok_or_else(|| odd(action, instance))?);
            }
            marker = next(&answer);
            if marker.is_none() {
                break;
            }
        }
        Ok(files)
    }

    /// Lines of a log file from a marker on, at most so many. `rds:DownloadDBLogFilePortion`.
    ///
    /// # Errors
    /// The caller's mistake where there is no such database or file; the world's failure else.
    #[async_recursion]
    pub async fn portion(&self, instance: &str, file: &str, marker: &str, lines: u32) -> Result<Portion> {
        let (action, what, lines) = ("rds:DownloadDBLogFilePortion", format!("{instance}/{file}"), lines.to_string());
        let input = [
            ("DBInstanceIdentifier", instance),
            ("LogFileName", file),
            ("Marker", marker),
            ("NumberOfLines", lines.as_str()),
        ];
        let answer = self.rds.call("DownloadDBLogFilePortion", &input).await;
        let answer = answer.map_err(|failure| failed(action, &what, failure))?;
        Ok(Portion {
            lines: answer.text_of("LogFileData").unwrap_or_default().to_owned(),
            next: next(&answer),
            is_more: answer.text_of("AdditionalDataPending") == Some("true"),
        })
    }
}

fn file(listed: &Element) -> Option<LogFile> {
    let number = |name: &str| listed.text_of(name).and_then(|text| text.parse::<i64>().ok());
    let size = number("Size").and_then(|size| u64::try_from(size).ok());
    Some(LogFile { name: listed.text_of("LogFileName")?.to_owned(), size: size?, written: number("LastWritten")? })
}

fn next(answer: &Element) -> Option<String> {
    answer.text_of("Marker").filter(|marker| !marker.is_empty()).map(str::to_owned)
}

fn odd(action: &str, what: &str) -> Fault {
    Fault::world(msg!("aws-call-odd-answer", action = action, what = what))
}

#[cfg(test)]
mod tests {
    use shoseki_messages::Kind;

    use super::*;
    use crate::call::stub::{self, Stub, answer};

    #[tokio::test]
    async fn databases_and_their_files_are_listed() {
        let Some(config) = stub::moto("databases of RDS") else { return };
        let rds = Rds::by(&config);
        let name = stub::unique("shop");
        let made = [
            ("DBInstanceIdentifier", name.as_str()),
            ("DBInstanceClass", "db.t3.micro"),
            ("Engine", "postgres"),
            ("AllocatedStorage", "10"),
            ("MasterUsername", "root"),
            ("MasterUserPassword", "hunter2hunter2"),
        ];
        rds.rds.call("CreateDBInstance", &made).await.unwrap();
        assert!(rds.instances().await.unwrap().contains(&name));
        let files = rds.files(&name, 0).await.unwrap();
        assert_eq!((files.len(), files[0].size), (1, 123));
        assert!(files[0].name.starts_with("error/postgresql.log.") && files[0].written > 1_700_000_000, "{files:?}");
        let absent = rds.files("none", 0).await.unwrap_err();
        assert_eq!((absent.id(), absent.kind()), ("aws-call-absent", Kind::Caller));
    }

    #[tokio::test]
    async fn a_portion_is_its_lines_as_they_stand_there_and_where_it_goes_on() {
        let portion = |inner: &str| {
            let whole = format!(
                "<DownloadDBLogFilePortionResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">\n  \
                 <DownloadDBLogFilePortionResult>{inner}</DownloadDBLogFilePortionResult>\n  <ResponseMetadata>\n    \
                 <RequestId>r</RequestId>\n  </ResponseMetadata>\n</DownloadDBLogFilePortionResponse>\n"
            );
            answer(200, &whole)
        };
        let more = "<AdditionalDataPending>true</AdditionalDataPending><Marker>15:1048577</Marker>";
        let stub = Stub::of(vec![
            portion(&format!("{more}<LogFileData>  a &amp; 証\n\tb &lt;&#xD;\n\n</LogFileData>")),
            portion("<AdditionalDataPending>false</AdditionalDataPending><Marker/><LogFileData/>"),
            answer(404, "<ErrorResponse><Error><Code>DBLogFileNotFoundFault</Code></Error></ErrorResponse>"),
        ]);
        let rds = Rds::by(&stub.config());
        let ask = async |marker| rds.portion("shop", "audit/server_audit.log.1", marker, 500).await;
        let lines = "  a & 証\n\tb <\r\n\n".to_owned();
        let first = Portion { lines, next: Some("15:1048577".to_owned()), is_more: true };
        assert_eq!(ask(BEGINNING).await.unwrap(), first);
        let last = Portion { lines: String::new(), next: None, is_more: false };
        assert_eq!(ask("15:1048577").await.unwrap(), last);
        assert_eq!(ask(BEGINNING).await.unwrap_err().id(), "aws-call-absent");
        let asked = stub.asked().remove(1);
        let form = "Action=DownloadDBLogFilePortion&Version=2014-10-31&DBInstanceIdentifier=shop\
                    &LogFileName=audit%2Fserver_audit.log.1&Marker=15%3A1048577&NumberOfLines=500";
        assert!(asked.ends_with(form), "{asked}");
    }
}
