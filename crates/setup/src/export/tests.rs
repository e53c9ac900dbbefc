//! What is exported: the same each time, whole, and the same as what is called.

use std::collections::BTreeMap;

use super::*;
use crate::wish::{By, Collector, Delivery, Lock, VaultPlace};

/// A wish that has everything.
fn everything(by: By) -> Setup {
    let role = |account: &str| format!("arn:aws:iam::{account}:role/setup");
    let person = |name: &str| vec![format!("arn:aws:iam::111122223333:user/{name}")];
    Setup {
        home_region: Some("ap-northeast-1".to_owned()),
        regions: vec!["ap-northeast-1".to_owned(), "us-east-1".to_owned()],
        roles: vec![role("111122223333"), role("444455556666")],
        frameworks: vec!["pci-dss".to_owned(), "j-sox".to_owned()],
        object_lock: Lock::Governance,
        organization: true,
        data_events: vec!["shop-uploads".to_owned()],
        insights: true,
        readers: person("reader"),
        collector: Some(Collector {
            cluster: "prod".to_owned(),
            namespace: "evidence".to_owned(),
            service_account: "collector".to_owned(),
            by,
            vault: VaultPlace::of("s3://vault-of-evidence/shoseki"),
        }),
        auditors: person("auditor"),
        auditors_sso: Some("Auditor".to_owned()),
        break_glass: person("responder"),
        replicate_to: Some("ap-northeast-3".to_owned()),
        trail_log_group: true,
        eks_delivery: Delivery::Firehose,
        ..Setup::default()
    }
}

fn engines() -> Vec<Engine> {
    let of = |(name, version): (&str, &str)| Engine { name: name.to_owned(), version: version.to_owned() };
    [
        ("postgres", "16.3"),
        ("mysql", "8.0.35"),
        ("aurora-mysql", "8.0"),
        ("aurora-postgresql", "15.4"),
        ("mariadb", "10.11"),
    ]
    .map(of)
    .into()
}

fn exported(setup: &Setup) -> BTreeMap<String, String> {
    let engines = engines();
    let wanted = Wanted { setup, what: &What::ALL, engines: &engines, vault: Vault(None), plan: None };
    export(&wanted).unwrap().into_iter().map(|file| (file.path, file.text)).collect()
}

#[test]
fn what_apply_alone_makes_is_said_where_it_is_asked_for() {
    let everything = everything(By::Irsa);
    assert_eq!(left_out(&everything), ["replicate_to", "trail_log_group", "eks_delivery"]);
    let files = exported(&everything);
    for (path, head) in
        [("README.md", "## Asked for, and not in here"), ("README.ja.md", "## 指定されていて、ここに含まれないもの")]
    {
        let (with, without) =
            (&files[&format!("terraform/{path}")], &exported(&Setup::default())[&format!("terraform/{path}")]);
        assert!(with.contains(head) && with.contains("`trail_log_group`"), "{with}");
        assert!(!without.contains(head) && !without.contains("@left"), "{without}");
    }
    assert!(left_out(&Setup::default()).is_empty());
}

#[test]
fn the_same_wish_gives_the_same_files_and_each_says_so_at_its_head() {
    for setup in [Setup::default(), everything(By::PodIdentity), everything(By::Irsa)] {
        let files = exported(&setup);
        assert_eq!(files, exported(&setup));
        for (path, text) in &files {
            assert!(is_as_made(text), "{path}");
            assert!(!is_as_made(&text.replacen('a', "b", 1)), "{path}");
            assert!(!is_as_made(&format!("{text}\n")), "{path}");
            assert!(text.contains("shoseki setup export "), "{path}");
            assert!(!text.contains(['\u{E000}', '\u{E001}']), "a placeholder is left in {path}");
        }
    }
    assert!(!is_as_made("") && !is_as_made("sha256:") && !is_as_made("sha256:日本語"));
}

#[test]
fn roles_that_are_exported_take_those_of_members_and_read_each_region() {
    let files = exported(&everything(By::PodIdentity));
    let roles = &files["terraform/shoseki-evidence/roles.tf"];
    for name in ["collector", "auditor"] {
        let takes = format!(
            "[for account in var.member_accounts : \"arn:${{local.partition}}:iam::${{account}}:role/${{var.name}}-{name}\"]"
        );
        assert!(roles.contains(&takes), "{takes}\n{roles}");
        // The template makes the same role in each of them, which trusts this one.
        let member = &files["cloudformation/member-account.yaml"];
        assert!(member.contains(&format!("${{NamePrefix}}-{name}")), "{member}");
    }
    assert!(roles.contains("for region in var.regions : ") && !roles.contains("logs:${var.home_region}"), "{roles}");
    // A policy takes no empty list.
    let alone = exported(&Setup { roles: Vec::new(), ..everything(By::PodIdentity) });
    let roles = &alone["terraform/shoseki-evidence/roles.tf"];
    assert!(!roles.contains("ShosekiMembers") && !roles.contains("member_accounts"), "{roles}");
}

#[test]
fn what_is_not_wanted_is_not_exported() {
    let bare = Setup { queue: false, config: false, ..Setup::default() };
    let files = exported(&bare);
    for name in ["queue.tf", "config.tf", "roles.tf"] {
        assert!(!files.contains_key(&format!("terraform/shoseki-evidence/{name}")), "{name}");
    }
    assert!(!files.keys().any(|path| path.contains("shoseki-member")));
    let whole = exported(&everything(By::PodIdentity));
    for name in ["queue.tf", "config.tf", "roles.tf", "databases.tf"] {
        assert!(whole.contains_key(&format!("terraform/shoseki-evidence/{name}")), "{name}");
    }
    // A trail of the organization is its manager's, and no member has one beside it.
    assert!(whole["terraform/shoseki-evidence/trail.tf"].contains("is_organization_trail"));
    assert!(!whole.contains_key("terraform/shoseki-member/trail.tf"));
}
