//! CloudFormation: a template for a StackSet over member accounts, with what shoseki and an auditor may there, and nothing else.
//!
//! Policies are those of `setup apply`, with the pseudo-parameters of CloudFormation in the place of accounts.

use serde_json::{Map, Value, json};

use super::placeholder::{ACCOUNT, MEMBER, NAME, PARTITION};
use super::{File, What, commented, readme, yaml};
use crate::policy::{self, Names};
use crate::wish::Setup;

/// Placeholders, and what CloudFormation calls them.
const CALLED: [(&str, &str); 4] = [
    (PARTITION, "${AWS::Partition}"),
    (MEMBER, "${AWS::AccountId}"),
    (ACCOUNT, "${EvidenceAccount}"),
    (NAME, "${NamePrefix}"),
];
/// The external id, as a policy of ours names it.
const EXTERNAL_ID: &str = "\u{E000}external-id\u{E001}";

/// The template.
pub(super) fn files(setup: &Setup) -> Vec<File> {
    let mut files = readme::files("cloudformation", What::CloudFormation, &[]);
    let text = format!("{}{}", commented(What::CloudFormation, "#"), yaml::document(&template(setup)));
    files.push(File::new("cloudformation/member-account.yaml", text));
    files
}

fn template(setup: &Setup) -> Value {
    let names = Names { partition: PARTITION, account: MEMBER.to_owned(), break_glass: None };
    let role = |name: &str| format!("arn:{PARTITION}:iam::{ACCOUNT}:role/{NAME}-{name}");
    let looks: Vec<String> = shoseki_aws::inventory::CALLS.iter().map(|call| call.right()).collect();
    // A role is of all regions, and so are the log groups that it reads.
    let collects = policy::logs(&names, &["*"]).to_vec();
    let account = setup.roles.first().and_then(|role| role.split(':').nth(4));
    let mut evidence = json!({
        "Type": "String", "Description": "The account that keeps the evidence", "AllowedPattern": "^[0-9]{12}$",
    });
    if let Some(account) = account {
        evidence["Default"] = json!(account);
    }
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "shoseki: what the collector and an auditor may read in a member account (for a StackSet)",
        "Parameters": {
            "EvidenceAccount": evidence,
            "NamePrefix": {
                "Type": "String", "Description": "What the names of all that is made begin with", "Default": setup.name,
                "AllowedPattern": "^[a-z][a-z0-9-]{1,18}[a-z0-9]$",
            },
            "ExternalId": {
                "Type": "String", "Description": "What whoever takes a role must say: role_arn and external_id of [[fetch.…]]",
                "MinLength": 8, "MaxLength": 64, "AllowedPattern": "^[A-Za-z0-9+=,.@:/_-]+$", "NoEcho": true,
            },
        },
        "Resources": {
            "Collector": made("collector", "Reads the log groups of clusters and databases", trust(&role("collector")), collects),
            "Auditor": made("auditor", "Looks at settings, and changes nothing", trust(&role("auditor")), vec![policy::looks(looks)]),
        },
        "Outputs": {
            "CollectorRoleArn": {"Description": "role_arn of [[fetch.cloudwatch-logs]]", "Value": {"Fn::GetAtt": ["Collector", "Arn"]}},
            "AuditorRoleArn": {"Description": "--role of check --live", "Value": {"Fn::GetAtt": ["Auditor", "Arn"]}},
        },
    })
}

fn trust(role: &str) -> Vec<Value> {
    vec![policy::trust_of_role("ShosekiOfEvidence", role, EXTERNAL_ID)]
}

fn made(name: &str, about: &str, trust: Vec<Value>, rights: Vec<Value>) -> Value {
    json!({"Type": "AWS::IAM::Role", "Properties": {
        "RoleName": {"Fn::Sub": format!("${{NamePrefix}}-{name}")},
        "Description": about,
        "MaxSessionDuration": 3_600,
        "AssumeRolePolicyDocument": substituted(&policy::document(trust)),
        "Policies": [{"PolicyName": "shoseki", "PolicyDocument": substituted(&policy::document(rights))}],
    }})
}

/// A document with what CloudFormation fills in.
fn substituted(value: &Value) -> Value {
    match value {
        Value::String(text) if text == EXTERNAL_ID => json!({"Ref": "ExternalId"}),
        Value::String(text) => {
            let filled = CALLED.iter().fold(text.clone(), |text, (piece, called)| text.replace(piece, called));
            if filled == *text { json!(text) } else { json!({"Fn::Sub": filled}) }
        }
        Value::Array(all) => all.iter().map(substituted).collect(),
        Value::Object(all) => {
            Value::Object(all.iter().map(|(name, value)| (name.clone(), substituted(value))).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}
