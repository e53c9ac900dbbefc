//! Real databases and a real syslog daemon, of Debian's packages: what their clients do is asked back, count for count, and every
//! byte that they wrote is accounted for.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in a test they are how it fails")]

mod daemons;
mod serving;
mod site;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use daemons::{User, account, are_there, run};
use serde_json::{Value, json};
use serving::{Server, ask, ask_until, configuration, failures, python, sender};
use site::Site;

/// A configuration with what stands in `more`.
fn taking(more: &str) -> String {
    configuration(&format!("seal_every = \"1s\"\n[http]\nlisten = \"127.0.0.1:0\"\n{more}"), "receivers = [\"falco\"]")
}

/// All that a source's records say, raw.
fn messages(site: &Site, source: &str) -> Vec<String> {
    let rows = ask(site, &format!("filter @source = '{source}' | display @message | limit 10000"));
    rows.iter().map(|row| row["@message"].as_str().unwrap().to_owned()).collect()
}

/// The content of all files of a folder that begin so, and how many events it has by `begins`.
fn written(folder: &Path, name: &str, begins: impl Fn(&str) -> bool) -> (Vec<u8>, u64) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.file_name().unwrap().to_str().unwrap().starts_with(name));
    paths.sort();
    let log: Vec<u8> = paths.iter().flat_map(|path| fs::read(path).unwrap()).collect();
    let events = String::from_utf8_lossy(&log).lines().filter(|line| begins(line)).count();
    (log, events as u64)
}

/// Waits until there are as many records of a source as events.
fn all_of(site: &Site, source: &str, wanted: impl Fn() -> u64) {
    let question = format!("filter @source = '{source}' | stats count(*) as n");
    let count = |rows: &[Value]| rows.first().and_then(|row| row["n"].as_u64()).unwrap_or_default();
    let rows = ask_until(site, &question, |rows| count(rows) == wanted());
    assert_eq!(count(&rows), wanted());
}

/// MariaDB's programs: the server, what makes its tables, a client.
const MARIADB: [&str; 3] = ["/usr/sbin/mariadbd", "/usr/bin/mariadb-install-db", "/usr/bin/mariadb"];
const SERVER_AUDIT: &str = "/usr/lib/mysql/plugin/server_audit.so";

/// Makes a database in a folder, and gives the command that starts it with its audit log.
fn mariadb(user: User, folder: &Path) -> Vec<String> {
    let [daemon, install, _] = MARIADB;
    let at = |name: &str| folder.join(name).display().to_string();
    let mut made = user.command(install);
    made.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
    made.arg(format!("--datadir={}", at("data"))).current_dir("/");
    let made = run(made, "");
    assert!(made.status.success(), "{made:?}");
    let options = [("datadir", "data"), ("socket", "sock"), ("pid-file", "pid")];
    let mut command = vec![daemon.to_owned(), "--no-defaults".to_owned(), "--skip-networking".to_owned()];
    command.extend(options.map(|(name, file)| format!("--{name}={}", at(file))));
    command.extend(
        ["--plugin-load-add=server_audit", "--server-audit-logging=ON", "--character-set-server=utf8mb4"]
            .map(str::to_owned),
    );
    command
}

/// Has a client of the database in a folder say statements.
fn ask_mariadb(folder: &Path, arguments: &[&str], statements: &str) -> std::process::Output {
    let socket = folder.join("sock").display().to_string();
    let mut called = Command::new(MARIADB[2]);
    called.args(["--no-defaults", "--default-character-set=utf8mb4", "--force", "-S", &socket]).args(arguments);
    run(called, statements)
}

/// Who stopped the audit log of a database, by which statement, fails; another change of it is for a person to look at.
fn assert_stop_is_found(site: &Site, (who, stop, change): (&str, &str, &str)) {
    let report =
        site.run(&["check", "--json", "--from", "-1d", "--check", "evidence_logging_was_not_stopped"]).report(1);
    let findings = report["checks"][0]["findings"].as_array().unwrap();
    let is_of = |finding: &&Value, status: &str, what: &str| {
        let said = finding["what"]["en"].as_str().unwrap();
        finding["subject"] == who && finding["status"] == status && said.contains(what)
    };
    for (status, what) in [("fail", stop), ("pass", change)] {
        assert!(findings.iter().any(|finding| is_of(&finding, status, what)), "{status} {what}: {findings:#?}");
    }
}

