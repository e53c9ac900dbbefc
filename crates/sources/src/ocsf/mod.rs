//! A record as an event of OCSF 1.8, as JSON: what `query --ocsf` prints and what is forwarded. It is made of the columns, of
//! the provenance, and of what a source says besides ([`Extra`]); it is no evidence itself: `raw_data` has what is sealed, and
//! `metadata.uid` names the record.
//!
//! ```text
//! {"activity_id":2,"actor":{"user":{"name":"aiko","type":"User","type_id":1}},"api":{"operation":"get"},"category_uid":6,
//!  "class_uid":6003,"metadata":{"log_name":"k8s-audit","product":{"name":"Kubernetes"},"uid":"…:7","version":"1.8.0",…},
//!  "raw_data":"{\"kind\":\"Event\",…}","severity_id":1,"src_endpoint":{"ip":"198.51.100.7"},"time":1772672523004,"type_uid":600302,…}
//! ```
//!
//! An event is always valid. Where its class demands what the record does not say:
//! - of where a request came from, an endpoint of the name and the type `Unknown` stands in: that is no fact but the lack of one;
//! - of who did it, what it was called and on which datastore, nothing stands in. Then it is an event of the class 0 (Base
//!   Event), with its class and activity in `unmapped`; but an Account Change of no user, such as a policy of a role, is API
//!   Activity, which it is as well.
//!
//! Bytes that no source could read, and receipts, are Base Events. What has no place in its class stands in `unmapped`, by the
//! column's name. `raw_data` is there where the bytes are UTF-8.

mod class;
mod extras;
mod objects;

use serde_json::{Map, Value, json};
use shoseki_event::{ColumnText, Columns, Kind, Outcome, Provenance, TimeOrigin, Timestamp};

use crate::{Source, by_id};
use class::{Class, Shape};
use extras::Extras;
pub use extras::{Extra, Product};
use objects::{caption_of_severity, endpoint, resource, url, user};

/// The version of the schema.
pub const VERSION: &str = "1.8.0";

/// A record as it is seen.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Its name in the vault: `<segment>:<ordinal>`.
    pub id: &'a str,
    /// Where it came from.
    pub provenance: &'a Provenance,
    /// What was derived from it.
    pub columns: &'a Columns,
    /// Its bytes.
    pub raw: &'a [u8],
}

/// The record as an event of OCSF: a JSON object that the schema accepts.
pub fn event(record: &Seen<'_>) -> Value {
    let source = by_id(&record.provenance.source);
    let extras = match (source, record.provenance.kind) {
        (Some(source), Kind::Event) => Extras::read(source, record),
        _ => Extras::default(),
    };
    let product = source.map_or(Product { name: "", ..Product::default() }, Source::product);
    let class = class::of(record.columns, &extras, &product);
    let mut draft = Draft {
        record,
        extras,
        product,
        shape: class.shape(),
        event: Map::new(),
        rest: Map::new(),
        profiles: Vec::new(),
    };
    draft.classify(&class);
    draft.status();
    draft.cloud();
    draft.who();
    draft.endpoints();
    draft.call();
    draft.what();
    draft.finish()
}

/// An event that is being made.
struct Draft<'a> {
    record: &'a Seen<'a>,
    extras: Extras,
    product: Product,
    shape: &'static Shape,
    event: Map<String, Value>,
    /// What becomes `unmapped`.
    rest: Map<String, Value>,
    profiles: Vec<&'static str>,
}

