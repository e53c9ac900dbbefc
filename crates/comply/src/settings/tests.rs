//! Facts, policies and the estate as such.

use shoseki_messages::msg;

use super::*;

fn origin(line: u32) -> Origin {
    Origin::File { path: "a.tf".to_owned(), line }
}

fn policy(text: &str) -> Policy {
    Policy::of(&Value::text(text)).known().cloned().unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn a_fact_that_is_not_set_is_its_default_and_one_that_is_unknown_says_why() {
    assert_eq!([Fact::Absent.or(true), Fact::Known(false).or(true)], [Ok(true), Ok(false)]);
    let unknown: Fact<bool> = Fact::Unknown(msg!("iac-after-apply"));
    assert_eq!(unknown.or(true).map_err(|why| why.id()), Err("iac-after-apply"));
    let mut fact = Fact::Known(1);
    fact.take(Fact::Absent);
    fact.blur(&msg!("iac-after-apply"));
    assert_eq!(fact, Fact::Known(1), "what is set stays");
    let mut fact = Fact::<u8>::Absent;
    fact.blur(&msg!("iac-after-apply"));
    assert!(fact.get().is_err());
}

#[test]
fn actions_match_as_iam_does_it() {
    for (pattern, text, is) in [
        ("*", "s3:GetObject", true),
        ("s3:*", "S3:getobject", true),
        ("s3:Get*", "s3:GetObject", true),
        ("s3:Get*", "s3:PutObject", false),
        ("s3:?etObject", "s3:GetObject", true),
        ("s3:GetObject", "s3:GetObjectVersion", false),
        ("s3:*Object*", "s3:DeleteObjectVersion", true),
        ("", "a", false),
        ("a*b*c", "aXbXbc", true),
        ("a*b*c", "aXbXb", false),
    ] {
        assert_eq!(matches(pattern, text), is, "{pattern} {text}");
    }
    assert!(!matches(&"*a".repeat(200), &"a".repeat(10_000).replace("aa", "ab")), "and not for long");
}

#[test]
fn a_policy_is_read_in_all_its_forms() {
    let one = policy(
        r#"{"Statement": {"Effect": "Deny", "NotPrincipal": {"AWS": ["arn:a", 111122223333]}, "NotAction": "s3:Get*",
            "Resource": ["arn:aws:s3:::b/*"], "Condition": {"Bool": {"aws:SecureTransport": false}}}}"#,
    );
    let statement = &one.statements[0];
    assert!(statement.is_not_principals && !statement.is_allow && !statement.is_of_everybody());
    assert_eq!(statement.principals, ["arn:a", "111122223333"]);
    assert!(statement.has_action("s3:PutObject") && !statement.has_action("s3:GetObject"));
    assert!(statement.denies_objects() && !statement.denies_all_resources());
    assert_eq!(statement.conditions[0].values, ["false"]);
    assert!(Policy::of(&Value::text("{")).get().is_err() && Policy::of(&Value::text(" ")).is_absent());
    // What is unknown in one statement is said, and the others are read.
    let parts = Value::List(vec![
        Value::Map([("Effect".to_owned(), Value::Unknown(msg!("iac-after-apply")))].into()),
        Value::Map([("Effect".to_owned(), Value::text("Allow")), ("Action".to_owned(), Value::text("*"))].into()),
    ]);
    let document = Policy::of(&Value::Map([("Statement".to_owned(), parts)].into()));
    let document = document.known().cloned().unwrap_or_default();
    assert!(document.unknown.is_some() && document.statements.len() == 1);
}

