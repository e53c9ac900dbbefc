//! Event shapes (`shapes.toml`) made into templates: literal text with slots such as `<bucket>` or `<hex:16>`.
//!
//! A shape says what is particular to its event; the envelope that every CloudTrail event has is written here once:
//!
//! ```text
//! {"eventVersion":"1.09","userIdentity":{…},"eventTime":"2024-06-12T03:04:05Z","eventSource":"s3.amazonaws.com",…}
//! ```

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::estate::{Actor, Estate, Thing};
use super::random::{BASE64, HEX, Random, UPPER};

/// `shapes.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shapes {
    shape: Vec<Shape>,
    needle: Vec<Shape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    service: String,
    name: String,
    #[serde(default)]
    weight: usize,
    #[serde(default)]
    read: bool,
    #[serde(default)]
    data: bool,
    kind: Option<String>,
    request: Option<String>,
    response: Option<String>,
    extra: Option<String>,
    resources: Option<String>,
    error: Option<String>,
    error_text: Option<String>,
    invoked: Option<String>,
}

/// What stands in a template.
enum Part {
    Literal(String),
    Name(Thing),
    Account,
    Region,
    Time,
    Address,
    Agent,
    Identity,
    Key,
    Request,
    Uuid,
    UuidUpper,
    Hex(usize),
    Upper(usize),
    Base64(usize),
    Number(usize),
}

/// One event's shape, ready to be filled in.
pub struct Template {
    parts: Vec<Part>,
    weight: usize,
    invoked: Option<String>,
}

/// All templates.
pub struct Templates {
    ordinary: Vec<Template>,
    needles: Vec<Template>,
    weight: usize,
}

/// What an event is told from outside.
pub struct Setting<'a> {
    /// The account that it happened in.
    pub account: &'a str,
    /// The region that it happened in.
    pub region: &'a str,
    /// Its time, as CloudTrail writes it.
    pub time: &'a str,
    /// Who acted.
    pub actor: &'a Actor,
    /// The address that it came from.
    pub address: &'a str,
}

impl Templates {
    /// Those that ship with the benchmark.
    pub fn load() -> Result<Self> {
        let shapes: Shapes = toml::from_str(include_str!("shapes.toml")).context("shapes.toml")?;
        let read = |list: &[Shape]| list.iter().map(Template::new).collect::<Result<Vec<_>>>();
        let (ordinary, needles) = (read(&shapes.shape)?, read(&shapes.needle)?);
        let weight = ordinary.iter().map(|template| template.weight).sum();
        Ok(Self { ordinary, needles, weight })
    }

    /// One of the ordinary ones, by weight.
    pub fn draw(&self, random: &mut Random) -> &Template {
        let mut left = random.below(self.weight);
        for template in &self.ordinary {
            match left.checked_sub(template.weight) {
                Some(rest) => left = rest,
                None => return template,
            }
        }
        &self.ordinary[0]
    }

    /// The one for the n-th event that the handbook's query finds.
    pub fn needle(&self, n: usize) -> &Template {
        &self.needles[n % self.needles.len()]
    }
}

impl Template {
    fn new(shape: &Shape) -> Result<Self> {
        let text = envelope(shape);
        let parts = parse(&text).with_context(|| format!("shapes.toml: `{}` `{}`", shape.service, shape.name))?;
        Ok(Self { parts, weight: shape.weight, invoked: shape.invoked.clone() })
    }

    /// Appends one event.
    pub fn fill(&self, out: &mut String, estate: &Estate, setting: &Setting<'_>, random: &mut Random) {
        let choice = random.bits(); // the same thing has the same name throughout the event
        let request = random.bits();
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Name(kind) => out.push_str(estate.name(*kind, choice)),
                Part::Account => out.push_str(setting.account),
                Part::Region => out.push_str(setting.region),
                Part::Time => out.push_str(setting.time),
                Part::Address => out.push_str(self.invoked.as_deref().unwrap_or(setting.address)),
                Part::Agent => out.push_str(self.invoked.as_deref().unwrap_or(setting.actor.agent)),
                Part::Identity => self.identity(out, setting.actor),
                Part::Key => key(out, &setting.time[..10], &mut Random::new(choice)),
                Part::Request => Random::new(request).uuid(out),
                Part::Uuid => random.uuid(out),
                Part::UuidUpper => {
                    let start = out.len();
                    random.uuid(out);
                    let upper = out[start..].to_ascii_uppercase();
                    out.replace_range(start.., &upper);
                }
                Part::Hex(length) => random.text(out, HEX, *length),
                Part::Upper(length) => random.text(out, UPPER, *length),
                Part::Base64(length) => random.text(out, BASE64, *length),
                Part::Number(end) => out.push_str(&random.below(*end).to_string()),
            }
        }
    }

    /// Whether an AWS service acts in somebody's name, so that the event has no address.
    pub fn is_invoked(&self) -> bool {
        self.invoked.is_some()
    }

    fn identity(&self, out: &mut String, actor: &Actor) {
        match &self.invoked {
            None => out.push_str(&actor.identity),
            Some(service) => {
                out.push_str(&actor.identity[..actor.identity.len() - 1]);
                out.push_str(",\"invokedBy\":\"");
                out.push_str(service);
                out.push_str("\"}");
            }
        }
    }
}

