//! The kinds of secrets.

use std::fmt;

use sha2::{Digest, Sha256};

/// What a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretKind {
    /// A secret access key of AWS.
    AwsSecretKey,
    /// The signature of a signed URL of AWS: whoever has the URL has what it opens, until it expires.
    SignedUrl,
    /// A JSON Web Token.
    Jwt,
    /// A token of a Kubernetes service account.
    ServiceAccountToken,
    /// What stands behind `Bearer` or `Basic`.
    Authorization,
    /// A value of a Kubernetes secret, in the body of a call: the audit level records what it must not.
    KubernetesSecret,
    /// A private key.
    PrivateKey,
    /// A token of GitHub.
    GithubToken,
    /// A token of GitLab.
    GitlabToken,
    /// A token of npm.
    NpmToken,
    /// A token or a webhook of Slack.
    SlackToken,
    /// A key of Google's APIs.
    GoogleKey,
    /// A live key of Stripe.
    StripeKey,
    /// The password of a URL: a connection string.
    UrlPassword,
    /// The password of an SQL statement.
    SqlPassword,
    /// The value of a field, or of a parameter, whose name says that it is a secret.
    Password,
    /// A card number.
    CardNumber,
}

impl SecretKind {
    /// All kinds, in their order.
    #[rustfmt::skip] // a few a line
    pub const ALL: &[Self] = &[
        Self::AwsSecretKey, Self::SignedUrl, Self::Jwt, Self::ServiceAccountToken, Self::Authorization,
        Self::KubernetesSecret, Self::PrivateKey, Self::GithubToken, Self::GitlabToken, Self::NpmToken,
        Self::SlackToken, Self::GoogleKey, Self::StripeKey, Self::UrlPassword, Self::SqlPassword, Self::Password,
        Self::CardNumber,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::AwsSecretKey => "aws-secret-key",
            Self::SignedUrl => "signed-url",
            Self::Jwt => "jwt",
            Self::ServiceAccountToken => "service-account-token",
            Self::Authorization => "authorization",
            Self::KubernetesSecret => "kubernetes-secret",
            Self::PrivateKey => "private-key",
            Self::GithubToken => "github-token",
            Self::GitlabToken => "gitlab-token",
            Self::NpmToken => "npm-token",
            Self::SlackToken => "slack-token",
            Self::GoogleKey => "google-key",
            Self::StripeKey => "stripe-key",
            Self::UrlPassword => "url-password",
            Self::SqlPassword => "sql-password",
            Self::Password => "password",
            Self::CardNumber => "card-number",
        }
    }

    /// By what the same secret is known elsewhere; nothing where people choose secrets, so that trying all would find it.
    pub(crate) fn fingerprint(self, secret: &str) -> Option<String> {
        let is_random = matches!(
            self,
            Self::AwsSecretKey
                | Self::SignedUrl
                | Self::Jwt
                | Self::ServiceAccountToken
                | Self::PrivateKey
                | Self::GithubToken
                | Self::GitlabToken
                | Self::NpmToken
                | Self::SlackToken
                | Self::GoogleKey
                | Self::StripeKey
        );
        let digits = |digest: &[u8]| digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        is_random.then(|| digits(&Sha256::digest(secret)))
    }
}

impl fmt::Display for SecretKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
