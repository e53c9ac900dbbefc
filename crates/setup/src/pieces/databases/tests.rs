//! Databases as RDS answers of them, and what is changed of their groups.

use shoseki_aws::inventory::{Answer, CALLS, Said};

use super::*;

fn database<'a>(value: &'a Value, engine: &'a str, version: &'a str) -> Database<'a> {
    Database { value, name: "orders", engine, version, is_cluster: engine.starts_with("aurora") }
}

#[test]
fn a_family_is_the_engine_with_the_version_that_counts() {
    for (engine, version, family) in [
        ("postgres", "16.3", "postgres16"),
        ("aurora-postgresql", "15.4", "aurora-postgresql15"),
        ("aurora-mysql", "8.0.mysql_aurora.3.04.0", "aurora-mysql8.0"),
    ] {
        assert_eq!(database(&Value::Null, engine, version).family(), family);
    }
    assert_eq!(database(&Value::Null, "mariadb", "10.11.6").version(2), "10.11");
}

#[test]
fn what_is_loaded_stays_loaded_and_what_audits_is_left_as_it_is() {
    let missing = |engine: &str, is: &[(&'static str, &'static str)]| {
        missing(&database(&Value::Null, engine, "16"), &is.iter().copied().collect())
    };
    let of = |name, value: &str, takes_reboot| (name, value.to_owned(), takes_reboot);
    assert_eq!(
        missing("postgres", &[]),
        [
            of("shared_preload_libraries", "pg_stat_statements,pgaudit", true),
            of("pgaudit.log", "ddl,role,write,read", true)
        ]
    );
    assert_eq!(
        missing("postgres", &[("shared_preload_libraries", "pg_cron"), ("pgaudit.log", "ddl")]),
        [of("shared_preload_libraries", "pg_cron,pgaudit", true), of("pgaudit.log", "ddl,role,write,read", true)]
    );
    assert_eq!(missing("postgres", &[("shared_preload_libraries", "a, pgaudit"), ("pgaudit.log", "all")]), []);
    assert_eq!(
        missing("aurora-mysql", &[("server_audit_events", "CONNECT")]),
        [
            of("server_audit_logging", "1", false),
            of("server_audit_events", "CONNECT,QUERY_DCL,QUERY_DDL,QUERY_DML", false)
        ]
    );
}

#[test]
fn what_audits_less_is_widened_and_what_audits_more_stays() {
    for (is, becomes) in [
        ("", Some("ddl,role,write,read")),
        ("none", Some("ddl,role,write,read")),
        ("ddl", Some("ddl,role,write,read")),
        ("WRITE, ddl", Some("WRITE, ddl,role,read")),
        ("all,-read", Some("all,-read,read")),
        ("read,write,ddl,role,-misc", None),
        ("all", None),
        ("all, -misc", None),
    ] {
        assert_eq!(widened(is, &unlogged(is)).as_deref(), becomes, "{is}");
    }
    for (is, becomes) in [
        ("", Some(EVENTS)),
        ("CONNECT", Some("CONNECT,QUERY_DCL,QUERY_DDL,QUERY_DML")),
        (
            "CONNECT,QUERY_DCL,QUERY_DDL,QUERY_DML_NO_SELECT",
            Some("CONNECT,QUERY_DCL,QUERY_DDL,QUERY_DML_NO_SELECT,QUERY_DML"),
        ),
        ("connect, query", None),
        (EVENTS, None),
    ] {
        assert_eq!(widened(is, &unrecorded(is)).as_deref(), becomes, "{is}");
    }
    let said = |is: &str| recorded("group".to_owned(), is, CLASSES);
    assert_eq!(said("read,write,role,ddl"), Outcome::Right("group".to_owned()));
    assert_eq!(said("all"), Outcome::Stricter("group".to_owned()));
}

