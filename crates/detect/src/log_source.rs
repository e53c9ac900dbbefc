//! Which of our sources a rule is about, by its `logsource` (Sigma specification 2, "Log Source").

use rsigma_parser::LogSource;

/// A source, and what it is called in a rule.
struct Name {
    source: &'static str,
    category: Option<&'static str>,
    product: &'static str,
    service: Option<&'static str>,
}

const fn name(
    source: &'static str,
    category: Option<&'static str>,
    product: &'static str,
    service: Option<&'static str>,
) -> Name {
    Name { source, category, product, service }
}

/// All of them. A source is one line.
const NAMES: &[Name] = &[
    name("cloudtrail", None, "aws", Some("cloudtrail")),
    name("config", None, "aws", Some("config")),
    name("s3-access", None, "aws", Some("s3_access")),
    name("k8s-audit", Some("application"), "kubernetes", Some("audit")),
    name("falco", None, "falco", Some("alerts")),
    name("mariadb-audit", Some("database"), "mariadb", Some("server_audit")),
    name("pgaudit", Some("database"), "postgresql", Some("pgaudit")),
    name("app", Some("application"), "app", None),
    name("github", None, "github", Some("audit")),
    name("shoseki", None, "shoseki", Some("audit")),
];

/// The fields of a source's events that say what was done: rules name them, and their values are few. None where they say nothing that
/// would tell rules apart.
pub(crate) fn operation_of(source: &str) -> &'static [&'static str] {
    match source {
        "cloudtrail" => &["eventName", "eventSource"],
        "config" => &["messageType"],
        "k8s-audit" => &["stage", "verb", "objectRef.resource", "objectRef.subresource"],
        "falco" => &["rule", "priority"],
        "mariadb-audit" | "s3-access" => &["operation"],
        "pgaudit" => &["class", "command"],
        "github" | "shoseki" => &["action"],
        _ => &[],
    }
}

/// The sources that a rule is about: those of which all holds that it says. None, where it is about what we do not take in, or
/// says nothing.
pub(crate) fn sources_of(wanted: &LogSource) -> Vec<&'static str> {
    let says = |text: &Option<String>| text.as_deref().map(str::to_lowercase);
    let (category, product, service) = (says(&wanted.category), says(&wanted.product), says(&wanted.service));
    if category.is_none() && product.is_none() && service.is_none() {
        return Vec::new();
    }
    let agrees =
        |wanted: &Option<String>, has: Option<&str>| wanted.as_deref().is_none_or(|wanted| Some(wanted) == has);
    let is_of = |name: &&Name| {
        agrees(&category, name.category) && agrees(&product, Some(name.product)) && agrees(&service, name.service)
    };
    NAMES.iter().filter(is_of).map(|name| name.source).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(category: Option<&str>, product: Option<&str>, service: Option<&str>) -> Vec<&'static str> {
        let text = |text: Option<&str>| text.map(str::to_owned);
        sources_of(&LogSource {
            category: text(category),
            product: text(product),
            service: text(service),
            ..LogSource::default()
        })
    }

    #[test]
    fn what_a_rule_says_must_hold() {
        assert_eq!(of(None, Some("aws"), Some("cloudtrail")), ["cloudtrail"]);
        assert_eq!(of(None, Some("AWS"), None), ["cloudtrail", "config", "s3-access"]);
        assert_eq!(of(Some("application"), Some("kubernetes"), Some("audit")), ["k8s-audit"]);
        assert_eq!(of(Some("database"), None, None), ["mariadb-audit", "pgaudit"]);
        assert_eq!(of(Some("process_creation"), Some("windows"), None), [""; 0]);
        assert_eq!(of(None, None, None), [""; 0]);
    }

    #[test]
    fn every_name_is_a_source() {
        for name in NAMES {
            assert!(shoseki_sources::by_id(name.source).is_some(), "{}", name.source);
        }
    }
}
