//! Policies of IAM, of buckets and of keys, as far as judgements need them: who may do what, and what is denied to whom.
//!
//! ```json
//! {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
//!                 "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}
//! ```

use shoseki_messages::{Message, msg};

use super::{Fact, Value};

/// A condition of a statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Condition {
    /// The operator: `StringEquals`.
    pub operator: String,
    /// The key: `aws:SecureTransport`.
    pub key: String,
    /// The values.
    pub values: Vec<String>,
}

/// A statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    /// Whether it allows; else it denies.
    pub is_allow: bool,
    /// Whom it is about: `*`, ARNs, accounts, services. Of a policy of identities it is empty.
    pub principals: Vec<String>,
    /// Whether it is about all but these principals.
    pub is_not_principals: bool,
    /// Actions: `s3:*`.
    pub actions: Vec<String>,
    /// Whether it is about all but these actions.
    pub is_not_actions: bool,
    /// Resources.
    pub resources: Vec<String>,
    /// Whether it is about all but these resources.
    pub is_not_resources: bool,
    /// Conditions, all of which must hold.
    pub conditions: Vec<Condition>,
}

/// A policy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// Its statements.
    pub statements: Vec<Statement>,
    /// Why a part of it is not known, where that is so: what it does not show may stand there.
    pub unknown: Option<Message>,
}

/// The most statements that are read of a policy: AWS takes 20 kB of text.
const MOST: usize = 1_000;

impl Policy {
    /// A policy of its text in JSON, or of its parts.
    pub fn of(value: &Value) -> Fact<Self> {
        match value {
            Value::Null => Fact::Absent,
            Value::Text(text) if text.trim().is_empty() => Fact::Absent,
            Value::Text(text) => match serde_json::from_str(text) {
                Ok(json) => Self::of_document(&Value::from_json(&json)),
                Err(_) => Fact::Unknown(msg!("settings-policy-unreadable")),
            },
            Value::Map(_) => Self::of_document(value),
            other => Fact::Unknown(other.unknown().unwrap_or_else(|| msg!("settings-policy-unreadable"))),
        }
    }

    fn of_document(document: &Value) -> Fact<Self> {
        if !matches!(document, Value::Map(_)) {
            return Fact::Unknown(msg!("settings-policy-unreadable"));
        }
        let mut policy = Self { statements: Vec::new(), unknown: document.at("Statement").unknown() };
        if document.at("Statement").entries().len() > MOST {
            policy.unknown = Some(msg!("settings-policy-unreadable"));
        }
        for one in document.at("Statement").entries().iter().take(MOST) {
            match Statement::of(one) {
                Ok(statement) => policy.statements.push(statement),
                Err(why) => policy.unknown = Some(why),
            }
        }
        Fact::Known(policy)
    }

    /// Statements that allow.
    pub fn allows(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|statement| statement.is_allow)
    }

    /// Statements that deny.
    pub fn denies(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|statement| !statement.is_allow)
    }
}

impl Statement {
    fn of(value: &Value) -> Result<Self, Message> {
        let texts = |names: [&str; 2]| -> Result<(Vec<String>, bool), Message> {
            for (index, name) in names.iter().enumerate() {
                match value.at(name).to_texts() {
                    Fact::Known(texts) => return Ok((texts, index == 1)),
                    Fact::Unknown(why) => return Err(why),
                    Fact::Absent => (),
                }
            }
            Ok((Vec::new(), false))
        };
        let effect = value.at("Effect").to_text();
        let effect = effect.get().map_err(Clone::clone)?.cloned().unwrap_or_default();
        let (actions, is_not_actions) = texts(["Action", "NotAction"])?;
        let (resources, is_not_resources) = texts(["Resource", "NotResource"])?;
        let is_not_principals = !value.at("NotPrincipal").is_null();
        let principals = principals(value.any(&["Principal", "NotPrincipal"]))?;
        let conditions = conditions(value.at("Condition"))?;
        Ok(Self {
            is_allow: effect.eq_ignore_ascii_case("allow"),
            principals,
            is_not_principals,
            actions,
            is_not_actions,
            resources,
            is_not_resources,
            conditions,
        })
    }