#[test]
fn mariadb_is_asked_back() {
    let programs = [&MARIADB[..], &[SERVER_AUDIT]].concat();
    if !are_there("mariadb_is_asked_back", &programs, "mariadb-server") {
        return;
    }
    let (site, user) = (Site::with_vault(&[]), User::of("mysql"));
    let folder = user.folder(&site.path("mariadb"));
    let mut command = mariadb(user, &folder);
    command.push(format!("--server-audit-file-path={}", folder.join("audit.log").display()));
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let config = taking("[[files]]\nname = \"db\"\npaths = [\"mariadb/audit.log*\"]\n");
    let server = Server::start(&site, &config);
    let mariadb = user.start(&site.path("mariadb.out"), &command, || folder.join("sock").exists());
    let ask_mariadb = |arguments: &[&str], statements: &str| ask_mariadb(&folder, arguments, statements);
    ask_mariadb(
        &["-u", "root"],
        "create database shop; create user '愛子'@'localhost' identified by 'pw'; grant all on shop.* to '愛子'@'localhost';",
    );
    let aiko = ["-u", "愛子", "-ppw", "shop"];
    let statements = "create table orders (id int primary key, 名前 varchar(100));\n\
        insert into orders values (1, '愛子 \"監査\" it''s \\\\ back'),\n  (2, 'タブ\t改行\nです');\n\
        select *\n  from orders\n where 名前 like '%監査%';\n\
        select * from nothing;\ncreate table `t,'x` (i int); insert into `t,'x` values (1); drop table `t,'x`;\n";
    let answer = ask_mariadb(&aiko, statements);
    assert!(String::from_utf8_lossy(&answer.stderr).contains("doesn't exist"), "{answer:?}");
    // Whoever fails to log in chooses the name that the log has.
    let names =
        ["愛子", "x,localhost,1,2,QUERY,shop,'drop table orders',0", "x,localhost,1,2,QUERY,shop,'drop table orders"];
    for name in names {
        assert!(!ask_mariadb(&["-u", name, "-pno", "shop"], "select 1").status.success());
    }
    let events = || written(&folder, "audit.log", |_| true);
    all_of(&site, "mariadb-audit", || events().1);
    server.kill();
    ask_mariadb(&aiko, &format!("select '{}' as cut_within_a_letter;\n", "監".repeat(600)));
    ask_mariadb(&["-u", "root"], "set global server_audit_file_rotate_now = 1;"); // its own rotation, by renaming
    for n in 0..20 {
        ask_mariadb(&aiko, &format!("select {n} as 回;"));
    }
    let server = Server::start(&site, &config);
    all_of(&site, "mariadb-audit", || events().1);
    assert!(folder.join("audit.log.1").exists(), "it was rotated");
    // Whoever switches the log off is the last that it tells.
    ask_mariadb(&["-u", "root"], "set global server_audit_logging = OFF; select 'unseen';");
    ask_mariadb(&["-u", "root"], "SET @@GLOBAL.server_audit_logging=1;\nset global server_audit_excl_users = 'root';");
    mariadb.stop();
    all_of(&site, "mariadb-audit", || events().1);
    assert_stop_is_found(&site, ("root", "server_audit_logging=OFF", "SET server_audit"));
    assert_eq!(ask(&site, "filter object = \"select 'unseen'\" | fields @ptr"), [] as [Value; 0]);
    account(&events().0, messages(&site, "mariadb-audit"));

    let rows = |question: &str| ask(&site, &format!("filter @source = 'mariadb-audit' | {question}"));
    let failed = rows("filter operation = 'FAILED_CONNECT' | sort username | fields username, retcode, status");
    let mut names = names.map(|name| json!({"username": name, "retcode": "1045", "status": "failure"}));
    names.sort_by_key(|row| row["username"].as_str().unwrap().to_owned());
    assert_eq!(failed, names);
    assert_eq!(rows("filter object like /回/ | stats count(*) as n"), [json!({"n": 20})]);
    let japanese = rows("filter object like '監査' and object like 'insert' | fields username, database, object");
    let statement = "insert into orders values (1, '愛子 \"監査\" it''s \\\\ back'),\n  (2, 'タブ\t改行\nです')";
    assert_eq!(japanese, [json!({"username": "愛子", "database": "shop", "object": statement})]);
    let by_operation = rows(
        "filter username = '愛子' and @log = 'mariadb-audit/db' | stats count(*) as n by operation | sort operation",
    );
    let of =
        |name: &str| by_operation.iter().find(|row| row["operation"] == name).map(|row| row["n"].as_u64().unwrap());
    assert_eq!([of("CONNECT"), of("CREATE"), of("DROP")], [Some(22), Some(2), Some(2 - 1)], "{by_operation:?}");
    assert_eq!(rows("filter @kind = 'unparsed'"), [] as [Value; 0]);
    let said = server.stop();
    assert_eq!(failures(&said), [] as [&str; 0]);
    site.assert_intact();
}

