//! Emits what trials say, all at the same time: a cluster that does not answer keeps nothing waiting.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use shoseki_aws::probe::At;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_server::trial;
use shoseki_setup::check::{Emit, Stage, Trial};

use super::Run;

/// Emits all, or takes it that an earlier run did.
pub(super) async fn all(run: &mut Run<'_>) {
    let begun = run.nonce.begun();
    let shared: &Run<'_> = run;
    let emitted = futures::future::join_all(shared.trials.iter().map(|trial| one(shared, trial))).await;
    for ((trial, way), emitted) in run.trials.iter_mut().zip(&mut run.ways).zip(emitted) {
        match emitted {
            Some(Ok((time, said))) => way.saw(Stage::Emitted, if run.is_again { begun } else { time }, said),
            Some(Err(fault)) if fault.id() == "server-trial-unreachable" => match by_hand(&trial.emit) {
                Some(command) => trial.emit = Emit::Person(command),
                None => way.refused = Some(fault),
            },
            Some(Err(fault)) => way.refused = Some(fault),
            None => {}
        }
    }
}

/// What a person types where that is reached which is not reached from here.
fn by_hand(emit: &Emit) -> Option<String> {
    match emit {
        Emit::LogIn { protocol, host, port, user } => Some(protocol.command(host, *port, user)),
        Emit::Api { path, .. } => path.rsplit('/').next().map(|name| format!("kubectl get namespace {name}")),
        _ => None,
    }
}

/// Emits one, and gives when and what came of it. Nothing of what a person does, or nobody can.
async fn one(run: &Run<'_>, trial: &Trial) -> Option<Result<(Timestamp, String)>> {
    if matches!(trial.emit, Emit::Person(_) | Emit::Cannot(_)) {
        return None;
    }
    let time = Timestamp::now();
    let done = if run.is_again { Ok(String::new()) } else { done(run, trial).await };
    Some(done.map(|said| (time, said)))
}

async fn done(run: &Run<'_>, trial: &Trial) -> Result<String> {
    let at = |region| At { account: &trial.account, region };
    match &trial.emit {
        Emit::Trail(name) => {
            run.prober.trail(at(&trial.region), name).await?;
            Ok(format!("cloudtrail:GetTrailStatus {name}"))
        }
        Emit::Object { bucket, region, key } => {
            run.prober.object(at(region), bucket, key).await?;
            Ok(format!("s3:GetObject s3://{bucket}/{key}"))
        }
        Emit::Snapshot(channel) => {
            run.prober.snapshot(at(&trial.region), channel).await?;
            Ok(format!("config:DeliverConfigSnapshot {channel}"))
        }
        Emit::Api { cluster, endpoint, ca, path } => {
            let unreadable =
                |error| Fault::world(msg!("cli-setup-check-ca", cluster = cluster.as_str())).because(error);
            let ca = BASE64_STANDARD.decode(ca).map_err(unreadable)?;
            let token = run.prober.token(at(&trial.region), cluster).await?;
            let status = trial::ask(endpoint, path, &ca, &token).await?;
            Ok(format!("GET {path} {status}"))
        }
        Emit::LogIn { protocol, host, port, user } => trial::log_in(*protocol, (host, *port), user).await,
        Emit::Door { sender, receiver } => {
            let token = trial::token_of(&run.config, sender, &run.tokens).unwrap_or_default();
            let url = run.door.as_str();
            trial::send(url, receiver, (token, run.ca.as_deref()), &trial.mark).await?;
            Ok(format!("POST {url} {receiver}"))
        }
        Emit::Syslog(listener) => {
            trial::say(&run.config, listener, &trial.mark).await?;
            Ok(format!("syslog {listener}"))
        }
        Emit::Person(_) | Emit::Cannot(_) => Ok(String::new()),
    }
}