    /// Whether it is about an action, in whatever way it names it.
    pub fn has_action(&self, action: &str) -> bool {
        self.actions.iter().any(|pattern| matches(pattern, action)) != self.is_not_actions
    }

    /// Whether it is about everybody.
    pub fn is_of_everybody(&self) -> bool {
        !self.is_not_principals && self.principals.iter().any(|one| one == "*")
    }

    /// Whether an allowance is about all resources, or all of a kind: `*`, `arn:aws:s3:::*`, `arn:aws:iam::111122223333:role/*`; or
    /// about all but some.
    pub fn is_of_all_resources(&self) -> bool {
        self.is_not_resources || self.resources.iter().any(|one| is_every(one))
    }

    /// Whether a denial is about all resources. One of all but some denies nothing of these.
    pub fn denies_all_resources(&self) -> bool {
        !self.is_not_resources && self.resources.iter().any(|one| one == "*")
    }

    /// Whether a denial is about the objects of its bucket: `*`, or something that ends in `/*`.
    pub fn denies_objects(&self) -> bool {
        self.denies_all_resources() || !self.is_not_resources && self.resources.iter().any(|one| one.ends_with("/*"))
    }

    /// Whether a condition asks for a second factor.
    pub fn needs_mfa(&self) -> bool {
        let is_mfa = |one: &Condition| {
            let key = one.key.to_ascii_lowercase();
            let is_true = !one.values.is_empty() && one.values.iter().all(|value| value.eq_ignore_ascii_case("true"));
            // What ends in `IfExists` is true of who has no second factor.
            (key == "aws:multifactorauthpresent" && one.operator == "Bool" && is_true)
                || (key == "aws:multifactorauthage"
                    && ["NumericLessThan", "NumericLessThanEquals"].contains(&one.operator.as_str()))
        };
        self.conditions.iter().any(is_mfa)
    }

    /// Whether it is only about principals of one's own or of stated places: conditions that S3 itself counts as not public.
    pub fn is_limited(&self) -> bool {
        const LIMITS: [&str; 13] = [
            "aws:sourceaccount",
            "aws:sourcearn",
            "aws:sourceorgid",
            "aws:sourcevpc",
            "aws:sourcevpce",
            "aws:sourceip",
            "aws:principalorgid",
            "aws:principalaccount",
            "aws:principalarn",
            "aws:userid",
            "aws:principalorgpaths",
            "kms:calleraccount",
            "s3:dataaccesspointaccount",
        ];
        let is_limit = |one: &Condition| LIMITS.contains(&one.key.to_ascii_lowercase().as_str()) && one.is_narrow();
        self.conditions.iter().any(is_limit)
    }

    /// Whether it lets in whom another provider vouches for, without saying which of its users: every repository of GitHub, every
    /// service account of a cluster.
    pub fn is_of_any_federated(&self) -> bool {
        let is_provider = |one: &String| one.contains("oidc-provider/") || one.contains("cognito-identity");
        let is_limit = |one: &Condition| {
            let key = one.key.to_ascii_lowercase();
            let names = key.ends_with(":sub") || key == "cognito-identity.amazonaws.com:aud";
            let is_open = |value: &String| {
                let rest = ["repo:", "system:serviceaccount:"].into_iter().find_map(|start| value.strip_prefix(start));
                !rest
                    .unwrap_or(value)
                    .split(':')
                    .next()
                    .unwrap_or_default()
                    .bytes()
                    .any(|byte| byte.is_ascii_alphanumeric())
            };
            names && one.is_narrow() && !one.values.iter().any(is_open)
        };
        self.has_action("sts:AssumeRoleWithWebIdentity")
            && self.principals.iter().any(is_provider)
            && !self.conditions.iter().any(is_limit)
    }
}

impl Condition {
    /// Whether it holds only where its key is there and has one of the stated values, and these are not everything. What ends in
    /// `IfExists`, begins with `ForAllValues:` or asks for `Null` holds of a request without the key.
    pub fn is_narrow(&self) -> bool {
        const NARROW: [&str; 6] =
            ["stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"];
        let operator = self.operator.to_ascii_lowercase();
        let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
        NARROW.contains(&operator) && !self.values.is_empty() && !self.values.iter().any(|value| is_everything(value))
    }

