//! Mail, by SMTP.

use std::time::Duration;

use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use shoseki_messages::{Fault, Result, msg};

use super::Note;
use crate::config::{Smtp, SmtpTls, secret};

/// How long the server is waited for.
const WAIT: Duration = Duration::from_secs(20);

/// A mail server, and who gets mail.
pub(super) struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

fn unusable<E: std::error::Error + Send + Sync + 'static>(error: E) -> Fault {
    Fault::caller(msg!("server-alert-mail-unusable")).because(error)
}

impl Mail {
    pub(super) fn of(smtp: &Smtp) -> Result<Self> {
        type Transport = AsyncSmtpTransport<Tokio1Executor>;
        let mut builder = match smtp.tls {
            SmtpTls::Starttls => Transport::starttls_relay(&smtp.host).map_err(unusable)?,
            SmtpTls::Tls => Transport::relay(&smtp.host).map_err(unusable)?,
            SmtpTls::None => Transport::builder_dangerous(&smtp.host),
        };
        if let Some(port) = smtp.port {
            builder = builder.port(port);
        }
        let password = secret(None, smtp.password_file.as_ref())?;
        if let (Some(user), Some(password)) = (&smtp.user, password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        let mailbox = |address: &String| address.parse::<Mailbox>().map_err(unusable);
        let to = smtp.to.iter().map(mailbox).collect::<Result<_>>()?;
        Ok(Self { transport: builder.timeout(Some(WAIT)).build(), from: mailbox(&smtp.from)?, to })
    }

    pub(super) async fn send(&self, note: &Note) -> Result<()> {
        let mut message = Message::builder().from(self.from.clone()).subject(&note.title);
        for to in &self.to {
            message = message.to(to.clone());
        }
        let message = message.header(ContentType::TEXT_PLAIN).body(note.text.clone()).map_err(unusable)?;
        let failed = |error| Fault::world(msg!("server-alert-unreachable")).because(error);
        self.transport.send(message).await.map(|_| ()).map_err(failed)
    }
}
