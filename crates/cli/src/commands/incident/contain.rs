//! `incident contain`: the commands that end what goes on, each with what undoes it. They are printed and never run; what somebody ran
//! is recorded with `--ran`.
//!
//! Names in them come from evidence, and so perhaps from whoever attacks. A name is taken only where it is written as AWS or Kubernetes
//! write such names; it is one word for the shell all the same, and no option (`--name=VALUE`).

use std::collections::BTreeMap;
use std::net::IpAddr;

use clap::ArgMatches;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shoseki_comply::incident::{Contain, Incident, Kind, Subject, Trail};
use shoseki_messages::{Fault, Result, lookup, msg};
use shoseki_segment::attachment::MAX_NOTE;

use super::{Opened, say, trail};
use crate::context::Context;
use crate::output::{self, quoted};

/// A step: what it is for, what is run, and what undoes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    /// `incident-contain-…` of the catalogue.
    what: &'static str,
    target: String,
    command: String,
    undo: String,
}

impl Step {
    /// Its name, made of what it does to what: it stays the same while evidence comes in.
    fn name(&self) -> String {
        let digest = Sha256::digest(format!("{}\n{}\n{}", self.what, self.target, self.command));
        format!("S-{}", hex::encode_upper(&digest[..4]))
    }
}

/// The steps, and what no command can be given for.
#[derive(Default)]
struct Steps {
    all: Vec<Step>,
    left_out: Vec<String>,
}

/// Prints the steps, or gives what somebody says was run.
pub(super) async fn run(
    context: &Context,
    matches: &ArgMatches,
    (opened, one): (&Opened, &Incident),
) -> Result<Option<Contain>> {
    let Some(found) = trail::of_incident(context, matches, ("contain", opened, one)).await? else { return Ok(None) };
    let steps = Steps::of(&found.trail, one.name());
    if let Some(ran) = say::text(matches, "ran", MAX_NOTE)? {
        let note = say::text(matches, "note", MAX_NOTE)?;
        return ran_of(&steps, one, (ran, note)).map(Some);
    }
    if context.json {
        let step = |step: &Step| {
            json!({"step": step.name(), "what": step.what.trim_start_matches("incident-contain-"), "target": step.target,
                "command": step.command, "undo": step.undo, "ran": is_run(one, step)})
        };
        let all: Vec<Value> = steps.all.iter().map(step).collect();
        output::json(&json!({"steps": all, "left_out": steps.left_out,
            "cut": found.trail.cut.iter().map(|cut| cut.text(shoseki_messages::Lang::En)).collect::<Vec<_>>()}))?;
        return Ok(None);
    }
    for (number, step) in steps.all.iter().enumerate() {
        let what = lookup(step.what, context.lang).unwrap_or_default();
        let ran = is_run(one, step).then(|| lookup("incident-contain-is-run", context.lang)).flatten();
        let ran = ran.map(|ran| format!(" {ran}")).unwrap_or_default();
        output::sentence(&format!("# {}. {} {what}: {}{}", number + 1, step.name(), step.target, ran));
        output::line(&step.command);
        output::line(&format!(
            "# {}: {}",
            lookup("incident-contain-undo", context.lang).unwrap_or_default(),
            step.undo
        ));
    }
    for left_out in &steps.left_out {
        let subject = output::on_one_line(left_out);
        context.note(&match left_out.parse::<IpAddr>() {
            Ok(_) => msg!("incident-contain-address", address = subject),
            Err(_) => msg!("incident-contain-left-out", subject = subject),
        });
    }
    context.note(&msg!("incident-contain-counts", steps = steps.all.len(), id = one.name()));
    found.trail.cut.iter().for_each(|cut| context.note(cut));
    Ok(None)
}

fn is_run(one: &Incident, step: &Step) -> bool {
    one.steps().any(|(_, ran)| ran.step == step.name())
}

