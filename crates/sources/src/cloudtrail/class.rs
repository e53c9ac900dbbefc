//! What a CloudTrail event means in OCSF 1.8: its class, activity, status and severity. Kept small on purpose: it
//! sorts, it does not judge; rules judge.

use shoseki_event::Outcome;

use super::event::Event;

/// OCSF `class_uid` and `activity_id`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) class_uid: i32,
    pub(super) activity_id: i32,
}

const API_ACTIVITY: i32 = 6003;
const AUTHENTICATION: i32 = 3002;
const ACCOUNT_CHANGE: i32 = 3001;

/// Every class that [`classify`] gives.
pub(super) const CLASSES: &[i32] = &[ACCOUNT_CHANGE, AUTHENTICATION, API_ACTIVITY];

const OTHER: i32 = 99;

/// API Activity's `activity_id` by the verb that a name begins with.
const VERBS: &[(i32, &[&str])] = &[
    (1, &["Create", "Run", "Import", "Register", "Allocate", "Issue", "Copy", "Request", "Publish", "Send"]),
    (
        2,
        &[
            "Get", "List", "Describe", "Head", "Lookup", "Search", "Query", "Scan", "Select", "BatchGet", "Download",
            "View", "Check", "Filter", "Preview", "Simulate", "Validate", "Retrieve", "Read", "Export",
        ],
    ),
    (
        3,
        &[
            "Update",
            "Put",
            "Modify",
            "Set",
            "Attach",
            "Detach",
            "Add",
            "Remove",
            "Enable",
            "Disable",
            "Change",
            "Associate",
            "Disassociate",
            "Authorize",
            "Revoke",
            "Tag",
            "Untag",
            "Start",
            "Stop",
            "Reboot",
            "Reset",
            "Restore",
            "Rotate",
            "Replace",
            "Upload",
            "Complete",
            "Apply",
            "Edit",
            "Move",
        ],
    ),
    (4, &["Delete", "Terminate", "Deregister", "Purge", "Destroy", "Release", "BatchDelete", "ScheduleKeyDeletion"]),
];

/// Account Change's `activity_id` by the verb and the object of an IAM call; the first that fits counts.
const CHANGES: &[(&str, &str, i32)] = &[
    ("Attach", "Policy", 7),
    ("Put", "Policy", 7),
    ("Detach", "Policy", 8),
    ("Delete", "UserPolicy", 8),
    ("Delete", "GroupPolicy", 8),
    ("Delete", "RolePolicy", 8),
    ("Enable", "MFADevice", 10),
    ("Deactivate", "MFADevice", 11),
    ("Change", "Password", 3),
    ("Update", "LoginProfile", 4),
    ("Create", "", 1),
    ("Upload", "", 1),
    ("Delete", "", 6),
];

/// What an IAM call must name to be a change of an account rather than of a role.
const ACCOUNTS: &[&str] = &[
    "User",
    "AccessKey",
    "LoginProfile",
    "Policy",
    "MFADevice",
    "Password",
    "SSHPublicKey",
    "SigningCertificate",
    "Credential",
];

/// What the console's and IAM Identity Center's sign-in pages record, with its class and activity: a log-on, a log-off, a
/// switch of accounts, or a step on the way.
const SIGN_INS: &[(&str, i32, i32)] = &[
    ("ConsoleLogin", AUTHENTICATION, 1),
    ("UserAuthentication", AUTHENTICATION, 1),
    ("Authenticate", AUTHENTICATION, 1),
    ("Federate", AUTHENTICATION, 1),
    ("Logout", AUTHENTICATION, 2),
    ("SwitchRole", AUTHENTICATION, 7),
    ("ExitRole", AUTHENTICATION, 7),
    ("RenewRole", AUTHENTICATION, OTHER),
    ("CheckMfa", AUTHENTICATION, OTHER),
    ("CredentialChallenge", AUTHENTICATION, OTHER),
    ("CredentialVerification", AUTHENTICATION, OTHER),
    ("PasswordRecoveryRequested", ACCOUNT_CHANGE, 4),
    ("PasswordRecoveryCompleted", ACCOUNT_CHANGE, 4),
    ("PasswordUpdated", ACCOUNT_CHANGE, 3),
];