/// An object's key as data platforms and applications name them.
fn key(out: &mut String, day: &str, random: &mut Random) {
    const TABLES: [&str; 6] = ["orders", "events", "clicks", "payments", "sessions", "inventory"];
    let table = random.pick(&TABLES);
    match random.below(3) {
        0 => {
            out.push_str(&format!("lake/{table}/dt={day}/part-{:05}-", random.below(400)));
            random.uuid(out);
            out.push_str(".c000.snappy.parquet");
        }
        1 => {
            out.push_str(&format!("uploads/{table}/"));
            random.text(out, HEX, 12);
            out.push_str(".json");
        }
        _ => out.push_str(&format!("static/{table}/{}.png", random.below(40_000))),
    }
}

/// The text of a whole event around what its shape says.
fn envelope(shape: &Shape) -> String {
    let or_null = |text: &Option<String>| text.clone().unwrap_or_else(|| "null".to_owned());
    let optional = |name: &str, text: &Option<String>, quote: &str| match text {
        Some(text) => format!(",\"{name}\":{quote}{text}{quote}"),
        None => String::new(),
    };
    let service = &shape.service;
    let request_id = if service == "s3" { "<upper:16>" } else { "<request>" };
    let host = if service == "s3" { "<bucket>.s3".to_owned() } else { service.clone() };
    let tls = match shape.invoked {
        Some(_) => String::new(),
        None => format!(
            r#","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{host}.<region>.amazonaws.com"}}"#
        ),
    };
    [
        r#"{"eventVersion":"1.09","userIdentity":<identity>,"eventTime":"<time>","eventSource":""#,
        service,
        r#".amazonaws.com","eventName":""#,
        &shape.name,
        r#"","awsRegion":"<region>","sourceIPAddress":"<address>","userAgent":"<agent>""#,
        &optional("errorCode", &shape.error, "\""),
        &optional("errorMessage", &shape.error_text, "\""),
        &format!(r#","requestParameters":{},"responseElements":{}"#, or_null(&shape.request), or_null(&shape.response)),
        &optional("additionalEventData", &shape.extra, ""),
        &format!(r#","requestID":"{request_id}","eventID":"<uuid>","readOnly":{}"#, shape.read),
        &optional("resources", &shape.resources, ""),
        &format!(
            r#","eventType":"{}","managementEvent":{}"#,
            shape.kind.as_deref().unwrap_or("AwsApiCall"),
            !shape.data
        ),
        r#","recipientAccountId":"<account>","eventCategory":""#,
        if shape.data { "Data\"" } else { "Management\"" },
        &tls,
        "}",
    ]
    .concat()
}

fn parse(text: &str) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        let (slot, after) = after.split_once('>').context("a `<` without its `>`")?;
        parts.push(Part::Literal(before.to_owned()));
        parts.push(part(slot)?);
        rest = after;
    }
    parts.push(Part::Literal(rest.to_owned()));
    Ok(parts)
}

fn part(slot: &str) -> Result<Part> {
    if let Some((kind, _, _)) = Thing::ALL.iter().find(|(_, name, _)| *name == slot) {
        return Ok(Part::Name(*kind));
    }
    if let Some((kind, size)) = slot.split_once(':') {
        let size = size.parse().with_context(|| format!("`<{slot}>`: expected a number after `:`"))?;
        return match kind {
            "hex" => Ok(Part::Hex(size)),
            "upper" => Ok(Part::Upper(size)),
            "base64" => Ok(Part::Base64(size)),
            "number" => Ok(Part::Number(size)),
            _ => bail!("`<{slot}>`: expected `hex`, `upper`, `base64` or `number` before `:`"),
        };
    }
    Ok(match slot {
        "account" => Part::Account,
        "region" => Part::Region,
        "time" => Part::Time,
        "address" => Part::Address,
        "agent" => Part::Agent,
        "identity" => Part::Identity,
        "key" => Part::Key,
        "request" => Part::Request,
        "uuid" => Part::Uuid,
        "uuid-upper" => Part::UuidUpper,
        _ => bail!("`<{slot}>` is not a slot"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_gives_json() {
        let (templates, estate, mut random) = (Templates::load().unwrap(), Estate::new(1), Random::new(2));
        for template in templates.ordinary.iter().chain(&templates.needles) {
            let actor = &estate.actors[0][3];
            let setting =
                Setting { account: "1", region: "r", time: "2024-06-12T03:04:05Z", actor, address: "198.51.100.1" };
            let mut text = String::new();
            template.fill(&mut text, &estate, &setting, &mut random);
            let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
            assert_eq!(value["eventTime"], "2024-06-12T03:04:05Z");
            assert_eq!(value["eventID"].as_str().unwrap().len(), 36);
        }
    }

    #[test]
    fn an_unknown_slot_is_refused() {
        assert!(parse("a<nothing>").is_err());
        assert!(parse("a<hex:b>").is_err());
        assert!(parse("a<hex").is_err());
    }
}