#[test]
fn everybody_is_limited_by_conditions_of_whom_and_where_from() {
    let with = |condition: &str| {
        let text = format!(r#"{{"Statement": [{{"Effect": "Allow", "Principal": "*", "Condition": {condition}}}]}}"#);
        policy(&text).statements[0].is_limited()
    };
    assert!(with(r#"{"StringEquals": {"aws:SourceAccount": "1"}}"#));
    assert!(with(r#"{"StringEquals": {"AWS:PrincipalOrgID": "o-1"}}"#));
    assert!(!with(r#"{"StringEquals": {"s3:x-amz-acl": "private"}}"#));
    assert!(!with(r#"{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}"#));
    assert!(!with(r#"{"StringNotEquals": {"aws:SourceAccount": "1"}}"#));
    // True of who has no such key at all.
    assert!(!with(r#"{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}"#));
    assert!(!with(r#"{"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}}"#));
    assert!(!with(r#"{"Null": {"aws:SourceVpce": "true"}}"#));
    // Values that are everybody.
    assert!(!with(r#"{"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}"#));
    assert!(!with(r#"{"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}"#));
    assert!(with(r#"{"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"}}"#));
    assert!(with(r#"{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::assets-*"}}"#));
    assert!(with(r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#));
}

#[test]
fn all_of_a_kind_are_all_and_all_but_some_are_not_denied() {
    let statement = |effect: &str, resource: &str| {
        let text = format!(r#"{{"Statement": [{{"Effect": "{effect}", "Action": "*", {resource}}}]}}"#);
        policy(&text).statements[0].clone()
    };
    for all in [
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::*/*",
        "arn:aws:cloudtrail:*:*:trail/*",
        "arn:aws:iam::111122223333:role/*",
    ] {
        assert!(statement("Allow", &format!(r#""Resource": "{all}""#)).is_of_all_resources(), "{all}");
    }
    for some in [
        "arn:aws:s3:::app-*",
        "arn:aws:s3:::key/*",
        "arn:aws:iam::111122223333:role/app-*",
        "arn:aws:logs:*:*:log-group:/app/*",
    ] {
        assert!(!statement("Allow", &format!(r#""Resource": "{some}""#)).is_of_all_resources(), "{some}");
    }
    let but = statement("Deny", r#""NotResource": "arn:aws:s3:::evidence/*""#);
    assert!(!but.denies_all_resources() && !but.denies_objects() && but.is_of_all_resources());
}

#[test]
fn a_second_factor_is_asked_for_only_where_none_is_refused() {
    let needs = |condition: &str| {
        let text = format!(r#"{{"Statement": [{{"Effect": "Allow", "Action": "*", "Condition": {condition}}}]}}"#);
        policy(&text).statements[0].needs_mfa()
    };
    assert!(needs(r#"{"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#));
    assert!(needs(r#"{"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}"#));
    assert!(!needs(r#"{"NumericLessThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}"#));
    assert!(!needs(r#"{"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}"#));
    assert!(!needs(r#"{"Bool": {"aws:MultiFactorAuthPresent": ["true", "false"]}}"#));
}

#[test]
fn whom_a_provider_vouches_for_is_told_apart_by_its_subject() {
    let any = |condition: &str| {
        let text = format!(
            r#"{{"Statement": [{{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {condition},
                "Principal": {{"Federated": "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"}}}}]}}"#
        );
        policy(&text).statements[0].is_of_any_federated()
    };
    let subject =
        |value: &str| format!(r#"{{"StringLike": {{"token.actions.githubusercontent.com:sub": "{value}"}}}}"#);
    assert!(any(r#"{"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}"#));
    assert!(any(&subject("*")) && any(&subject("repo:*")) && any(&subject("repo:*:ref:refs/heads/main")));
    assert!(!any(&subject("repo:example/infra:*")));
}

#[test]
fn a_denial_exempts_stated_principals_and_not_an_organisation() {
    let exempts = |operator: &str, key: &str, value: &str| {
        let (operator, key, values) = (operator.to_owned(), key.to_owned(), vec![value.to_owned()]);
        Condition { operator, key, values }.exempts_some()
    };
    assert!(exempts("ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/evidence-admin"));
    assert!(!exempts("StringNotEquals", "aws:PrincipalOrgID", "o-1"));
    assert!(!exempts("StringNotEquals", "aws:PrincipalAccount", "111122223333"));
    assert!(!exempts("StringNotLike", "aws:PrincipalArn", "*"));
    assert!(!exempts("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"));
}

#[test]
fn pieces_come_to_what_they_are_about_by_whatever_name() {
    let named = |name: &str, address: &str| {
        let bucket = Bucket { name: Fact::Known(name.to_owned()), ..Bucket::default() };
        Resource::new(address, origin(1), bucket).called(&Fact::Known(name.to_owned()))
    };
    let versions = |of: Fact<Target>| Piece {
        of,
        doubt: None,
        part: "versioning",
        origin: origin(9),
        facts: Bucket { is_versioned: Fact::Known(true), ..Bucket::default() }.into(),
    };
    let to = |name: &str| versions(Fact::Known(Target(name.to_owned())));
    for name in [
        "logs",
        "aws_s3_bucket.a",
        "arn:aws:s3:::logs",
        "arn:aws:s3:::logs/*",
        "${aws_s3_bucket.a.arn}/*",
        "aws_s3_bucket.a[0]",
    ] {
        let estate =
            Estate::of(vec![named("logs", "aws_s3_bucket.a"), named("other", "aws_s3_bucket.b")], vec![to(name)]);
        let all: Vec<bool> = estate
            .resources()
            .iter()
            .map(|one| one.bucket().is_some_and(|one| one.is_versioned == Fact::Known(true)))
            .collect();
        assert_eq!(all, [true, false], "{name}");
        assert_eq!(estate.resources()[0].origin_of("versioning"), &origin(9));
        assert_eq!(estate.resources()[0].origin_of("policy"), &origin(1));
    }
    // One that names nobody known makes it unknown, wherever it is not set.
    let estate = Estate::of(
        vec![named("logs", "a"), named("other", "b")],
        vec![to("logs"), versions(Fact::Unknown(msg!("iac-after-apply")))],
    );
    let all: Vec<&Fact<bool>> =
        estate.resources().iter().filter_map(Resource::bucket).map(|one| &one.is_versioned).collect();
    assert_eq!(all[0], &Fact::Known(true));
    assert!(all[1].get().is_err());
}

#[test]
fn evidence_is_what_something_delivers_to_and_what_that_is_copied_to() {
    let target = |name: &str| Fact::Known(Target(name.to_owned()));
    let bucket = |name: &str, bucket: Bucket| Resource::new(name, origin(1), bucket);
    let trail =
        Trail { bucket: target("trail"), log_group: target("arn:aws:logs:r:1:log-group:trail:*"), ..Trail::default() };
    let cluster = Cluster { name: Fact::Known("main".to_owned()), ..Cluster::default() };
    let copied = Bucket {
        replicates_to: Fact::Known(vec![Target("arn:aws:s3:::copy".to_owned())]),
        logs_to: target("access"),
        ..Bucket::default()
    };
    let back = Bucket { replicates_to: Fact::Known(vec![Target("trail".to_owned())]), ..Bucket::default() };
    let estate = Estate::of(
        vec![
            Resource::new("t", origin(1), trail),
            Resource::new("c", origin(1), cluster),
            bucket("trail", copied),
            bucket("copy", back),
            bucket("access", Bucket::default()),
            bucket("shop", Bucket::default()),
            Resource::new("trail", origin(1), LogGroup::default()),
            Resource::new("/aws/eks/main/cluster", origin(1), LogGroup::default()),
        ],
        Vec::new(),
    );
    let of = |name: &str| {
        let found = estate.of_kind(Kind::Bucket).find(|one| one.name == name).unwrap_or_else(|| panic!("{name}"));
        (estate.delivers_to(found), estate.takes_access_logs(found))
    };
    assert_eq!(of("trail"), (vec!["replication", "trail"], false));
    assert_eq!(of("copy"), (vec!["replication"], false));
    assert_eq!(of("access"), (vec!["access logs"], true));
    assert_eq!(of("shop"), (vec![], false));
    let groups: Vec<_> = estate.of_kind(Kind::LogGroup).map(|one| estate.speaks_to(one)).collect();
    assert_eq!(groups, [Some("trail"), Some("cluster")]);
}
