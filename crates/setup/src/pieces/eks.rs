//! `eks_logging`: each cluster sends the logs of its API server, its audit and its authenticator to CloudWatch Logs.

use serde_json::{Value, json};

use super::Piece;
use crate::found::{Seen, is_on, many};
use crate::plan::{Item, Plan, State};
use crate::site::Site;

pub(crate) const PIECE: Piece = Piece { name: "eks_logging", of };

/// Without these three, who did what in the cluster is not known.
pub(crate) const NEEDED: [&str; 3] = ["api", "audit", "authenticator"];

fn of(site: &Site<'_>, plan: &mut Plan) {
    if !site.wish.eks {
        return;
    }
    for (account, region) in site.places {
        let (pages, unknown) = site.found.lists("eks:ListClusters", account, Some(region));
        if let Some(why) = unknown {
            let mut item = Item::new(PIECE.name, region, (account, region), State::There);
            item.cannot("clusters", why);
            plan.items.push(item);
        }
        for name in pages.iter().flat_map(|page| many(&page["clusters"])).filter_map(Value::as_str) {
            let mut item = Item::new(PIECE.name, name, (account, region), State::There);
            match site.found.about_in("eks:DescribeCluster", (account, region), name) {
                Seen::Unknown(why) => item.cannot("log_types", why),
                Seen::Absent => continue,
                Seen::Is(value) => types(&mut item, &value["cluster"]),
            }
            plan.items.push(item);
        }
    }
}

fn types(item: &mut Item, cluster: &Value) {
    let on = many(&cluster["logging"]["clusterLogging"]).into_iter().filter(|one| is_on(one, "enabled"));
    let mut is: Vec<&str> = on.flat_map(|one| many(&one["types"])).filter_map(Value::as_str).collect();
    is.sort_unstable();
    is.dedup();
    let before = is.join(", ");
    // What is on beside these stays on.
    is.extend(NEEDED.iter().filter(|one| !before.split(", ").any(|has| has == **one)));
    is.sort_unstable();
    if item.wants("log_types", Some(&before), &is.join(", ")) {
        let logging = json!({"clusterLogging": [{"types": is, "enabled": true}]});
        item.calls("eks:UpdateClusterConfig", json!({"logging": logging}));
    }
}
