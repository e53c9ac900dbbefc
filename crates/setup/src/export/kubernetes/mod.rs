//! Kubernetes: manifests for shoseki itself, and a chart of Helm, both out of the same texts; and what a cluster needs to send.

mod cluster;
mod template;

use shoseki_aws::inventory::QUEUE;
use shoseki_messages::Result;

use super::{File, Vault, What, commented, readme};
use crate::site::partition;
use crate::wish::{By, Setup};
use template::{For, Word, filled};

/// The manifests, by the names of their files.
const MANIFESTS: [(&str, &str); 8] = [
    ("configmap.yaml", include_str!("templates/configmap.yaml")),
    ("namespace.yaml", include_str!("templates/namespace.yaml")),
    ("networkpolicy.yaml", include_str!("templates/networkpolicy.yaml")),
    ("poddisruptionbudget.yaml", include_str!("templates/poddisruptionbudget.yaml")),
    ("podmonitor.yaml", include_str!("templates/podmonitor.yaml")),
    ("service.yaml", include_str!("templates/service.yaml")),
    ("serviceaccount.yaml", include_str!("templates/serviceaccount.yaml")),
    ("statefulset.yaml", include_str!("templates/statefulset.yaml")),
];
/// What the release makes, or what is asked for by a value of its own.
const NAMESPACE: &str = "namespace.yaml";
const POD_MONITOR: &str = "podmonitor.yaml";
const CHART: &str = "helm/shoseki";

/// What stands where nobody can know it: each is named in the README, and a person replaces it.
pub(super) const EXAMPLES: [&str; 3] =
    ["registry.example/shoseki", "s3://example-vault/shoseki", "example.com_evidence"];

/// The manifests.
///
/// # Errors
/// Our own broken invariant: a word of a text that is unknown.
pub(super) fn manifests(setup: &Setup, vault: Vault<'_>) -> Result<Vec<File>> {
    let words = words(setup, vault);
    let head = commented(What::Kubernetes, "#");
    let mut files = Vec::new();
    for (name, text) in MANIFESTS {
        let about =
            if name == POD_MONITOR { "# Not in kustomization.yaml: it needs the Prometheus operator.\n" } else { "" };
        let text = format!("{head}{about}{}", filled(text, &words, For::Manifest)?);
        files.push(File::new(format!("kubernetes/{name}"), text));
    }
    let named = MANIFESTS.iter().filter(|(name, _)| *name != POD_MONITOR).map(|(name, _)| format!("  - {name}\n"));
    let named: String = named.collect();
    let all = format!("{head}apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n{named}");
    files.push(File::new("kubernetes/kustomization.yaml", all));
    files.extend(cluster::files(&head));
    files.extend(readme::files("kubernetes", What::Kubernetes, &[]));
    Ok(files)
}

/// The chart.
///
/// # Errors
/// As [`manifests`].
pub(super) fn chart(setup: &Setup, vault: Vault<'_>) -> Result<Vec<File>> {
    let words = words(setup, vault);
    let head = commented(What::Helm, "#");
    let version = env!("CARGO_PKG_VERSION");
    let about = format!(
        "{head}apiVersion: v2\nname: shoseki\ndescription: Receives, fetches and seals audit evidence\ntype: application\n\
         version: {version}\nappVersion: \"{version}\"\n# ReadWriteOncePod is stable from 1.29 on.\nkubeVersion: \">=1.29.0-0\"\n"
    );
    let mut files = vec![File::new(format!("{CHART}/Chart.yaml"), about)];
    for (name, text) in MANIFESTS.iter().filter(|(name, _)| *name != NAMESPACE) {
        let text = filled(text, &words, For::Chart)?;
        let text = match *name {
            POD_MONITOR => format!("{{{{- if .Values.podMonitor.enabled }}}}\n{text}{{{{- end }}}}\n"),
            _ => text,
        };
        files.push(File::new(format!("{CHART}/templates/{name}"), format!("{head}{text}")));
    }
    let remark = |text: &str| format!("{{{{- /*\n{}*/ -}}}}\n{text}", commented(What::Helm, "").replace("\n ", "\n"));
    let values = filled(include_str!("templates/values.yaml"), &words, For::Manifest)?;
    let schema =
        include_str!("templates/values.schema.json").replace("@head@", &super::head(What::Helm).replace('\n', " "));
    files.push(File::new(format!("{CHART}/values.yaml"), format!("{head}{values}")));
    files.push(File::new(format!("{CHART}/values.schema.json"), schema));
    files.push(File::new(format!("{CHART}/templates/_helpers.tpl"), remark(include_str!("templates/helpers.tpl"))));
    files.push(File::new(format!("{CHART}/templates/NOTES.txt"), remark(include_str!("templates/notes.txt"))));
    files.extend(readme::files(CHART, What::Helm, &[]));
    Ok(files)
}

