//! `database`: a log-in that fails, of somebody who does not exist, at each database of RDS and Aurora. MySQL's and MariaDB's audit logs
//! have it as `FAILED_CONNECT`, PostgreSQL's as a line of its own.

use serde_json::Value;
use shoseki_messages::msg;

use super::{Emit, Place, Scene, Source, Trial};
use crate::found::{many, number, text};

pub(super) const SOURCE: Source = Source { name: "database", of };

/// What a database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// MySQL's, which MariaDB speaks, too.
    MySql,
    /// PostgreSQL's.
    PostgreSql,
}

impl Protocol {
    fn of(engine: &str) -> Option<Self> {
        match engine {
            "mysql" | "mariadb" | "aurora-mysql" => Some(Self::MySql),
            "postgres" | "aurora-postgresql" => Some(Self::PostgreSql),
            _ => None,
        }
    }

    /// What a person types to do the same from where the database is reached.
    pub fn command(self, host: &str, port: u16, user: &str) -> String {
        match self {
            Self::MySql => format!("mysql --host {host} --port {port} --user {user} --execute 'select 1'"),
            Self::PostgreSql => {
                format!("PGPASSWORD=none psql --host {host} --port {port} --username {user} --dbname postgres")
            }
        }
    }

    /// What is exported to CloudWatch Logs.
    fn log(self) -> &'static str {
        match self {
            Self::MySql => "audit",
            Self::PostgreSql => "postgresql",
        }
    }
}

fn of(scene: &Scene<'_>, trials: &mut Vec<Trial>) {
    if !scene.site.wish.databases {
        return;
    }
    for place in scene.site.places {
        for (call, list, one, kind) in [
            ("rds:DescribeDBInstances", "DBInstances", "DBInstance", "instance"),
            ("rds:DescribeDBClusters", "DBClusters", "DBCluster", "cluster"),
        ] {
            let (account, region) = place;
            let (pages, unknown) = scene.site.found.lists(call, account, Some(region));
            if let Some(why) = unknown {
                let of = format!("{account} {region} {kind}");
                trials.push(Trial::new(SOURCE.name, scene, &of, |_| Emit::Cannot(why)).at(account, region));
            }
            let all = pages.iter().flat_map(|page| many(&page[list][one]));
            // Members of a cluster are tried as the cluster.
            let own = all.filter(|one| kind == "cluster" || text(one, "DBClusterIdentifier").is_none());
            trials.extend(own.filter_map(|one| database(scene, one, kind)).map(|trial| trial.at(account, region)));
        }
    }
}

fn database(scene: &Scene<'_>, value: &Value, kind: &str) -> Option<Trial> {
    let name = text(value, if kind == "cluster" { "DBClusterIdentifier" } else { "DBInstanceIdentifier" })?;
    let engine = text(value, "Engine").unwrap_or_default();
    let protocol = Protocol::of(engine);
    let host = text(&value["Endpoint"], "Address").or_else(|| text(value, "Endpoint"));
    let port = number(&value["Endpoint"], "Port").or_else(|| number(value, "Port"));
    let port = port.and_then(|port| u16::try_from(port).ok());
    let emit = |mark: &str| match (protocol, host, port) {
        (None, ..) => Emit::Cannot(msg!("setup-check-engine", engine = engine)),
        (Some(protocol), Some(host), Some(port)) => {
            Emit::LogIn { protocol, host: host.to_owned(), port, user: format!("shoseki_check_{mark}") }
        }
        _ => Emit::Cannot(msg!("setup-check-no-endpoint", name = name)),
    };
    let place = protocol.map(|protocol| Place::Group(format!("/aws/rds/{kind}/{name}/{}", protocol.log())));
    Some(Trial::new(SOURCE.name, scene, name, emit).to(place).within(0, 5))
}