#[test]
fn a_group_that_records_less_than_planned_is_no_right_setting() {
    let mut database = two();
    database["DBParameterGroups"]["DBParameterGroup"]["DBParameterGroupName"] = json!("theirs");
    database["EnabledCloudwatchLogsExports"] = json!({"member": ["postgresql"]});
    let over = |classes: &str| {
        let there = [("shared_preload_libraries", "pgaudit"), ("pgaudit.log", classes)];
        planned(database.clone(), vec![("theirs", PARAMETERS, set(&there))])
    };
    let weak = over("ddl");
    assert_eq!(calls(&weak), ["ModifyDBParameterGroup"]);
    let written = weak.items[0].steps[0].change.input.to_string();
    assert!(written.contains("ddl,role,write,read") && written.contains("theirs"), "{written}");
    assert_eq!(calls(&over("all")), Vec::<&str>::new());
    let said = &over("all").items[0].settings[0].outcome;
    assert_eq!(said, &Outcome::Stricter("theirs pgaudit.log=all".to_owned()));

    let database = json!({"DBInstanceIdentifier": "m", "Engine": "mysql", "EngineVersion": "8.0.35",
        "DBInstanceStatus": "available", "EnabledCloudwatchLogsExports": {"member": ["audit"]},
        "OptionGroupMemberships": {"OptionGroupMembership": {"OptionGroupName": "theirs"}}});
    let over = |events: Option<&str>| {
        let set = |name: &str, value: &str| json!({"Name": name, "Value": value});
        let mut settings = vec![set("SERVER_AUDIT_EXCL_USERS", "rdsadmin")];
        settings.extend(events.map(|events| set("SERVER_AUDIT_EVENTS", events)));
        let option = json!({"OptionName": PLUGIN, "OptionSettings": {"OptionSetting": settings}});
        let there = json!({"OptionGroupsList": {"OptionGroup": {"Options": {"Option": option}}}});
        planned(database.clone(), vec![("theirs", "rds:DescribeOptionGroups", Said::Answer(there))])
    };
    let weak = over(Some("CONNECT"));
    assert_eq!(calls(&weak), ["ModifyOptionGroup"]);
    let option = &weak.items[0].steps[0].change.input["OptionsToInclude"]["OptionConfiguration"][0];
    let expected = json!([{"Name": "SERVER_AUDIT_EVENTS", "Value": "CONNECT,QUERY_DCL,QUERY_DDL,QUERY_DML"},
        {"Name": "SERVER_AUDIT_EXCL_USERS", "Value": "rdsadmin"}]);
    assert_eq!(option["OptionSettings"]["OptionSetting"], expected);
    // Nothing is said: it records who comes and all queries.
    assert_eq!((calls(&over(None)), calls(&over(Some(EVENTS)))), (Vec::new(), Vec::new()));
}

/// Answers of an account with these groups: a text is a parameter group's values, nothing a group that is not there.
fn planned(database: Value, groups: Vec<(&str, &'static str, Said)>) -> Plan {
    let list = Said::Answer(json!({"DBInstances": {"DBInstance": [database]}}));
    let clusters = Said::Answer(json!({"DBClusters": ""}));
    let answer = |call: &str, of: Option<&str>, said: Said| Answer {
        call: CALLS.iter().find(|one| one.name() == call).unwrap(),
        account: "1".to_owned(),
        region: "r".to_owned(),
        of: of.map(str::to_owned),
        time: shoseki_event::Timestamp::now(),
        said,
    };
    let mut answers =
        vec![answer("rds:DescribeDBInstances", None, list), answer("rds:DescribeDBClusters", None, clusters)];
    answers.extend(groups.into_iter().map(|(of, call, said)| answer(call, Some(of), said)));
    let (wish, accounts) = (crate::Setup::default(), ["1".to_owned()]);
    let places = [("1".to_owned(), "r".to_owned())].into();
    let found = crate::found::Found::of(&answers);
    let site = Site::of(&wish, &accounts, &places, &found);
    let mut plan = Plan::default();
    of(&site, &mut plan);
    plan
}

fn two() -> Value {
    json!({"DBInstanceIdentifier": "two", "Engine": "postgres", "EngineVersion": "16.3", "DBInstanceStatus": "available",
        "DBParameterGroups": {"DBParameterGroup": {"DBParameterGroupName": "default.postgres16"}}})
}

fn set(all: &[(&str, &str)]) -> Said {
    let one = |(name, value): &(&str, &str)| json!({"ParameterName": name, "ParameterValue": value});
    Said::Answer(json!({"Parameters": {"Parameter": all.iter().map(one).collect::<Vec<_>>()}}))
}

fn calls(plan: &Plan) -> Vec<&'static str> {
    plan.items.iter().flat_map(|item| &item.steps).map(|step| step.change.kind.operation).collect()
}