/// A text between quotation marks, as YAML, TOML and JSON have it.
fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

fn words(setup: &Setup, vault: Vault<'_>) -> Vec<Word> {
    let collector = setup.collector.as_ref();
    let namespace = collector.map_or("shoseki", |one| one.namespace.as_str());
    let service_account = collector.map_or("shoseki", |one| one.service_account.as_str());
    let home = setup.all_regions(None).first().cloned().unwrap_or_else(|| "ap-northeast-1".to_owned());
    let account = setup.roles.first().and_then(|role| role.split(':').nth(4)).unwrap_or_default();
    let partition = partition(&home);
    let is_known = !account.is_empty();
    let of_account = |text: String| if is_known { quoted(&text) } else { String::new() };
    let role = of_account(format!("arn:{partition}:iam::{account}:role/{}-collector", setup.name));
    let role = if collector.is_some_and(|one| one.by == By::Irsa) { role } else { String::new() };
    let suffix = if partition == "aws-cn" { ".cn" } else { "" };
    let queue = format!("https://sqs.{home}.amazonaws.com{suffix}/{account}/{}-{QUEUE}", setup.name);
    let queue = if setup.queue { of_account(queue) } else { String::new() };
    let groups = collector
        .filter(|_| setup.eks)
        .map(|one| format!("[{}]", quoted(&format!("/aws/eks/{}/cluster", one.cluster))));
    let groups = groups.unwrap_or_default();
    let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    let [image, example_vault, origin] = EXAMPLES;
    let image = quoted(&format!("{image}:{}", env!("CARGO_PKG_VERSION")));
    let vault = quoted(vault.0.filter(|url| url.starts_with("s3://")).unwrap_or(example_vault));
    let mut all: Vec<Word> = Vec::new();
    let mut says = |name, manifest: &str, chart, condition| {
        all.push(Word { name, manifest: manifest.to_owned(), chart, condition });
    };
    says("name", "shoseki", "include \"shoseki.name\" .", "");
    says("namespace", namespace, ".Release.Namespace", "");
    says("service_account", service_account, ".Values.serviceAccount.name", "");
    says("role_arn", &role, ".Values.serviceAccount.roleArn | quote", ".Values.serviceAccount.roleArn");
    says("role_arn_value", &or(&role, "\"\""), "", "");
    says("vault", &vault, "required \"vault: s3://bucket/prefix\" .Values.vault | quote", "");
    says("region", &quoted(&home), ".Values.region | quote", "");
    says("max_waiting", "\"2GiB\"", ".Values.maxWaiting | quote", "");
    says("queue_url", &queue, ".Values.fetch.queueUrl | quote", ".Values.fetch.queueUrl");
    says("queue_url_value", &or(&queue, "\"\""), "", "");
    says("eks_groups", &groups, ".Values.fetch.eksGroups | toJson", ".Values.fetch.eksGroups");
    says("eks_groups_value", &or(&groups, "[]"), "", "");
    says("image", &image, "include \"shoseki.image\" . | quote", "");
    says("image_tag", "0", "", "not .Values.image.digest");
    says("pull_policy", "Always", ".Values.image.pullPolicy", "");
    says("cpu_request", "250m", ".Values.resources.requests.cpu", "");
    says("memory_request", "512Mi", ".Values.resources.requests.memory", "");
    says("cpu_limit", "\"2\"", ".Values.resources.limits.cpu | quote", "");
    says("memory_limit", "2Gi", ".Values.resources.limits.memory", "");
    says(
        "key_folder",
        &format!("/keys/{origin}"),
        "printf \"/keys/%s\" (required \"origin: the origin of the vault\" .Values.origin | replace \"/\" \"_\")",
        "",
    );
    says("keys_secret", "shoseki-keys", ".Values.secrets.keys", "");
    says("tls_secret", "shoseki-tls", ".Values.secrets.tls", "");
    says("storage", "20Gi", ".Values.storage.size", "");
    says("storage_class", "", ".Values.storage.className", ".Values.storage.className");
    says("monitoring_namespace", "monitoring", ".Values.networkPolicy.monitoringNamespace", "");
    says("max_unavailable", "1", ".Values.podDisruptionBudget.maxUnavailable", "");
    let config = filled(include_str!("templates/configmap.yaml"), &all, For::Manifest).unwrap_or_default();
    let sum = super::hex(&config);
    all.push(Word {
        name: "config_sha256",
        manifest: sum,
        chart: "include (print $.Template.BasePath \"/configmap.yaml\") . | sha256sum",
        condition: "",
    });
    all
}
