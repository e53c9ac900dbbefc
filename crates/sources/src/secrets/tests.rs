//! What is seen, what is not, and what is left of it when it is masked.

use proptest::prelude::*;

use super::*;

/// A token whose parts are of letters that no scanner of repositories takes for a real one's.
fn token(payload: &str) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as CODE;
    format!("{}.{}.{}", CODE.encode(r#"{"alg":"none"}"#), CODE.encode(payload), "c2lnbmF0dXJl")
}

fn seen(event: &str) -> Vec<String> {
    let secrets = Secrets::all().unwrap().find(event.as_bytes());
    secrets.into_iter().map(|secret| format!("{} {}", secret.kind, secret.field)).collect()
}

fn masked(text: &str) -> String {
    Secrets::all().unwrap().masked(text).into_owned()
}

#[test]
fn what_looks_like_a_secret_is_seen_wherever_it_stands() {
    let jwt = token(r#"{"sub":"mei","exp":1}"#);
    let of_account = token(r#"{"iss":"kubernetes/serviceaccount","sub":"system:serviceaccount:ci:builder"}"#);
    let forty = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let letters = |count: usize| "aB3".repeat(count).chars().take(count).collect::<String>();
    for (value, kind) in [
        (jwt.clone(), "jwt"),
        (format!("Authorization: Bearer {jwt}"), "jwt"),
        (of_account, "service-account-token"),
        ("Authorization: Bearer 0123456789abcdef0123".to_owned(), "authorization"),
        ("authorization: basic bWVpOmh1bnRlcjIhIQ==".to_owned(), "authorization"),
        (format!("AKIAIOSFODNN7EXAMPLE,{forty}"), "aws-secret-key"),
        (format!("aws_secret_access_key = {forty}"), "aws-secret-key"),
        (format!("https://b.s3.amazonaws.com/k?X-Amz-Signature={}", "0a".repeat(32)), "signed-url"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----".to_owned(), "private-key"),
        (format!("ghp_{}", letters(36)), "github-token"),
        (format!("glpat-{}", letters(20)), "gitlab-token"),
        (format!("npm_{}", letters(36)), "npm-token"),
        (format!("xoxb-{}", letters(24)), "slack-token"),
        (format!("https://hooks.slack.com/services/T{0}/B{0}/{1}", letters(8), letters(24)), "slack-token"),
        (format!("AIza{}", letters(35)), "google-key"),
        (format!("sk_live_{}", letters(24)), "stripe-key"),
        ("postgres://app:hunter2@db.internal:5432/orders".to_owned(), "url-password"),
        ("CREATE USER app IDENTIFIED BY 'hunter2'".to_owned(), "sql-password"),
        ("ALTER ROLE app PASSWORD 'hunter''2'".to_owned(), "sql-password"),
        ("login failed user=mei password=hunter2 from=1".to_owned(), "password"),
        (r#"body: {"user":"mei","apiKey":"k-12345"}"#.to_owned(), "password"),
        ("paid with 4111 1111 1111 1111".to_owned(), "card-number"),
    ] {
        assert_eq!(seen(&value), [format!("{kind} @message")], "in text: {value}");
        let event = serde_json::json!({"time": "2026-03-05T00:00:00Z", "a": {"b.c": [1, {"d": value}]}}).to_string();
        assert_eq!(seen(&event), [format!("{kind} a.`b.c`.1.d")], "{event}");
        let hidden = masked(&event);
        assert!(kind == "card-number" || (seen(&hidden).is_empty() && hidden.contains("***")), "{hidden}");
        assert!(serde_json::from_str::<serde_json::Value>(&hidden).is_ok(), "{hidden}");
    }
}

#[test]
fn what_json_escapes_is_seen_too() {
    let event = r#"{"dsn":"postgres:\/\/app:hunter2@db\/x","keys":"AKIAIOSFODNN7EXAMPLE\nwJalrXUtnFEMI\/K7MDENG\/bPxRfiCYEXAMPLEKEY"}"#;
    assert_eq!(seen(event), ["aws-secret-key keys", "url-password dsn"]);
}

#[test]
fn a_field_whose_name_says_so_is_a_secret() {
    let event = r#"{"password":"hunter2","x":{"client_secret":"s-1","secretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},"token":"abcdefghij0123456789"}"#;
    assert_eq!(
        seen(event),
        ["aws-secret-key x.secretAccessKey", "password password", "password token", "password x.client_secret"]
    );
    assert_eq!(
        masked(event),
        r#"{"password":"***","x":{"client_secret":"***","secretAccessKey":"***"},"token":"***"}"#
    );
}

#[test]
fn what_is_no_secret_is_left_alone() {
    for event in [
        r#"{"userIdentity":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE"},"requestParameters":{"secretId":"prod/db","nextToken":"abcdefghij0123456789"}}"#,
        r#"{"requestParameters":{"masterUserPassword":"****","password":"HIDDEN_DUE_TO_SECURITY_REASONS","newPassword":""}}"#,
        r#"{"password":null,"passwd":true,"pwd":"${DB_PASSWORD}","apiKey":"<redacted>","privateKey":"arn:aws:kms:x"}"#,
        r#"{"message":"password: must be changed, Basic authentication required, Bearer token-authentication"}"#,
        r#"{"url":"https://user@example.com/a:b@c","dsn":"postgres://app:***@db/x","ts":1772668800000}"#,
        "user=mei action=login secret=",
        "1772668800000123456 411111111111",
        "",
        "{",
    ] {
        assert_eq!(seen(event), Vec::<String>::new(), "{event}");
        assert_eq!(masked(event), event);
    }
}

#[test]
fn bodies_of_kubernetes_secrets_are_leaks() {
    let audit =
        |objects: &str| format!(r#"{{"kind":"Event","objectRef":{{"resource":"secrets","name":"db"}},{objects}}}"#);
    let body = r#""responseObject":{"kind":"Secret","metadata":{"name":"db","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"data\":{\"p\":\"aA==\"}}"}},"data":{"p":"aA==","empty":""},"type":"Opaque"}"#;
    assert_eq!(
        seen(&audit(body)),
        [
            "kubernetes-secret responseObject.data.p",
            "kubernetes-secret responseObject.metadata.annotations.`kubectl.kubernetes.io/last-applied-configuration`"
        ]
    );
    let masked_body = masked(&audit(body));
    assert!(!masked_body.contains("aA=="), "{masked_body}");
    assert!(masked_body.contains(r#""data":{"p":"***","empty":""},"type":"Opaque"}"#), "{masked_body}");
    let list = r#""responseObject":{"kind":"SecretList","items":[{"metadata":{"name":"a"},"data":{"k":"aA=="}},{"stringData":{"k":"b"}}]}"#;
    assert_eq!(
        seen(&audit(list)),
        ["kubernetes-secret responseObject.items.0.data.k", "kubernetes-secret responseObject.items.1.stringData.k"]
    );
    assert_eq!(seen(&audit(r#""requestObject":{"data":{"k":"aA=="}}"#)), ["kubernetes-secret requestObject.data.k"]);
    let patch = r#""requestObject":[{"op":"add","path":"/data/k","value":"aA=="},{"op":"add","path":"/metadata/labels","value":{"a":"b"}}]"#;
    assert_eq!(seen(&audit(patch)), ["kubernetes-secret requestObject.0.value"]);
    // A config map is none, and a secret of which only metadata is recorded neither.
    let map = r#"{"kind":"Event","objectRef":{"resource":"configmaps"},"responseObject":{"kind":"ConfigMap","data":{"k":"v"}}}"#;
    assert_eq!(seen(map), Vec::<String>::new());
    assert_eq!(seen(&audit(r#""verb":"get""#)), Vec::<String>::new());
}

#[test]
fn variables_of_containers_are_told_by_their_names() {
    let pod = |object: &str, env: &str| {
        format!(
            r#"{{"kind":"Event","objectRef":{{"resource":"deployments"}},"{object}":{{"kind":"Deployment","spec":{{"template":{{"spec":{{"containers":[{{"name":"web","env":[{env}]}}]}}}}}}}}}}"#
        )
    };
    let at = "spec.template.spec.containers.0.env";
    for (name, value) in [
        ("DB_PASSWORD", "hunter2pass"),
        ("redis-password", "hunter"),
        ("STRIPE_API_KEY", "k-12345678"),
        ("JWT_SECRET", "s3cr3t-of-jwt"),
        ("SECRET_KEY_BASE", "0123456789abcdef"),
        ("BOT_TOKEN", "123456:ABCdef"),
        ("app.credentials", "aiko:Hunter22"),
    ] {
        for env in [
            format!(r#"{{"name":"PORT","value":"8080"}},{{"name":"{name}","value":"{value}"}}"#),
            format!(r#"{{"name":"PORT"}},{{"value":"{value}","name":"{name}"}}"#),
        ] {
            let event = pod("requestObject", &env);
            assert_eq!(seen(&event), [format!("password requestObject.{at}.1.value")], "{event}");
            let hidden = masked(&event);
            assert_eq!(hidden, event.replace(&format!("\"{value}\""), "\"***\""), "what is beside it stays");
        }
    }
    // In a patch, and in what `kubectl apply` keeps: text within text.
    let patch = r#"{"requestObject":[{"op":"add","path":"/spec/containers/0/env/-","value":{"name":"DB_PASSWORD","value":"hunter2pass"}}]}"#;
    assert_eq!(seen(patch), ["password requestObject.0.value.value"]);
    let applied = serde_json::json!({"spec": {"env": [{"name": "DB_PASSWORD", "value": "hunter2\"pass"}, {"name": "PORT", "value": "80"}]}});
    let key = "kubectl.kubernetes.io/last-applied-configuration";
    let event =
        serde_json::json!({"responseObject": {"metadata": {"annotations": {key: format!("{applied}\n")}}}}).to_string();
    assert_eq!(seen(&event), [format!("password responseObject.metadata.annotations.`{key}`")]);
    let left: serde_json::Value = serde_json::from_str(&masked(&event)).unwrap();
    let left = left["responseObject"]["metadata"]["annotations"][key].as_str().unwrap();
    assert_eq!(left.trim_end(), applied.to_string().replace(r#"hunter2\"pass"#, "***"));
    let secrets = Secrets::all().unwrap();
    assert_eq!(secrets.masked_of(&format!("requestObject.{at}.1.value"), "hunter2pass"), "***");
}

#[test]
fn variables_that_say_where_a_secret_is_are_none() {
    for env in [
        r#"{"name":"DB_PASSWORD","valueFrom":{"secretKeyRef":{"name":"db","key":"password"}}}"#,
        r#"{"name":"DB_PASSWORD","value":"$(OTHER)"},{"name":"DB_PASSWORD","value":""}"#,
        r#"{"name":"PWD","value":"/srv/app"},{"name":"DB_PASSWORD_FILE","value":"/run/secrets/db"}"#,
        r#"{"name":"TLS_SECRET","value":"shop-tls-cert"},{"name":"API_TOKEN","value":"/var/run/token1"}"#,
        r#"{"name":"SECRET_NAME","value":"Prod1/db"},{"name":"CACHE_KEY","value":"Sessions-1"}"#,
        r#"{"name":"PUBLIC_KEY","value":"MIIB0123456789"},{"name":"DB_PASSWORD"},{"value":"hunter2pass"}"#,
    ] {
        let event = format!(r#"{{"kind":"Event","requestObject":{{"spec":{{"containers":[{{"env":[{env}]}}]}}}}}}"#);
        assert_eq!(seen(&event), Vec::<String>::new(), "{event}");
        assert_eq!(masked(&event), event);
    }
}

#[test]
fn an_earlier_version_of_the_rules_sees_what_it_saw() {
    let event = r#"{"env":[{"name":"DB_PASSWORD","value":"hunter2pass"}],"password":"hunter2"}"#;
    let hidden = |version| Secrets::of_version(version).unwrap().unwrap().masked(event).into_owned();
    assert_eq!(hidden(1), event.replace("\"hunter2\"", "\"***\""));
    assert_eq!(hidden(VERSION), hidden(1).replace("hunter2pass", "***"));
    assert!(Secrets::of_version(VERSION + 1).unwrap().is_none() && Secrets::of_version(0).unwrap().is_none());
}

#[test]
fn fingerprints_are_of_what_cannot_be_guessed() {
    let jwt = token(r#"{"name":"mei"}"#);
    let found = Secrets::all().unwrap().find(format!(r#"{{"a":"{jwt}","password":"hunter2"}}"#).as_bytes());
    let again = Secrets::all().unwrap().find(format!("Bearer {jwt}").as_bytes());
    assert_eq!(found[0].fingerprint, again[0].fingerprint);
    assert_eq!(found[0].fingerprint.as_deref().map(str::len), Some(8));
    assert_eq!((found[1].kind, &found[1].fingerprint), (SecretKind::Password, &None));
}

#[test]
fn a_value_is_masked_by_the_name_of_its_column() {
    let secrets = Secrets::all().unwrap();
    for name in ["requestObject.data.p", "responseObject.items.0.stringData.p", "x.client_secret", "password"] {
        assert_eq!(secrets.masked_of(name, "aA=="), "***", "{name}");
    }
    for name in ["objectRef.name", "requestObject.metadata.name", "data"] {
        assert_eq!(secrets.masked_of(name, "aA=="), "aA==", "{name}");
    }
}

#[test]
fn of_one_event_only_so_many_are_told() {
    let event = format!("[{}]", vec![r#"{"password":"hunter2"}"#; MOST * 2].join(","));
    assert_eq!(Secrets::all().unwrap().find(event.as_bytes()).len(), MOST);
    assert!(!masked(&event).contains("hunter2"));
}

#[test]
fn each_name_of_a_secret_is_a_sign_of_one() {
    for name in named::NAMES.iter().chain(&["token", "client_secret", "API-Key", "Access-Token", "Bearer_Token"]) {
        let value = "abcdefghij0123456789";
        for event in [format!(r#"{{"{name}":"{value}"}}"#), format!("{name}={value}")] {
            assert_eq!(seen(&event).len(), 1, "{event}");
        }
    }
    // An access key's id stands in each event of CloudTrail: alone it is not even a sign.
    let event = r#"{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","userName":"mei","note":"AKIAIOSFODNN7EXAMPLE, abc"}"#;
    assert!(!Secrets::all().unwrap().may_have(event.as_bytes()));
}

#[test]
fn kinds_have_names_of_their_own() {
    let names: std::collections::BTreeSet<&str> = SecretKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), SecretKind::ALL.len());
}

proptest! {
    /// Whatever stands around them, and however often it is masked: nothing is left, and what is JSON stays JSON.
    #[test]
    fn what_is_masked_is_gone(parts in prop::collection::vec(
        prop_oneof![
            any::<String>(),
            Just("password=hunter2 ".to_owned()),
            Just(" Bearer 0123456789abcdef0123 ".to_owned()),
            Just("postgres://a:hunter2@h ".to_owned()),
            Just("\"password\":\"hunter2\"".to_owned()),
        ], 0..6)
    ) {
        let text = parts.concat();
        let event = serde_json::json!({"a": text, "b": [text]}).to_string();
        let hidden = masked(&event);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&hidden).is_ok(), "{}", hidden);
        masked(&text);
        Secrets::all().unwrap().find(text.as_bytes());
    }
}