/// Has a program find the socket at `log` as `/dev/log`, which the C library knows and no setting moves: in a view of the file
/// system of its own, where `/dev` has that and what a program needs besides.
fn with_log(log: &Path, dev: &Path, command: &[String]) -> Vec<String> {
    let script = "set -e; for name in null zero random urandom; do touch \"$2/$name\"; mount --bind /dev/$name \"$2/$name\"; done
        ln -s \"$1\" \"$2/log\"; mount --rbind \"$2\" /dev; shift 2; exec \"$@\"";
    let view = ["unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh"];
    let is_root = User::of("root").is_root();
    let view = view.into_iter().filter(|word| !is_root || *word != "--map-root-user").map(str::to_owned);
    let paths = [log, dev].map(|path| path.display().to_string());
    let user = format!("--user={}", if is_root { "mysql" } else { "root" });
    view.chain(paths).chain(command.iter().cloned()).chain([user]).collect()
}

#[test]
fn mariadb_by_syslog_is_asked_back() {
    let programs = [&MARIADB[..], &[SERVER_AUDIT, "/usr/sbin/rsyslogd"]].concat();
    let name = "mariadb_by_syslog_is_asked_back";
    if !are_there(name, &programs, "mariadb-server and rsyslog") {
        return;
    }
    if !Command::new("unshare")
        .args(["--mount", "--map-root-user", "true"])
        .output()
        .is_ok_and(|done| done.status.success())
    {
        return eprintln!("skipped: `{name}` needs a view of the file system of its own (`unshare --mount`)");
    }
    let (site, user) = (Site::with_vault(&[]), User::of("mysql"));
    let folder = user.folder(&site.path("mariadb"));
    let more = "[[syslog]]\nname = \"databases\"\nlisten = \"127.0.0.1:0\"\ntransport = \"tcp\"\n";
    let server = Server::start(&site, &taking(more));
    // rsyslog passes on what it is told, and writes the same down.
    let (log, written) = (site.path("rsyslog/log"), site.path("rsyslog/written"));
    fs::create_dir(site.path("rsyslog")).unwrap();
    let port = server.syslog("databases").rsplit(':').next().unwrap();
    let config = format!(
        "global(workDirectory=\"{folder}\" maxMessageSize=\"64k\")\nmodule(load=\"imuxsock\" SysSock.Use=\"off\")\n\
         input(type=\"imuxsock\" Socket=\"{}\" RateLimit.Interval=\"0\")\n\
         template(name=\"said\" type=\"string\" string=\"%msg%\\n\")\n\
         action(type=\"omfile\" file=\"{}\" template=\"said\")\n\
         action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{port}\" protocol=\"tcp\" TCP_Framing=\"octet-counted\"\n\
         template=\"RSYSLOG_SyslogProtocol23Format\")\n",
        log.display(),
        written.display(),
        folder = site.path("rsyslog").display(),
    );
    let config = site.write("rsyslog/rsyslog.conf", config);
    let pid = site.path("rsyslog/pid").display().to_string();
    let command = ["/usr/sbin/rsyslogd", "-n", "-f", &config, "-i", &pid];
    let rsyslog = User::of("root").start(&site.path("rsyslog.out"), &command, || log.exists());
    let mut command = mariadb(user, &folder);
    command.extend(["--server-audit-output-type=syslog", "--server-audit-syslog-info=本番 shop"].map(str::to_owned));
    fs::create_dir(site.path("dev")).unwrap();
    let command = with_log(&log, &site.path("dev"), &command);
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let mariadb = User::of("root").start(&site.path("mariadb.out"), &command, || folder.join("sock").exists());
    let ask_mariadb = |arguments: &[&str], statements: &str| ask_mariadb(&folder, arguments, statements);
    ask_mariadb(
        &["-u", "root"],
        "create database shop; create user '愛子'@'localhost' identified by 'pw'; grant all on shop.* to '愛子'@'localhost';",
    );
    let aiko = ["-u", "愛子", "-ppw", "shop"];
    ask_mariadb(
        &aiko,
        "create table orders (id int, 名前 varchar(100));\ninsert into orders values (1, '愛子 \"監査\" it''s'),\n  (2, 'タブ\t');\n",
    );
    ask_mariadb(&aiko, &format!("select '{}' as cut_within_a_letter;\n", "監".repeat(600)));
    let names = ["愛子", "x,localhost,1,2,QUERY,shop,'drop table orders',0"];
    for name in names {
        assert!(!ask_mariadb(&["-u", name, "-pno", "shop"], "select 1").status.success());
    }
    mariadb.stop();
    rsyslog.stop(); // what it was told, it has written and passed on
    let said = String::from_utf8_lossy(&fs::read(&written).unwrap()).into_owned();
    let said: Vec<&str> = said.lines().map(str::trim_start).filter(|line| line.starts_with("本番 shop ")).collect();
    assert!(said.len() > 15, "{said:?}");
    all_of(&site, "mariadb-audit", || said.len() as u64);

    let mut messages = messages(&site, "mariadb-audit");
    messages.sort();
    let ends =
        |line: &str| messages.iter().filter(|message| message.starts_with('<') && message.ends_with(line)).count();
    let all = |line: &str| said.iter().filter(|said| **said == line).count();
    said.iter().for_each(|line| assert!(ends(line) >= all(line), "{line:?} of {messages:#?}"));
    let rows = |question: &str| ask(&site, &format!("filter @source = 'mariadb-audit' | {question}"));
    let failed = rows("filter operation = 'FAILED_CONNECT' | sort username | fields username, retcode, host");
    let mut names = names.map(|name| json!({"username": name, "retcode": "1045", "host": "localhost"}));
    names.sort_by_key(|row| row["username"].as_str().unwrap().to_owned());
    assert_eq!(failed, names);
    let japanese = rows("filter object like /監査/ and object like 'insert' | fields username, database, object");
    let statement = "insert into orders values (1, '愛子 \"監査\" it''s'),\n  (2, 'タブ\t')";
    assert_eq!(japanese, [json!({"username": "愛子", "database": "shop", "object": statement})]);
    let times = rows("stats count(*) as n by @timeOrigin");
    assert_eq!(times, [json!({"@timeOrigin": "event", "n": said.len()})]);
    let from = rows("parse @origin '*@*' as place, sent_from | stats count(*) as n by sent_from");
    assert_eq!(from, [json!({"sent_from": "127.0.0.1", "n": said.len()})]);
    let streams = rows("stats count(*) as n by @log");
    let log = streams[0]["@log"].as_str().unwrap();
    assert!(
        streams.len() == 1 && log.starts_with("mariadb-audit/databases/") && log.ends_with("/mysql-server_auditing"),
        "{log}"
    );
    let ended = server.stop();
    assert_eq!(failures(&ended), [] as [&str; 0]);
    site.assert_intact();
}

