//! Who is at the other end of a connection, as its records say it: the address, and whom the certificate names.
//!
//! ```text
//! 192.0.2.7                                  a connection, a datagram
//! 2001:db8::7/CN=web-1,O=Example K.K.        a connection with a certificate (RFC 4514)
//! 192.0.2.7/sha256=4f3c…                     a certificate that names nobody
//! ```
//!
//! The address of a datagram is what its sender says; that of a connection is one that answered, perhaps a proxy's.

mod subject;

use std::fmt::{self, Display};
use std::net::IpAddr;

use rustls::ServerConnection;
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};

pub use subject::subject;

/// The longest name that is kept, in letters.
const MAX_NAME: usize = 256;

/// Who is at the other end.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    address: IpAddr,
    certificate: Option<Certificate>,
}

/// What is kept of a certificate.
#[derive(Clone, Debug)]
struct Certificate {
    /// The SHA-256 of it, in hexadecimal.
    sha256: String,
    /// Whom it names; empty where it names nobody.
    subject: String,
}

impl Peer {
    pub(crate) fn new(address: IpAddr, certificate: Option<&CertificateDer<'_>>) -> Self {
        let certificate = certificate.map(|certificate| Certificate {
            sha256: hex::encode(Sha256::digest(certificate)),
            subject: subject(certificate).unwrap_or_default().chars().take(MAX_NAME).collect(),
        });
        Self { address: address.to_canonical(), certificate }
    }

    /// Who is at the other end of a connection that is encrypted.
    pub(crate) fn of_tls(address: IpAddr, connection: &ServerConnection) -> Self {
        Self::new(address, connection.peer_certificates().and_then(<[_]>::first))
    }

    /// The SHA-256 of its certificate, in hexadecimal.
    pub(crate) fn certificate(&self) -> Option<&str> {
        self.certificate.as_ref().map(|certificate| certificate.sha256.as_str())
    }
}

impl Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.certificate {
            None => write!(f, "{}", self.address),
            Some(Certificate { sha256, subject }) if subject.is_empty() => {
                write!(f, "{}/sha256={sha256}", self.address)
            }
            Some(Certificate { subject, .. }) => write!(f, "{}/{subject}", self.address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_said_in_one_way() {
        let of = |address: &str| Peer::new(address.parse().unwrap(), None).to_string();
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7", "as a socket for both gives it");
        assert_eq!(of("2001:0db8:0:0::7"), "2001:db8::7");
    }

    #[test]
    fn a_certificate_that_names_nobody_is_known_by_its_hash() {
        let peer = Peer::new(IpAddr::from([192, 0, 2, 7]), Some(&CertificateDer::from(b"no certificate".to_vec())));
        let sha256 = hex::encode(Sha256::digest(b"no certificate"));
        assert_eq!(peer.certificate(), Some(sha256.as_str()));
        assert_eq!(peer.to_string(), format!("192.0.2.7/sha256={sha256}"));
    }
}
