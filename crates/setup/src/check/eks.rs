//! `eks`: an audit event of each cluster, by asking its API server for a namespace that does not exist. Who may not ask is in the audit
//! log all the same, and whom the authenticator does not know in the authenticator's.

use serde_json::Value;
use shoseki_messages::msg;

use super::{Emit, Place, Scene, Source, Trial};
use crate::found::{Seen, many, text};

pub(super) const SOURCE: Source = Source { name: "eks", of };

fn of(scene: &Scene<'_>, trials: &mut Vec<Trial>) {
    let site = &scene.site;
    if !site.wish.eks {
        return;
    }
    for (account, region) in site.places {
        let (pages, unknown) = site.found.lists("eks:ListClusters", account, Some(region));
        if let Some(why) = unknown {
            let trial = Trial::new(SOURCE.name, scene, &format!("{account} {region}"), |_| Emit::Cannot(why));
            trials.push(trial.at(account, region));
        }
        for cluster in pages.iter().flat_map(|page| many(&page["clusters"])).filter_map(Value::as_str) {
            let answer = site.found.about_in("eks:DescribeCluster", (account, region), cluster);
            let emit = |mark: &str| match answer {
                Seen::Is(value) => ask(&value["cluster"], cluster, mark),
                Seen::Absent => Emit::Cannot(msg!("setup-check-no-endpoint", name = cluster)),
                Seen::Unknown(why) => Emit::Cannot(why),
            };
            let place = Place::Group(format!("/aws/eks/{cluster}/cluster"));
            let trial = Trial::new(SOURCE.name, scene, cluster, emit).at(account, region);
            trials.push(trial.to(Some(place)).within(0, 3));
        }
    }
}

fn ask(cluster: &Value, name: &str, mark: &str) -> Emit {
    let found = text(cluster, "endpoint").zip(text(&cluster["certificateAuthority"], "data"));
    let Some((endpoint, ca)) = found else {
        return Emit::Cannot(msg!("setup-check-no-endpoint", name = name));
    };
    Emit::Api {
        cluster: name.to_owned(),
        endpoint: endpoint.to_owned(),
        ca: ca.to_owned(),
        path: format!("/api/v1/namespaces/shoseki-check-{mark}"),
    }
}