#[test]
fn postgresql_is_asked_back() {
    let plugin = found("/usr/lib/postgresql", "lib/pgaudit.so");
    let [daemon, install, client] =
        ["postgres", "initdb", "psql"].map(|name| plugin.replace("lib/pgaudit.so", &format!("bin/{name}")));
    if !are_there("postgresql_is_asked_back", &[&daemon, &install, &client, &plugin], "postgresql-15-pgaudit") {
        return;
    }
    let (site, user) = (Site::with_vault(&[]), User::of("postgres"));
    let folder = user.folder(&site.path("pg"));
    let at = |name: &str| folder.join(name).display().to_string();
    let mut made = user.command(&install);
    made.args(["-D", &at("data"), "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8"]).current_dir("/");
    let made = run(made, "");
    assert!(made.status.success(), "{made:?}");
    let access = "local all postgres trust\nlocal all all scram-sha-256\n";
    fs::write(folder.join("data/pg_hba.conf"), access).unwrap();
    let mut command = vec![daemon, "-D".to_owned(), at("data"), "-k".to_owned(), at("")];
    let settings = [
        "listen_addresses=",
        "logging_collector=on",
        "log_filename=postgresql-%H%M%S.log",
        "log_file_mode=0640",
        "shared_preload_libraries=pgaudit",
        "pgaudit.log=all",
        "pgaudit.log_parameter=on",
        "log_connections=on",
        "log_disconnections=on",
        "log_line_prefix=%m [%p] %q%u@%d ",
        "fsync=off",
    ];
    let directory = format!("log_directory={}", at("log"));
    for setting in settings.into_iter().chain([directory.as_str()]) {
        command.extend(["-c".to_owned(), setting.to_owned()]);
    }
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let config = taking("[[files]]\nname = \"db\"\npaths = [\"pg/log\"]\n");
    let server = Server::start(&site, &config);
    let psql = |arguments: &[&str], statements: &str| {
        let mut called = Command::new(&client);
        called.args(["-X", "-q", "-h", &at("")]).args(arguments).env("PGPASSWORD", "pw").current_dir("/");
        run(called, statements)
    };
    let is_up = || psql(&["-U", "postgres", "-c", "select 1"], "").status.success();
    let postgres = user.start(&site.path("pg.out"), &command, is_up);
    psql(&["-U", "postgres"], "create role \"愛子\" login password 'pw';\ncreate database shop owner \"愛子\";\n");
    let aiko = ["-U", "愛子", "-d", "shop"];
    let statements = "create table orders (id int, 名前 text);\n\
        insert into orders values (1, '愛子 \"監査\" it''s'),\n  (2, 'タブ\t改行\n\nです\n');\n\
        select *\n  from orders\n where 名前 like '%監査%';\nselect * from nothing;\n\
        do $$ begin raise warning 'a\n2026-03-05 01:02:03.004 UTC [1] 愛子@shop LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,x,<none>'; end $$;\n";
    let answer = psql(&aiko, statements);
    assert!(String::from_utf8_lossy(&answer.stderr).contains("does not exist"), "{answer:?}");
    let names = ["mei", "LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,x,<none>"];
    for name in names {
        assert!(!psql(&["-U", name, "-d", "shop", "-w"], "select 1").status.success());
    }
    let begins = |line: &str| line.starts_with("20") && line.contains(" UTC [");
    let events = || written(&folder.join("log"), "postgresql-", begins);
    all_of(&site, "pgaudit", || events().1);
    server.kill();
    let long = format!("select length('{}'), '\n{}';\n", "監".repeat(20_000), "行\n".repeat(300));
    psql(&aiko, &long);
    std::thread::sleep(std::time::Duration::from_millis(1100)); // the next file is called by the second
    psql(&["-U", "postgres"], "select pg_rotate_logfile();\n");
    for n in 0..20 {
        psql(&aiko, &format!("select {n} as 回;\n"));
    }
    let server = Server::start(&site, &config);
    all_of(&site, "pgaudit", || events().1);
    assert_eq!(fs::read_dir(folder.join("log")).unwrap().count(), 2, "it was rotated");
    psql(
        &["-U", "postgres"],
        "alter system set pgaudit.log_level to 'notice';\nalter role \"愛子\" set pgaudit.log = 'none';\n",
    );
    postgres.stop();
    all_of(&site, "pgaudit", || events().1);
    assert_stop_is_found(&site, ("postgres", "pgaudit.log=none", "SET pgaudit"));
    account(&events().0, messages(&site, "pgaudit"));

    let rows = |question: &str| ask(&site, &format!("filter @source = 'pgaudit' | {question}"));
    assert_eq!(rows("filter statement like /回/ and user = '愛子' | stats count(*) as n"), [json!({"n": 20})]);
    let japanese = rows("filter class = 'WRITE' | fields user, database, command, statement");
    let statement = "insert into orders values (1, '愛子 \"監査\" it''s'),\n  (2, 'タブ\t改行\n\nです\n');";
    assert_eq!(japanese, [json!({"user": "愛子", "database": "shop", "command": "INSERT", "statement": statement})]);
    let failed = rows("filter severity = 'FATAL' | sort user | fields user, status");
    assert_eq!(failed.iter().filter(|row| row["user"] == "mei").count(), 1, "{failed:?}");
    // Whoever fails to log in chooses a name that reads as a statement: it is said of the line that it reads in two ways.
    let spoofed = rows("filter statement = 'x' | fields api.response.error as error, severity_id");
    let two = json!({"error": "the line can be read in two ways", "severity_id": 4});
    assert_eq!(spoofed, [two.clone(), two]);
    let large = rows("filter class = 'READ' and statement like /監監監/ | fields strlen(statement) as n");
    assert_eq!(large, [json!({"n": long.trim_end().chars().count()})]);
    assert_eq!(rows("filter @kind = 'unparsed'"), [] as [Value; 0]);
    let said = server.stop();
    assert_eq!(failures(&said), [] as [&str; 0]);
    site.assert_intact();
}

