//! What events say beyond the columns, as far as classes of OCSF have a place for it, and which product writes them. Each source
//! names its product and its fields; here they are read, in one pass.

use crate::{Cursor, Reason, Source};

use super::Seen;

/// The product that writes a source's events.
#[derive(Clone, Copy, Debug, Default)]
pub struct Product {
    /// OCSF `metadata.product.name`.
    pub name: &'static str,
    /// OCSF `metadata.product.vendor_name`.
    pub vendor: Option<&'static str>,
    /// OCSF `cloud.provider`, where all its events are of one cloud.
    pub cloud: Option<&'static str>,
    /// Whether the events are of any application, which the column `service` names.
    pub is_named_by_service: bool,
    /// What kind of datastore the product itself is, where its events are about it.
    pub datastore: Option<&'static str>,
}

/// What an event may say beyond the columns, by its place in OCSF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// `message`: what happened, in words.
    Message,
    /// `user` of an Account Change: whose account was changed.
    User,
    /// `actor.session.credential_uid`.
    Credential,
    /// `actor.session.issuer`.
    Issuer,
    /// `actor.session.is_mfa`: `true`, `yes`, `false` or `no`.
    Mfa,
    /// `actor.app_name`: the application that asked.
    Application,
    /// `src_endpoint.hostname`.
    Host,
    /// `device.hostname`: the machine that it happened on.
    Device,
    /// `dst_endpoint.hostname`: the server that was asked, where the column `service` is its name.
    Server,
    /// `http_request.user_agent`.
    UserAgent,
    /// `http_request.url`.
    Url,
    /// `http_response.code`.
    HttpCode,
    /// `api.request.uid`.
    Request,
    /// `api.response.error_message`.
    ErrorMessage,
    /// `resources[0].type`.
    ResourceType,
    /// `finding_info.analytic.name`: the rule that found it; of compliance the control.
    Rule,
    /// `database.name`.
    Database,
    /// `table.name`.
    Table,
    /// `query_info.query_string`.
    Statement,
}

/// What was read of an event.
#[derive(Debug, Default)]
pub(super) struct Extras(Vec<(Extra, String)>);

impl Extras {
    /// Reads what the source names. Of several fields for one place the first counts that says something.
    pub(super) fn read(source: &dyn Source, record: &Seen<'_>) -> Self {
        let wanted = source.extras(record.columns);
        if wanted.is_empty() {
            return Self::default();
        }
        let native = source.native(record.raw);
        let mut found = vec![None; wanted.len()];
        let paths: Vec<(usize, &str)> = wanted.iter().map(|(_, path)| *path).enumerate().collect();
        let mut extras = Self::default();
        // It was read before, so that it can be read again; of what cannot, nothing is known.
        let read = Cursor::new(native.as_deref().unwrap_or(record.raw))
            .and_then(|mut json| visit(&mut json, &paths, &mut found));
        if read.is_err() {
            return extras;
        }
        for ((extra, _), text) in wanted.iter().zip(found) {
            if let Some(text) = text.filter(|_| !extras.has(*extra)) {
                extras.0.push((*extra, text));
            }
        }
        extras
    }

    pub(super) fn has(&self, extra: Extra) -> bool {
        self.0.iter().any(|(known, _)| *known == extra)
    }

    pub(super) fn take(&mut self, extra: Extra) -> Option<String> {
        let place = self.0.iter().position(|(known, _)| *known == extra)?;
        Some(self.0.swap_remove(place).1)
    }

    /// Whether a database or a table is named.
    pub(super) fn names_a_store(&self) -> bool {
        self.has(Extra::Database) || self.has(Extra::Table)
    }

    /// Whether a datastore is known at least by its server.
    pub(super) fn knows_a_store(&self) -> bool {
        self.names_a_store() || self.has(Extra::Server)
    }
}

/// Takes the values at paths: each has its number and what is left of it below this object. Objects and lists are none.
fn visit(json: &mut Cursor<'_>, paths: &[(usize, &str)], found: &mut [Option<String>]) -> Result<(), Reason> {
    json.members(|key, value| {
        if value.is_object() {
            let below: Vec<(usize, &str)> = paths
                .iter()
                .filter_map(|(number, path)| Some((*number, path.strip_prefix(key)?.strip_prefix('.')?)))
                .collect();
            return match below.is_empty() {
                true => value.skip().map(drop),
                false => visit(value, &below, found),
            };
        }
        match paths.iter().find(|(_, path)| *path == key) {
            Some((number, _)) if !value.is_list() => {
                found[*number] = value.text()?.filter(|text| !text.is_empty()).map(Into::into)
            }
            _ => drop(value.skip()?),
        }
        Ok(())
    })
    .map(drop)
}