impl Draft<'_> {
    fn columns(&self) -> &Columns {
        self.record.columns
    }

    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.event.insert(name.to_owned(), value.into());
    }

    /// Puts what the class has no place for, by the name of its column.
    fn rest(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.rest.insert(name.to_owned(), value.into());
        }
    }

    fn profile(&mut self, name: &'static str) {
        if !self.profiles.contains(&name) {
            self.profiles.push(name);
        }
    }

    fn classify(&mut self, class: &Class) {
        let (columns, raw) = (self.columns(), self.record.raw);
        let (severity, time, origin) = (columns.severity_id, columns.time, columns.time_origin);
        let own = (columns.class_uid, columns.activity_id);
        let operation = stated(&columns.operation).unwrap_or("Other").to_owned();
        self.put("class_uid", class.uid);
        self.put("category_uid", class.uid / 1_000);
        self.put("activity_id", class.activity);
        self.put("type_uid", i64::from(class.uid) * 100 + i64::from(class.activity));
        if class.activity == class::OTHER {
            self.put("activity_name", operation);
        }
        self.put("severity_id", severity);
        self.put("severity", caption_of_severity(severity));
        self.put("time", millis(time));
        if origin != TimeOrigin::Event {
            self.rest("time_origin", Some(origin.name()));
        }
        if own.0 != class.uid {
            self.rest.insert("class_uid".to_owned(), own.0.into());
            self.rest.insert("activity_id".to_owned(), own.1.into());
        }
        self.put("raw_data_size", raw.len());
        if let Ok(text) = std::str::from_utf8(raw) {
            self.put("raw_data", text);
        }
        if let Some(message) = self.extras.take(Extra::Message) {
            self.put("message", message);
        }
    }

    /// Whether it succeeded. The status of a finding is another: what was done with it, which its sender does not know.
    fn status(&mut self) {
        let (id, caption) = match self.columns().status {
            Outcome::Unknown => (0, "Unknown"),
            Outcome::Success => (1, "Success"),
            Outcome::Failure => (2, "Failure"),
        };
        if !self.shape.is_finding() {
            self.put("status_id", id);
            self.put("status", caption);
        }
    }

    /// The cloud, where the source is of one: an account or a region alone does not say which cloud it is.
    fn cloud(&mut self) {
        let (account, region) = (self.columns().account.clone(), self.columns().region.clone());
        let Some(provider) = self.product.cloud else {
            self.rest("account", account.as_deref());
            return self.rest("region", region.as_deref());
        };
        self.profile("cloud");
        let mut cloud = json!({"provider": provider});
        if let Some(account) = stated(&account) {
            cloud["account"] = json!({"uid": account});
        }
        if let Some(region) = stated(&region) {
            cloud["region"] = region.into();
        }
        self.put("cloud", cloud);
    }

    fn who(&mut self) {
        let columns = self.record.columns;
        let session = self.session();
        let application = self.extras.take(Extra::Application);
        let kind = columns.actor_type.as_deref();
        let acting = stated(&columns.actor).map(|name| user(name, kind));
        if let Some(acting) = &acting
            && kind.is_some()
            && acting["type"] != json!(kind)
        {
            self.rest("actor_type", kind); // OCSF's word is wider
        }
        let mut actor = Map::new();
        if let Some(acting) = &acting {
            actor.insert("user".to_owned(), acting.clone());
        } else {
            self.rest("actor_type", kind);
        }
        if let Some(session) = session {
            actor.insert("session".to_owned(), session);
        }
        if let Some(application) = application {
            actor.insert("app_name".to_owned(), application.into());
        }
        if !actor.is_empty() {
            if !self.shape.has("actor") {
                self.profile("host");
            }
            self.put("actor", actor);
        }
        let changed = self.extras.take(Extra::User);
        if self.shape.has("user") {
            let own =
                if self.shape.uid == class::ACCOUNT_CHANGE { changed.map(|name| user(&name, None)) } else { None };
            if let Some(user) = own.or(acting) {
                self.put("user", user);
            }
        }
    }

    fn session(&mut self) -> Option<Value> {
        let mut session = Map::new();
        if let Some(credential) = self.extras.take(Extra::Credential) {
            session.insert("credential_uid".to_owned(), credential.into());
        }
        if let Some(issuer) = self.extras.take(Extra::Issuer) {
            session.insert("issuer".to_owned(), issuer.into());
        }
        match self.extras.take(Extra::Mfa).map(|text| text.to_ascii_lowercase()).as_deref() {
            Some("true" | "yes") => drop(session.insert("is_mfa".to_owned(), true.into())),
            Some("false" | "no") => drop(session.insert("is_mfa".to_owned(), false.into())),
            _ => {}
        }
        (!session.is_empty()).then(|| session.into())
    }

    /// Where the request came from, and on which machine it happened.
    fn endpoints(&mut self) {
        let columns = self.record.columns;
        let (address, host) = (stated(&columns.src_ip), self.extras.take(Extra::Host));
        let mut source = address.map(|address| endpoint(address, self.product.cloud.is_some()));
        if let Some(host) = host {
            source.get_or_insert_with(|| json!({}))["hostname"] = host.into();
        }
        match source {
            source if self.shape.has("src_endpoint") => {
                let unknown = || json!({"name": "Unknown", "type": "Unknown", "type_id": 0});
                let is_demanded = self.shape.demands_endpoint;
                if let Some(source) = source.or_else(|| is_demanded.then(unknown)) {
                    self.put("src_endpoint", source);
                }
            }
            Some(source) if self.shape.is_finding() => self.put("evidences", json!([{"src_endpoint": source}])),
            _ => self.rest("src_ip", address),
        }
        if let Some(device) = self.extras.take(Extra::Device) {
            if !self.shape.has("device") {
                self.profile("host");
            }
            self.put("device", json!({"hostname": device, "type": "Unknown", "type_id": 0}));
        }
        self.request();
    }

    /// The request of HTTP and what was answered.
    fn request(&mut self) {
        let agent = self.extras.take(Extra::UserAgent);
        let asked = self.extras.take(Extra::Url).map(|text| url(&text));
        let code = self.extras.take(Extra::HttpCode).and_then(|code| code.parse::<u16>().ok());
        if !self.shape.has("http_request") {
            return;
        }
        let mut request = Map::new();
        request.extend(agent.map(|agent| ("user_agent".to_owned(), agent.into())));
        request.extend(asked.map(|url| ("url".to_owned(), url)));
        if !request.is_empty() {
            self.put("http_request", request);
        }
        if let Some(code) = code {
            self.put("http_response", json!({"code": code}));
        }
    }

    /// What was called and what went wrong.
    fn call(&mut self) {
        let columns = self.record.columns;
        let (service, error) = (stated(&columns.service), stated(&columns.error));
        let (said, id) = (self.extras.take(Extra::ErrorMessage), self.extras.take(Extra::Request));
        let is_call = class::is_call(columns.class_uid) && (self.shape.has("api") || self.product.cloud.is_some());
        // Where the product's own name is the service, it is said already.
        let service = if self.product.is_named_by_service { None } else { service };
        match stated(&columns.operation).filter(|_| is_call) {
            Some(operation) => {
                let mut api = json!({"operation": operation});
                if let Some(service) = service {
                    api["service"] = json!({"name": service});
                }
                if let Some(id) = id {
                    api["request"] = json!({"uid": id});
                }
                if let Some(error) = error {
                    api["response"]["error"] = error.into();
                }
                if let Some(said) = said {
                    api["response"]["error_message"] = said.into();
                }
                self.put("api", api);
            }
            None => {
                let is_code = |error: &str| error.bytes().all(|byte| byte.is_ascii_digit());
                if let Some(error) = error {
                    self.put(if is_code(error) { "status_code" } else { "status_detail" }, error);
                }
                let is_said = self.shape.has("service") || self.extras.has(Extra::Server);
                if service.is_some_and(|service| service != self.product.name) && !is_said {
                    self.rest("service", service);
                }
            }
        }
        let server = self.extras.take(Extra::Server);
        if self.shape.has("service") && server.is_none() {
            match stated(&columns.service) {
                Some(service) => self.put("service", json!({"name": service})),
                None => self.put("dst_endpoint", json!({"name": "Unknown", "type": "Unknown", "type_id": 0})),
            }
        }
        if let Some(server) = server {
            match self.shape.has("dst_endpoint") {
                true => self.put("dst_endpoint", json!({"hostname": server})),
                false => self.rest("service", Some(&server)),
            }
        }
    }

    /// What it is about, each class in its own way.
    fn what(&mut self) {
        let columns = self.record.columns;
        let named = stated(&columns.resource);
        let kind = self.extras.take(Extra::ResourceType);
        match named {
            Some(named) if self.shape.has("resources") => {
                let mut resource = resource(named);
                if let Some(kind) = kind {
                    resource["type"] = kind.into();
                }
                self.put("resources", json!([resource]));
            }
            named if !self.names_a_store() && !self.is_device(named) => self.rest("resource", named),
            _ => {}
        }
        match self.shape.uid {
            class::APPLICATION_LIFECYCLE => {
                let product = self.product();
                self.put("app", product);
            }
            class::DETECTION_FINDING | class::COMPLIANCE_FINDING => self.finding(),
            class::DATASTORE_ACTIVITY => self.store(),
            _ => {}
        }
    }

    /// Whether the resource is told by the names of a database and a table.
    fn names_a_store(&self) -> bool {
        self.shape.uid == class::DATASTORE_ACTIVITY && self.extras.names_a_store()
    }

    /// Whether it is the machine that is named already.
    fn is_device(&self, named: Option<&str>) -> bool {
        named.is_some() && self.event.get("device").and_then(|device| device["hostname"].as_str()) == named
    }

    fn finding(&mut self) {
        let columns = self.record.columns;
        let uid = stated(&columns.key).unwrap_or(self.record.id);
        let rule = self.extras.take(Extra::Rule);
        let title = rule.as_deref().or(stated(&columns.operation)).unwrap_or("Unknown");
        let mut finding = json!({"uid": uid, "title": title});
        if let Some(rule) = &rule {
            finding["analytic"] = json!({"name": rule, "type": "Rule", "type_id": 1});
        }
        self.put("finding_info", finding);
        if self.shape.uid == class::COMPLIANCE_FINDING {
            let (id, caption) = match columns.status {
                Outcome::Unknown => (0, "Unknown"),
                Outcome::Success => (1, "Pass"),
                Outcome::Failure => (3, "Fail"),
            };
            let mut compliance = json!({"status_id": id, "status": caption});
            if let Some(rule) = rule {
                compliance["control"] = rule.into();
            }
            self.put("compliance", compliance);
        }
    }

    fn store(&mut self) {
        let server = self.event.get("dst_endpoint").map(|server| server["hostname"].clone());
        let table = self.extras.take(Extra::Table);
        let (id, kind) = if table.is_some() { (3, "Table") } else { (1, "Database") };
        self.put("type_id", id);
        self.put("type", kind);
        let database = self.extras.take(Extra::Database);
        let own = self.product.datastore.map(|kind| (kind, 99));
        let (kind, id) = own.unwrap_or(("Relational", 1));
        match (database, own, server) {
            (Some(name), ..) => self.put("database", json!({"name": name, "type": kind, "type_id": id})),
            (None, Some(_), _) => self.put("database", json!({"name": self.product.name, "type": kind, "type_id": id})),
            // Where none of its databases is chosen, it is the server that is asked.
            (None, None, Some(server)) if table.is_none() => {
                self.put("database", json!({"uid": server, "type": kind, "type_id": id}));
            }
            _ => {}
        }
        if let Some(table) = table {
            self.put("table", json!({"name": table}));
        }
        if let Some(statement) = self.extras.take(Extra::Statement) {
            self.put("query_info", json!({"query_string": statement, "uid": self.record.id}));
        }
    }

    /// The product that wrote the event: the application itself, where the source is any application.
    fn product(&self) -> Value {
        let service = stated(&self.columns().service).filter(|_| self.product.is_named_by_service);
        let named = Some(self.product.name).filter(|name| !name.is_empty());
        let name = service.or(named).unwrap_or(&self.record.provenance.source);
        let mut product = json!({"name": name});
        if let Some(vendor) = self.product.vendor {
            product["vendor_name"] = vendor.into();
        }
        product
    }

    fn finish(mut self) -> Value {
        let (columns, provenance) = (self.record.columns, self.record.provenance);
        let mut metadata = json!({
            "version": VERSION,
            "product": self.product(),
            "uid": self.record.id,
            "log_name": &*provenance.stream,
            "logged_time": millis(provenance.received),
        });
        if !provenance.origin.is_empty() {
            metadata["log_source"] = (&*provenance.origin).into();
        }
        if let Some(operation) = stated(&columns.operation) {
            metadata["event_code"] = operation.into();
        }
        if let Some(key) = stated(&columns.key) {
            metadata["original_event_uid"] = key.into();
        }
        if columns.time_origin == TimeOrigin::Event {
            metadata["original_time"] = columns.time.to_string().into();
        }
        if !provenance.reason.is_empty() {
            metadata["debug"] = json!([&*provenance.reason]);
        }
        if !self.profiles.is_empty() {
            metadata["profiles"] = json!(self.profiles);
        }
        self.put("metadata", metadata);
        self.rest.insert("source".to_owned(), (&*provenance.source).into());
        self.rest.insert("kind".to_owned(), provenance.kind.name().into());
        let rest = std::mem::take(&mut self.rest);
        self.put("unmapped", rest);
        self.event.into()
    }
}

/// A column that says something.
fn stated(column: &Option<ColumnText>) -> Option<&str> {
    column.as_deref().filter(|text| !text.is_empty())
}

fn millis(time: Timestamp) -> i64 {
    time.0.div_euclid(1_000)
}