/// What rsyslog sends by a forwarding action with these parameters to a listener with those keys is asked back, and from whom it
/// came.
fn rsyslog(site: &Site, listener: &str, action: &str, from: &str) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listener = format!("[[syslog]]\nname = \"servers\"\nlisten = \"127.0.0.1:{port}\"\n{listener}");
    let folder = site.path("rsyslog");
    fs::create_dir(&folder).unwrap();
    let at = |name: &str| folder.join(name).display().to_string();
    let config = format!(
        "global(workDirectory=\"{}\")\nmodule(load=\"imuxsock\" SysSock.Use=\"off\")\n\
         input(type=\"imuxsock\" Socket=\"{}\" RateLimit.Interval=\"0\")\n\
         action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{port}\" protocol=\"tcp\" TCP_Framing=\"octet-counted\"\n\
         template=\"RSYSLOG_SyslogProtocol23Format\" action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\"\n\
         queue.type=\"LinkedList\" queue.filename=\"shoseki\" queue.maxDiskSpace=\"1g\" queue.saveOnShutdown=\"on\" {action})\n",
        at(""),
        at("log")
    );
    let config = site.write("rsyslog/rsyslog.conf", config);
    let command = ["/usr/sbin/rsyslogd", "-n", "-f", &config, "-i", &at("pid")];
    let daemon = User::of("root").start(&site.path("rsyslog.out"), &command, || folder.join("log").exists());
    let log = |text: &str| {
        let mut logger = Command::new("/usr/bin/logger");
        let logged = logger
            .args(["--socket", &at("log"), "--size", "16KiB", "--tag", "shop", "-p", "auth.warning", text])
            .status();
        assert!(logged.unwrap().success());
    };
    let question =
        "filter @source = 'syslog' | stats count(*) as n by message, facility, severity, app_name | limit 1000";
    let all = |texts: usize| ask_until(site, question, |rows| rows.len() == texts);
    // While nobody listens, it keeps what it is told. What it could not send it may send twice afterwards.
    let kept: Vec<String> = (0..20).map(|n| format!("待つ {n}")).collect();
    kept.iter().for_each(|text| log(text));
    let server = Server::start(site, &taking(&listener));
    assert_eq!(all(kept.len()).len(), kept.len());
    // While we listen, each message is there once.
    let sent: Vec<String> = (0..50).map(|n| format!("ログイン {n} \"it's\"")).chain(["長い".repeat(1_000)]).collect();
    sent.iter().for_each(|text| log(text));
    let alert = r#"{"output":"x","priority":"Notice","rule":"シェル","time":"2026-03-05T01:02:03Z"}"#;
    log(alert);
    all(kept.len() + sent.len());
    let alerts = ask_until(site, "filter @source = 'falco' | display rule, @message", |rows| !rows.is_empty());
    assert_eq!(alerts, [json!({"rule": "シェル", "@message": alert})]);
    daemon.stop();
    let rows = all(kept.len() + sent.len());
    assert_eq!(rows.len(), kept.len() + sent.len());
    for row in &rows {
        let is_of = |texts: &[String]| texts.iter().any(|text| row["message"] == text.as_str());
        assert!((row["n"] == 1 && is_of(&sent)) || is_of(&kept), "{row}");
        let head = ["facility", "severity", "app_name"].map(|name| row[name].as_str().unwrap());
        assert_eq!(head, ["auth", "warning", "shop"]);
    }
    server.stop();
    let senders =
        "filter @source in ['syslog', 'falco'] | parse @origin '*@*' as place, sent_from | stats count(*) by sent_from";
    let senders = ask(site, &format!("{senders} | display sent_from"));
    assert_eq!(senders, [json!({ "sent_from": from })]);
    assert_eq!(site.records_of("syslog"), rows.iter().map(|row| row["n"].as_u64().unwrap()).sum::<u64>());
    site.assert_intact();
}