/// What was run: a step by its name or number, or anything else as it was typed.
fn ran_of(steps: &Steps, one: &Incident, (ran, note): (String, Option<String>)) -> Result<Contain> {
    let number = ran.parse::<usize>().ok();
    let is_name = ran.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("S-")) && !ran.contains(' ');
    let meant = steps
        .all
        .iter()
        .enumerate()
        .find(|(at, step)| number == Some(at + 1) || step.name().eq_ignore_ascii_case(&ran));
    let incident = one.name().to_owned();
    match meant {
        Some((_, step)) => {
            Ok(Contain { incident, step: step.name(), command: step.command.clone(), undo: step.undo.clone(), note })
        }
        None if number.is_some() || is_name => {
            Err(Fault::caller(msg!("incident-step-unknown", step = ran, id = one.name())))
        }
        None => {
            let digest = Sha256::digest(ran.as_bytes());
            let step = format!("S-{}", hex::encode_upper(&digest[..4]));
            Ok(Contain { incident, step, command: ran, undo: String::new(), note })
        }
    }
}

/// Whether a name is written as IAM writes names.
fn is_iam(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

/// Whether a name is written as Kubernetes writes names: RFC 1123.
fn is_dns(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.len() <= 253 && name.bytes().all(is_inner) && ends(name.bytes().next()) && ends(name.bytes().last())
}

/// Whether it is an id such as `i-0a1b2c3d`.
fn is_id(text: &str, head: &str) -> bool {
    text.strip_prefix(head)
        .is_some_and(|rest| (8..=17).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_region(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_key(text: &str) -> bool {
    (12..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

impl Steps {
    fn of(trail: &Trail, incident: &str) -> Self {
        let mut steps = Self::default();
        let about = About::of(trail, incident);
        for identity in &trail.identities {
            steps.of_subject(&identity.subject, &about);
        }
        for step in trail.steps().filter(|step| !step.is_origin && step.seen.outcome != "failure") {
            let (seen, raw) = (&step.seen, &step.seen.raw);
            if seen.source == "k8s-audit" && raw["verb"] == "create" && raw["objectRef"]["resource"] == "pods" {
                steps.pod(&seen.resource, &about);
            }
            if seen.action == "AuthorizeSecurityGroupIngress" && seen.source == "cloudtrail" {
                steps.group(raw);
            }
        }
        steps
    }

    fn add(&mut self, what: &'static str, target: &str, (command, undo): (String, String)) {
        let step = Step { what, target: target.to_owned(), command, undo };
        if !self.all.contains(&step) {
            self.all.push(step);
        }
    }

    fn leave_out(&mut self, what: &str) {
        if self.left_out.iter().all(|known| known != what) {
            self.left_out.push(what.to_owned());
        }
    }

    fn of_subject(&mut self, subject: &Subject, about: &About) {
        let value = subject.value.as_str();
        match subject.kind {
            Kind::Key if value.starts_with("AKIA") && is_key(value) => self.key(value, about),
            Kind::Key => match about.holders.get(value) {
                Some(holder) => self.of_subject(&holder.clone(), about),
                None => self.leave_out(value),
            },
            Kind::User if is_iam(subject.last_part()) && !value.ends_with(":root") => {
                let name = quoted(subject.last_part());
                let policy = format!("shoseki-{}", about.incident);
                let deny = json!({"Version": "2012-10-17",
                    "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]});
                let (deny, put) = (quoted(&deny.to_string()), "aws iam put-user-policy");
                self.add(
                    "incident-contain-user",
                    value,
                    (
                        format!("{put} --user-name={name} --policy-name={policy} --policy-document={deny}"),
                        format!("aws iam delete-user-policy --user-name={name} --policy-name={policy}"),
                    ),
                );
            }
            Kind::Role => self.role(subject.last_part(), value, about),
            Kind::Session => {
                let role = value.split_once(":assumed-role/").and_then(|(_, rest)| rest.split('/').next());
                match role {
                    Some(role) => self.role(role, value, about),
                    None => self.leave_out(value),
                }
            }
            Kind::ServiceAccount => self.service_account(value),
            Kind::Resource if value.contains("/pods/") => self.pod(value, about),
            Kind::Resource if value.strip_prefix("nodes/").is_some_and(is_dns) => {
                let name = quoted(subject.last_part());
                let step = (format!("kubectl cordon {name}"), format!("kubectl uncordon {name}"));
                self.add("incident-contain-node", value, step);
            }
            Kind::Resource if is_id(subject.last_part(), "i-") => self.instance(subject.last_part(), about),
            Kind::User | Kind::Name | Kind::Address | Kind::Resource => self.leave_out(value),
        }
    }

    fn key(&mut self, key: &str, about: &About) {
        // Of a key that no record of its user shows, AWS itself is asked for the user; what it answers is one word.
        let asked =
            format!("\"$(aws iam get-access-key-last-used --access-key-id={key} --query UserName --output text)\"");
        let holder = about.holders.get(key).map(Subject::last_part).filter(|name| is_iam(name));
        let name = holder.map_or(asked, quoted);
        let set = |status: &str| {
            format!("aws iam update-access-key --access-key-id={key} --user-name={name} --status={status}")
        };
        self.add("incident-contain-key", key, (set("Inactive"), set("Active")));
    }

    /// Sessions that were given out before now are refused everything; those that come later are not.
    fn role(&mut self, name: &str, target: &str, about: &About) {
        if !is_iam(name) || name.starts_with("AWSServiceRoleFor") || name.starts_with("AWSReservedSSO_") {
            return self.leave_out(target);
        }
        let (name, policy) = (quoted(name), format!("shoseki-{}", about.incident));
        let deny = r#"'{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'"}}}]}'"#;
        self.add(
            "incident-contain-role",
            &name,
            (
                format!("aws iam put-role-policy --role-name={name} --policy-name={policy} --policy-document={deny}"),
                format!("aws iam delete-role-policy --role-name={name} --policy-name={policy}"),
            ),
        );
    }

    fn service_account(&mut self, value: &str) {
        let parts: Vec<&str> = value.split(':').collect();
        let [_, _, namespace, name] = parts[..] else { return self.leave_out(value) };
        if !is_dns(namespace) || !is_dns(name) {
            return self.leave_out(value);
        }
        let (file, of) = (format!("{namespace}-{name}.yaml"), format!("--namespace={namespace} serviceaccount {name}"));
        self.add(
            "incident-contain-service-account",
            value,
            (
                format!("kubectl get {of} --output=yaml > ./{file} && kubectl delete {of}"),
                format!("kubectl apply --filename=./{file}"),
            ),
        );
    }

    fn pod(&mut self, resource: &str, about: &About) {
        let parts: Vec<&str> = resource.split('/').collect();
        let (namespace, name) = match parts[..] {
            [namespace, "pods", name] | [namespace, "pods", _, name] => (namespace, name), // `exec` stands before the name
            _ => return self.leave_out(resource),
        };
        if !is_dns(namespace) || !is_dns(name) {
            return self.leave_out(resource);
        }
        let label = format!("shoseki-incident={}", about.incident);
        let policy = format!("shoseki-{}", about.incident.to_ascii_lowercase());
        let deny = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": policy, "namespace": namespace},
            "spec": {"podSelector": {"matchLabels": {"shoseki-incident": about.incident}}, "policyTypes": ["Ingress", "Egress"]}});
        let target = format!("{namespace}/{name}");
        self.add(
            "incident-contain-pod",
            &target,
            (
                format!("kubectl label --namespace={namespace} pod {name} {label} --overwrite"),
                format!("kubectl label --namespace={namespace} pod {name} shoseki-incident-"),
            ),
        );
        self.add(
            "incident-contain-network",
            namespace,
            (
                format!("printf %s {} | kubectl apply --filename=-", quoted(&deny.to_string())),
                format!("kubectl delete --namespace={namespace} networkpolicy {policy}"),
            ),
        );
    }

    fn instance(&mut self, id: &str, about: &About) {
        let region = about.region.as_ref().map(|region| format!(" --region={region}")).unwrap_or_default();
        let groups = format!("./{id}-groups");
        let modify = format!("aws ec2 modify-instance-attribute --instance-id={id}{region} --groups");
        let asked = "--query 'Reservations[].Instances[].SecurityGroups[].GroupId' --output text";
        self.add("incident-contain-instance", id, (
            format!("aws ec2 describe-instances --instance-ids={id}{region} {asked} > {groups} && {modify} \"$QUARANTINE_SECURITY_GROUP\""),
            format!("{modify} $(cat {groups})"),
        ));
    }

    /// What was let into a security group is taken out again.
    fn group(&mut self, raw: &Value) {
        let asked = &raw["requestParameters"];
        let (id, region) =
            [&asked["groupId"], &raw["awsRegion"]].map(|value| value.as_str().unwrap_or_default()).into();
        let opened: Option<Vec<Value>> =
            asked["ipPermissions"]["items"].as_array().map(|items| items.iter().filter_map(permission).collect());
        let Some(opened) = opened.filter(|opened| !opened.is_empty() && is_id(id, "sg-") && is_region(region)) else {
            return self.leave_out(id);
        };
        let of = format!("--group-id={id} --region={region} --ip-permissions={}", quoted(&json!(opened).to_string()));
        let step = |verb: &str| format!("aws ec2 {verb}-security-group-ingress {of}");
        self.add("incident-contain-group", id, (step("revoke"), step("authorize")));
    }
}

/// A rule as the command line takes it; nothing where it is about something else than ranges of addresses.
fn permission(item: &Value) -> Option<Value> {
    let protocol = item["ipProtocol"]
        .as_str()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))?;
    let ranges = |list: &str, name: &str, to: &str| -> Vec<Value> {
        let is_range = |text: &&str| text.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:/".contains(&byte));
        let items = item[list]["items"].as_array().into_iter().flatten();
        items.filter_map(|one| one[name].as_str().filter(is_range)).map(|range| json!({to: range})).collect()
    };
    let (four, six) = (ranges("ipRanges", "cidrIp", "CidrIp"), ranges("ipv6Ranges", "cidrIpv6", "CidrIpv6"));
    if four.is_empty() && six.is_empty() {
        return None;
    }
    let mut rule = json!({"IpProtocol": protocol, "IpRanges": four, "Ipv6Ranges": six});
    for (from, to) in [("fromPort", "FromPort"), ("toPort", "ToPort")] {
        if let Some(port) = item[from].as_i64() {
            rule[to] = json!(port);
        }
    }
    Some(rule)
}

/// What the trail says of keys and regions.
struct About {
    incident: String,
    /// The user or the role's session that an access key is of.
    holders: BTreeMap<String, Subject>,
    region: Option<String>,
}

impl About {
    fn of(trail: &Trail, incident: &str) -> Self {
        let (mut holders, mut region) = (BTreeMap::new(), None);
        for step in trail.steps() {
            let raw = &step.seen.raw;
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let (key, arn) = (text(&raw["userIdentity"]["accessKeyId"]), text(&raw["userIdentity"]["arn"]));
            if let Ok(holder) = Subject::read(&arn)
                && matches!(holder.kind, Kind::User | Kind::Session)
                && !key.is_empty()
            {
                holders.entry(key).or_insert(holder);
            }
            let (made, name) =
                (&raw["responseElements"]["accessKey"]["accessKeyId"], &raw["requestParameters"]["userName"]);
            if let (Some(key), Some(name)) = (made.as_str(), name.as_str()) {
                holders.insert(key.to_owned(), Subject::new(Kind::User, name));
            }
            let given = text(&raw["responseElements"]["credentials"]["accessKeyId"]);
            if let (false, Some(session)) = (given.is_empty(), step.seen.session()) {
                holders.insert(given, Subject::new(Kind::Session, session)); // never a key, or it might lead to itself
            }
            let here = text(&raw["awsRegion"]);
            if region.is_none() && is_region(&here) && here != "us-east-1" {
                region = Some(here);
            }
        }
        Self { incident: incident.to_owned(), holders, region }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoseki_comply::incident::{Deed, Seen};
    use shoseki_event::Timestamp;

    fn steps(subjects: &[&str], events: Vec<Value>) -> Steps {
        let subjects: Vec<Subject> = subjects.iter().map(|text| Subject::read(text).unwrap()).collect();
        let mut trail = Trail::of(&subjects);
        let seen = |(at, raw): (usize, Value)| Seen {
            time: Timestamp(at as i64),
            source: "cloudtrail".to_owned(),
            actor: "mallory".to_owned(),
            action: raw["eventName"].as_str().unwrap_or_default().to_owned(),
            resource: String::new(),
            outcome: "success".to_owned(),
            error: String::new(),
            address: String::new(),
            deed: Deed::Changed,
            record: at.to_string(),
            raw,
        };
        trail.take(events.into_iter().enumerate().map(seen).collect(), 0..subjects.len());
        Steps::of(&trail, "I-3K7Q2M8")
    }

    #[test]
    fn a_name_that_an_attacker_chose_runs_nothing() {
        let evil = [
            "arn:aws:iam::111122223333:user/a;reboot",
            "arn:aws:iam::111122223333:user/$(reboot)",
            "arn:aws:iam::111122223333:role/a`reboot`",
            "arn:aws:sts::111122223333:assumed-role/a'b/c",
            "arn:aws:iam::111122223333:root",
            "system:serviceaccount:shop:$(reboot)",
            "system:serviceaccount:-n:--all",
            "pod:shop/a b",
            "name:reboot",
            "203.0.113.77",
        ];
        let steps = steps(&evil, Vec::new());
        assert_eq!((steps.all, steps.left_out.len()), (Vec::new(), evil.len()));
    }

    #[test]
    fn each_kind_has_its_step_and_what_undoes_it() {
        let subjects = [
            "arn:aws:iam::111122223333:user/-x",
            "AKIAEXAMPLEUNKNOWN1",
            "arn:aws:sts::111122223333:assumed-role/worker/i-0a1b",
            "system:serviceaccount:shop:web",
            "pod:shop/web-0",
            "resource:shop/pods/exec/web-0",
            "resource:nodes/node-1",
            "i-0a1b2c3d",
            "name:mallory",
        ];
        let opened = json!({"eventName": "AuthorizeSecurityGroupIngress", "awsRegion": "ap-northeast-1",
            "requestParameters": {"groupId": "sg-0a1b2c3d", "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 22,
                "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}}});
        let mut evil = opened.clone();
        evil["requestParameters"]["groupId"] = json!("sg-0a1b2c3d;reboot");
        let steps = steps(&subjects, vec![opened, evil]);
        let all: Vec<(&str, &str, &str)> = steps
            .all
            .iter()
            .map(|step| (step.what.trim_start_matches("incident-contain-"), step.command.as_str(), step.undo.as_str()))
            .collect();
        let kinds: Vec<&str> = all.iter().map(|(what, ..)| *what).collect();
        let known = ["user", "key", "role", "service-account", "pod", "network", "node", "instance", "group"];
        assert_eq!(kinds, known);
        assert!(all[0].1.contains("--user-name=-x "), "no option of its own: {}", all[0].1);
        assert!(all[1].1.contains("\"$(aws iam get-access-key-last-used"), "{}", all[1].1);
        assert!(all[2].1.contains("aws:TokenIssueTime") && all[2].2.contains("delete-role-policy"), "{:?}", all[2]);
        let group = "--group-id=sg-0a1b2c3d --region=ap-northeast-1 --ip-permissions='[{\"FromPort\":22,\"IpProtocol\":\"tcp\",\
             \"IpRanges\":[{\"CidrIp\":\"0.0.0.0/0\"}],\"Ipv6Ranges\":[],\"ToPort\":22}]'";
        assert_eq!(all[8].1, format!("aws ec2 revoke-security-group-ingress {group}"));
        assert_eq!(all[8].2, format!("aws ec2 authorize-security-group-ingress {group}"));
        assert_eq!(steps.left_out, ["mallory", "sg-0a1b2c3d;reboot"]);
        assert_eq!(steps.all.len(), steps.all.iter().map(Step::name).collect::<std::collections::BTreeSet<_>>().len());
    }
}