const PARAMETERS: &str = "rds:DescribeDBParameters";
const OURS: &str = "shoseki-postgres16-audit";

#[test]
fn a_group_of_our_name_that_is_there_is_read_and_what_somebody_set_in_it_stays() {
    let plan = planned(two(), vec![(OURS, PARAMETERS, Said::Absent(String::new()))]);
    assert_eq!(calls(&plan), ["CreateDBParameterGroup", "ModifyDBParameterGroup", "ModifyDBInstance"]);
    let libraries = "pg_stat_statements,pgaudit,pg_cron";
    let there = [("shared_preload_libraries", libraries), ("pgaudit.log", "all")];
    let plan = planned(two(), vec![(OURS, PARAMETERS, set(&there))]);
    assert_eq!(calls(&plan), ["ModifyDBInstance"]);
    assert!(format!("{:?}", plan.items[0].settings).contains(libraries), "{plan:?}");
    let plan = planned(two(), vec![(OURS, PARAMETERS, set(&there[..1]))]);
    assert_eq!(calls(&plan), ["ModifyDBParameterGroup", "ModifyDBInstance"]);
    let written = plan.items[0].steps[0].change.input.to_string();
    assert!(written.contains("pgaudit.log") && !written.contains("shared_preload"), "{written}");
    // What is not known is not written over.
    let plan = planned(two(), Vec::new());
    assert_eq!((calls(&plan), plan.is_blocked()), (vec!["ModifyDBInstance"], true));
    assert!(!plan.items[0].steps[0].change.input.to_string().contains("ParameterGroup"), "{plan:?}");
}

#[test]
fn what_waits_for_the_window_is_not_brought_at_once_and_a_database_is_modified_in_one_call() {
    let absent = || vec![(OURS, PARAMETERS, Said::Absent(String::new()))];
    let plan = planned(two(), absent());
    let modified = &plan.items[0].steps[2].change.input;
    assert_eq!(modified["CloudwatchLogsExportConfiguration"]["EnableLogTypes"]["member"], json!(["postgresql"]));
    assert_eq!(modified["DBParameterGroupName"], OURS);
    for (name, value) in [
        ("PendingModifiedValues", json!({"DBInstanceClass": "db.r6g.large"})),
        ("DBInstanceStatus", json!("modifying")),
    ] {
        let mut database = two();
        database[name] = value;
        let plan = planned(database, absent());
        assert_eq!((calls(&plan), plan.is_blocked()), (Vec::new(), true), "{name}");
    }
    let mut empty = two();
    empty["PendingModifiedValues"] = json!("");
    assert_eq!(calls(&planned(empty, absent())).len(), 3);
}

#[test]
fn a_group_of_options_of_our_name_keeps_its_plug_in() {
    let database = json!({"DBInstanceIdentifier": "m", "Engine": "mysql", "EngineVersion": "8.0.35"});
    let (name, call) = ("shoseki-mysql-8-0-audit", "rds:DescribeOptionGroups");
    let option = json!({"OptionName": PLUGIN});
    let there = Said::Answer(json!({"OptionGroupsList": {"OptionGroup": {"Options": {"Option": option}}}}));
    assert_eq!(calls(&planned(database.clone(), vec![(name, call, there)])), ["ModifyDBInstance"]);
    let made = planned(database, vec![(name, call, Said::Absent(String::new()))]);
    assert_eq!(calls(&made), ["CreateOptionGroup", "ModifyOptionGroup", "ModifyDBInstance"]);
}
