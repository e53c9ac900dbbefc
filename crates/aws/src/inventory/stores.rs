//! What holds data and runs: clusters of EKS, databases of RDS, the keys of KMS that evidence names.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::calls::{self, Call};
use super::desk::{Desk, Pages, as_json, listed};
use super::groups::{Audited, group_of};
use crate::call::{RestService, Service, escaped};
use crate::kms::KMS;
use crate::rds::RDS;

pub(crate) static EKS: RestService =
    RestService { service: Service { id: "EKS", host: "eks", is_fips_in_gov: true }, is_xml: false };

/// Clusters of a region.
pub(super) async fn clusters(desk: Desk) {
    let eks = desk.rest(&EKS);
    let call = &calls::CLUSTERS;
    let mut pages = Pages::default();
    while pages.is_more() {
        let from = pages.from().map(|from| format!("?nextToken={}", escaped(from))).unwrap_or_default();
        let path = format!("/clusters{from}");
        pages.take(desk.note(call, None, eks.get(call.operation, &path)).await, "nextToken");
    }
    desk.whole(call, None, &pages);
    let mut tasks = JoinSet::new();
    for name in pages.all.iter().flat_map(|page| page["clusters"].as_array()).flatten().filter_map(Value::as_str) {
        let (desk, eks, name) = (desk.clone(), eks.clone(), name.to_owned());
        tasks.spawn(async move {
            let (call, path) = (&calls::CLUSTER, format!("/clusters/{}", escaped(&name)));
            desk.note(call, Some(&name), eks.get(call.operation, &path)).await;
        });
    }
    tasks.join_all().await;
}

/// Databases of a region, with the groups of parameters and of options that they name, and those that a set-up of this name would give them.
pub(super) async fn databases(desk: Desk, setup: Option<String>) {
    let instances = rds(&desk, &calls::DATABASES, None, &[]).await;
    let clusters = rds(&desk, &calls::DATABASE_CLUSTERS, None, &[]).await;
    let mut groups: BTreeSet<(&'static str, String)> = BTreeSet::new();
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    for one in instances.iter().flat_map(|page| listed(page, "DBInstances", "DBInstance")) {
        let of = listed(one, "DBParameterGroups", "DBParameterGroup");
        groups.extend(of.into_iter().filter_map(|group| Some(("parameters", text(group, "DBParameterGroupName")?))));
        let of = listed(one, "OptionGroupMemberships", "OptionGroupMembership");
        groups.extend(of.into_iter().filter_map(|group| Some(("options", text(group, "OptionGroupName")?))));
    }
    for one in clusters.iter().flat_map(|page| listed(page, "DBClusters", "DBCluster")) {
        groups.extend(text(one, "DBClusterParameterGroup").map(|name| ("cluster parameters", name)));
    }
    for (pages, list, one, is_cluster) in
        [(&instances, "DBInstances", "DBInstance", false), (&clusters, "DBClusters", "DBCluster", true)]
    {
        let all = pages.iter().flat_map(|page| listed(page, list, one));
        let ours = all.filter_map(|one| group_of(setup.as_deref()?, one, is_cluster));
        groups.extend(ours.map(|(of, name)| match of {
            Audited::Options => ("options", name),
            Audited::Parameters => ("parameters", name),
            Audited::ClusterParameters => ("cluster parameters", name),
        }));
    }
    for (kind, name) in groups {
        // Only what somebody set: the defaults of the engine audit nothing.
        match kind {
            "parameters" => {
                let asked = [("DBParameterGroupName", name.as_str()), ("Source", "user")];
                rds(&desk, &calls::PARAMETERS, Some(&name), &asked).await
            }
            "cluster parameters" => {
                let asked = [("DBClusterParameterGroupName", name.as_str()), ("Source", "user")];
                rds(&desk, &calls::CLUSTER_PARAMETERS, Some(&name), &asked).await
            }
            _ => rds(&desk, &calls::OPTION_GROUPS, Some(&name), &[("OptionGroupName", name.as_str())]).await,
        };
    }
}

async fn rds(desk: &Desk, call: &'static Call, of: Option<&str>, asked: &[(&str, &str)]) -> Vec<Value> {
    let rds = desk.query(&RDS);
    let mut pages = Pages::default();
    while pages.is_more() {
        let mut asked = asked.to_vec();
        asked.push(("MaxRecords", "100"));
        asked.extend(pages.from().map(|from| ("Marker", from)));
        let answer = desk.note(call, of, async { as_json(rds.call(call.operation, &asked).await) }).await;
        pages.take(answer, "Marker");
    }
    desk.whole(call, of, &pages);
    pages.all
}

/// A key, by whatever name it is called.
pub(super) async fn key(desk: Desk, name: String) {
    let kms = desk.json(&KMS);
    let call = &calls::KEY;
    let Some(answer) = desk.note(call, Some(&name), kms.call(call.operation, &json!({"KeyId": name}))).await else {
        return;
    };
    // What is AWS's own, AWS rotates and guards. An alias names a key, and the other calls want the key itself.
    let metadata: &Value = &answer["KeyMetadata"];
    let Some(id) = metadata["Arn"].as_str().filter(|_| metadata["KeyManager"] != "AWS") else { return };
    let call = &calls::KEY_ROTATION;
    desk.note(call, Some(id), kms.call(call.operation, &json!({"KeyId": id}))).await;
    let call = &calls::KEY_POLICY;
    desk.note(call, Some(id), kms.call(call.operation, &json!({"KeyId": id, "PolicyName": "default"}))).await;
}