    /// Whether it exempts stated principals from a denial, and not all of an account or of an organisation.
    pub fn exempts_some(&self) -> bool {
        const BUT: [&str; 4] = ["arnnotequals", "arnnotlike", "stringnotequals", "stringnotlike"];
        let is_key = ["aws:principalarn", "aws:userid"].contains(&self.key.to_ascii_lowercase().as_str());
        let is_wide = |value: &String| is_everything(value) || is_every(value);
        is_key && BUT.contains(&self.operator.to_ascii_lowercase().as_str()) && !self.values.iter().any(is_wide)
    }
}

/// Whether a value of a condition leaves everything open: stars alone, an ARN of any account, half the internet.
fn is_everything(value: &str) -> bool {
    if let Some((_, bits)) = value.split_once('/').filter(|(address, _)| address.parse::<std::net::IpAddr>().is_ok()) {
        return bits.parse::<u8>().map_or(true, |bits| bits < 8);
    }
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, _, _, account, resource] => {
            account.contains(['*', '?'])
                || account.is_empty() && !resource.bytes().any(|byte| byte.is_ascii_alphanumeric())
        }
        _ => value.bytes().all(|byte| matches!(byte, b'*' | b'?' | b':' | b'/')),
    }
}

/// Whether a pattern of a resource takes in all of them, or all of a kind: behind the kind (`role/`, `trail/`) are only stars.
fn is_every(pattern: &str) -> bool {
    const KINDS: [&str; 16] = [
        "alias",
        "cluster",
        "config-recorder",
        "db",
        "detector",
        "function",
        "group",
        "instance",
        "key",
        "log-group",
        "policy",
        "role",
        "stack",
        "table",
        "trail",
        "user",
    ];
    let is_star = |part: &str| !part.is_empty() && part.bytes().all(|byte| matches!(byte, b'*' | b'?'));
    if is_star(pattern) {
        return true;
    }
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let ["arn", _, service, _, _, resource] = parts.as_slice() else { return false };
    let mut names: Vec<&str> = resource.split(['/', ':']).collect();
    if *service != "s3" && names.len() > 1 && KINDS.contains(&names[0]) {
        names.remove(0);
    }
    names.iter().all(|name| is_star(name))
}

fn principals(value: &Value) -> Result<Vec<String>, Message> {
    match value {
        Value::Map(kinds) => {
            let mut all = Vec::new();
            for one in kinds.values() {
                all.extend(one.to_texts().get().map_err(Clone::clone)?.cloned().unwrap_or_default());
            }
            Ok(all)
        }
        other => Ok(other.to_texts().get().map_err(Clone::clone)?.cloned().unwrap_or_default()),
    }
}

fn conditions(value: &Value) -> Result<Vec<Condition>, Message> {
    let mut all = Vec::new();
    match value {
        Value::Map(operators) => {
            for (operator, keys) in operators {
                let Value::Map(keys) = keys else { return Err(msg!("settings-policy-unreadable")) };
                for (key, values) in keys {
                    let values = values.to_texts().get().map_err(Clone::clone)?.cloned().unwrap_or_default();
                    all.push(Condition { operator: operator.clone(), key: key.clone(), values });
                }
            }
        }
        Value::Null => (),
        other => return Err(other.unknown().unwrap_or_else(|| msg!("settings-policy-unreadable"))),
    }
    Ok(all)
}

/// Whether a pattern of an action (`s3:Delete*`) matches, as IAM does it: without case, `*` any characters, `?` one.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut from, mut star) = (0, 0, None);
    while from < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(&one) if one == b'?' || one.eq_ignore_ascii_case(&text[from]) => {
                at += 1;
                from += 1;
            }
            // What the last star takes grows by one: what stands before it is settled, so that this is quadratic at worst.
            _ => match star {
                Some((star_at, taken)) => {
                    star = Some((star_at, taken + 1));
                    at = star_at + 1;
                    from = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|one| *one == b'*'))
}
