//! Names that say that their value is a secret, and values that say that it was taken out.

/// Names, in lower case and without `_` and `-`, whose value is a secret.
#[rustfmt::skip] // a few a line
pub(super) const NAMES: &[&str] = &[
    "password", "passwd", "pwd", "passphrase", "userpassword", "masterpassword", "masteruserpassword", "newpassword",
    "oldpassword", "currentpassword", "dbpassword", "pgpassword", "mysqlpwd", "clientsecret", "secretkey",
    "secretaccesskey", "awssecretaccesskey", "secretstring", "apikey", "xapikey", "apisecret", "accesstoken",
    "refreshtoken", "authtoken", "bearertoken", "privatekey", "consumersecret", "signingsecret", "webhooksecret",
];

/// Values that stand where a secret was, in parts and in lower case.
const TAKEN_OUT: &[&str] = &["***", "redacted", "hidden", "sensitive", "masked", "xxxx", "...", "…", "placeholder"];

/// Whether a name says that its value is a secret. Of a `token`, many are not: cursors of lists, ids of requests.
pub(super) fn is_secret_name(name: &str, value: &str) -> bool {
    let name = plain(name);
    let has = |is: fn(&u8) -> bool| value.as_bytes().iter().any(is);
    let may_be_token = value.len() >= 20 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    NAMES.contains(&name.as_str()) || (name == "token" && may_be_token)
}

/// A name in lower case, and without what stands between its words.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-')).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether a value stands where a secret was taken out, or where one would be put in, or where there is none.
pub(super) fn is_placeholder(value: &str) -> bool {
    let lower = value.to_lowercase();
    let is_variable = ["$", "<", "{{", "%"].iter().any(|sign| value.starts_with(sign));
    let is_one_letter = value.chars().next().is_none_or(|first| value.chars().all(|c| c == first));
    let is_word = ["true", "false", "null", "none", "nil", "undefined", "yes", "no"].contains(&lower.as_str());
    let is_reference = lower.starts_with("arn:") || lower.starts_with("vault:") || lower.starts_with("ref:");
    is_variable || is_one_letter || is_word || is_reference || TAKEN_OUT.iter().any(|part| lower.contains(part))
}