/// Where they come from.
const SIGN_IN_SOURCES: &[&str] =
    &["signin.amazonaws.com", "sign-in.amazonaws.com", "sso.amazonaws.com", "sso-directory.amazonaws.com"];

/// Calls after which less is recorded.
const BLINDING: &[&str] = &[
    "StopLogging",
    "DeleteTrail",
    "DeleteEventDataStore",
    "StopConfigurationRecorder",
    "DeleteConfigurationRecorder",
    "DeleteDeliveryChannel",
    "DeleteDetector",
    "DisableSecurityHub",
    "DeleteFlowLogs",
];

/// Calls that give credentials for a session.
const TOKENS: &[&str] = &["GetSessionToken", "GetFederationToken", "GetSigninToken"];

/// The class of an event and its activity in it.
pub(super) fn classify(event: &Event<'_>) -> Class {
    let name = event.name.as_deref().unwrap_or_default();
    let verb = VERBS.iter().find(|(_, verbs)| verbs.iter().any(|verb| name.starts_with(verb)));
    if name == "ConsoleLogin" || name.starts_with("AssumeRole") || TOKENS.contains(&name) {
        return Class { class_uid: AUTHENTICATION, activity_id: 1 };
    }
    let is_sign_in = event.source.as_deref().is_some_and(|source| SIGN_IN_SOURCES.contains(&source));
    if is_sign_in && let Some((_, class_uid, activity_id)) = SIGN_INS.iter().find(|(known, ..)| *known == name) {
        return Class { class_uid: *class_uid, activity_id: *activity_id };
    }
    let is_read = matches!(verb, Some((2, _))) || name.starts_with("Generate");
    let is_account = ACCOUNTS.iter().any(|account| name.contains(account));
    if event.source.as_deref() == Some("iam.amazonaws.com") && is_account && !is_read {
        let change = CHANGES.iter().find(|(verb, object, _)| name.starts_with(verb) && name.contains(object));
        return Class { class_uid: ACCOUNT_CHANGE, activity_id: change.map_or(OTHER, |(_, _, id)| *id) };
    }
    let activity_id = match verb {
        Some((id, _)) => *id,
        None if event.is_insight() => OTHER,
        None if name.is_empty() => 0,
        None => OTHER,
    };
    Class { class_uid: API_ACTIVITY, activity_id }
}

/// A sign-in says whether it succeeded; any other call failed where it has an `errorCode`.
pub(super) fn status(event: &Event<'_>) -> Outcome {
    if event.error.as_deref().is_some_and(|code| !code.is_empty()) {
        return Outcome::Failure;
    }
    match event.sign_in.as_deref() {
        Some("Failure") => Outcome::Failure,
        _ if event.is_insight() => Outcome::Unknown,
        _ => Outcome::Success,
    }
}

/// 1 informational; 3 medium for what failed, and for an IAM user's console log-in without MFA; 4 high for the root
/// user's console log-in and for calls after which less is recorded, tried or done. The start of what Insights finds
/// unusual is medium.
pub(super) fn severity(event: &Event<'_>, status: Outcome) -> i32 {
    let name = event.name.as_deref().unwrap_or_default();
    let is_login = name == "ConsoleLogin";
    let user = event.user.kind.as_deref();
    if BLINDING.contains(&name) || (is_login && user == Some("Root")) {
        return 4;
    }
    let is_weak = is_login && user == Some("IAMUser") && event.mfa_used.as_deref() == Some("No");
    let is_unusual = event.insight_state.as_deref() == Some("Start");
    if status == Outcome::Failure || is_weak || is_unusual { 3 } else { 1 }
}