#[test]
fn rsyslog_is_asked_back() {
    if are_there("rsyslog_is_asked_back", &["/usr/sbin/rsyslogd", "/usr/bin/logger"], "rsyslog") {
        rsyslog(&Site::with_vault(&[]), "transport = \"tcp\"\n", "", "127.0.0.1");
    }
}

#[test]
fn rsyslog_is_asked_back_over_tls() {
    let name = "rsyslog_is_asked_back_over_tls";
    let driver = found("/usr/lib", "rsyslog/lmnsd_gtls.so");
    if !are_there(name, &["/usr/sbin/rsyslogd", "/usr/bin/logger", &driver], "rsyslog-gnutls") {
        return;
    }
    let Some(python) = python(name) else { return };
    let site = Site::with_vault(&[]);
    let at = |name: &str| site.path(name).display().to_string();
    sender(&python, ["certificates", &at(""), "-"]);
    let listener = "transport = \"tls\"\n[syslog.tls]\ncertificate = \"server.crt\"\nkey = \"server.key\"\nclient_ca = \"ca.crt\"\n";
    let action = format!(
        "StreamDriver=\"gtls\" StreamDriverMode=\"1\" StreamDriverAuthMode=\"x509/certvalid\"\n\
         StreamDriver.CAFile=\"{}\"\n\
         StreamDriver.CertFile=\"{}\" StreamDriver.KeyFile=\"{}\"",
        at("ca.crt"),
        at("client.crt"),
        at("client.key")
    );
    rsyslog(&site, listener, &action, "127.0.0.1/CN=shoseki test client");
}

/// A file below a folder whose name is that of an architecture or a version.
fn found(above: &str, below: &str) -> String {
    let folders = fs::read_dir(above).into_iter().flatten().filter_map(Result::ok);
    let found = folders.map(|folder| folder.path().join(below)).filter(|path| path.exists()).max();
    found.unwrap_or_else(|| Path::new(above).join(below)).display().to_string()
}
