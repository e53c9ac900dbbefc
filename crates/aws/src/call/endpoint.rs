//! Where a service answers: what the environment or the profile says, else the host that AWS gives it in a region.
//!
//! ```text
//! sqs  ap-northeast-1               https://sqs.ap-northeast-1.amazonaws.com
//! sqs  ap-northeast-1  FIPS         https://sqs-fips.ap-northeast-1.amazonaws.com
//! sqs  cn-north-1      dual stack   https://sqs.cn-north-1.api.amazonwebservices.com.cn
//! ```

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use shoseki_messages::{Fault, msg};

use super::Service;

/// What the regions of a partition begin with, its hosts end with, and its hosts with IPv6. AWS publishes these as `partitions.json`
/// with its SDKs; they are here because its hosts can be told in no other way without a service's client. AWS's own partition, last,
/// takes regions that are not yet known.
const PARTITIONS: [(&str, &str, &str); 8] = [
    ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    (GOV, "amazonaws.com", "api.aws"),
    ("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    ("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    ("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    ("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    ("", "amazonaws.com", "api.aws"),
];

/// What the regions of GovCloud begin with.
const GOV: &str = "us-gov-";

/// The longest name of a region: a part of a host name.
const LONGEST: usize = 63;

/// Where a service is called, by the AWS conventions.
/// `account` is what the host begins with, where the service has one for each account.
pub(super) fn of(service: &Service, config: &SdkConfig, account: Option<&str>) -> Result<String, Fault> {
    let region = config.region().map(AsRef::as_ref).ok_or_else(|| Fault::caller(msg!("aws-region-absent")))?;
    // It becomes a part of the host that is called: who could write into it could have what we sign sent elsewhere.
    let is_sound = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if region.is_empty() || region.len() > LONGEST || !region.chars().all(is_sound) {
        return Err(Fault::caller(msg!("aws-region-odd", region = region)));
    }
    let configured = configured(service, config);
    Ok(configured.unwrap_or_else(|| {
        let is_asked = |asked: Option<bool>| asked.unwrap_or_default();
        let whole = host(service, region, is_asked(config.use_fips()), is_asked(config.use_dual_stack()));
        match account {
            Some(account) => whole.replacen("https://", &format!("https://{account}."), 1),
            None => whole,
        }
    }))
}

/// What `AWS_ENDPOINT_URL_<SERVICE>`, the profile's `services`, `AWS_ENDPOINT_URL` or the profile say, in this order.
fn configured(service: &Service, config: &SdkConfig) -> Option<String> {
    let key = ServiceConfigKey::builder().service_id(service.id).env("AWS_ENDPOINT_URL").profile("endpoint_url");
    let own = key.build().ok().and_then(|key| config.service_config()?.load_config(key));
    own.or_else(|| config.endpoint_url().map(str::to_owned))
}

/// The partition that a region is of, as ARNs name it.
fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with(GOV) => "aws-us-gov",
        _ => "aws",
    }
}

/// The region that IAM is called in, wherever else one works: it is one for a partition.
pub(crate) fn home(region: &str) -> &'static str {
    match partition(region) {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    }
}

/// The region that Organizations is called in.
pub(crate) fn home_of_organizations(region: &str) -> &'static str {
    match partition(region) {
        "aws-cn" => "cn-northwest-1",
        _ => home(region),
    }
}

fn host(service: &Service, region: &str, is_fips: bool, is_dual: bool) -> String {
    let known = PARTITIONS.iter().find(|(beginning, ..)| region.starts_with(beginning));
    let (_, suffix, dual) = known.unwrap_or(&PARTITIONS[PARTITIONS.len() - 1]);
    let is_so_anyway = service.is_fips_in_gov && region.starts_with(GOV) && !is_dual;
    let fips = if is_fips && !is_so_anyway { "-fips" } else { "" };
    let suffix = if is_dual { dual } else { suffix };
    match (service.host, region) {
        // IAM is one for a partition; only China's has its region in its name.
        ("iam", "us-gov-west-1") => return format!("https://iam.us-gov.{suffix}"),
        ("iam", "us-east-1") if !is_dual => return format!("https://iam{fips}.{suffix}"),
        ("s3-control", _) if is_dual => return format!("https://s3-control{fips}.dualstack.{region}.amazonaws.com"),
        ("s3", _) if is_dual => return format!("https://s3{fips}.dualstack.{region}.amazonaws.com"),
        ("eks", _) if !fips.is_empty() => return format!("https://fips.eks.{region}.{suffix}"),
        _ => {}
    }
    format!("https://{}{fips}.{region}.{suffix}", service.host)
}

#[cfg(test)]
mod tests {
    use aws_config::{Region, SdkConfig};

    use super::*;

    const KMS: Service = Service { id: "KMS", host: "kms", is_fips_in_gov: false };
    const SQS: Service = Service { id: "SQS", host: "sqs", is_fips_in_gov: true };

    #[test]
    fn hosts_are_as_the_rules_that_aws_publishes_with_its_sdks_have_them() {
        // botocore's `endpoint-rule-set-1.json` of each service gives these.
        for (service, region, is_fips, is_dual, host_expected) in [
            (&KMS, "ap-northeast-1", false, false, "kms.ap-northeast-1.amazonaws.com"),
            (&KMS, "ap-northeast-1", true, false, "kms-fips.ap-northeast-1.amazonaws.com"),
            (&KMS, "us-east-1", true, true, "kms-fips.us-east-1.api.aws"),
            (&KMS, "us-gov-west-1", true, false, "kms-fips.us-gov-west-1.amazonaws.com"),
            (&SQS, "us-gov-west-1", true, false, "sqs.us-gov-west-1.amazonaws.com"),
            (&SQS, "us-gov-west-1", true, true, "sqs-fips.us-gov-west-1.api.aws"),
            (&SQS, "cn-north-1", false, false, "sqs.cn-north-1.amazonaws.com.cn"),
            (&SQS, "cn-north-1", false, true, "sqs.cn-north-1.api.amazonwebservices.com.cn"),
            (&SQS, "us-iso-east-1", false, false, "sqs.us-iso-east-1.c2s.ic.gov"),
            (&SQS, "us-isob-east-1", false, false, "sqs.us-isob-east-1.sc2s.sgov.gov"),
            (&SQS, "us-isof-south-1", false, false, "sqs.us-isof-south-1.csp.hci.ic.gov"),
            (&SQS, "eu-isoe-west-1", false, false, "sqs.eu-isoe-west-1.cloud.adc-e.uk"),
            (&SQS, "eusc-de-east-1", false, false, "sqs.eusc-de-east-1.amazonaws.eu"),
            (&SQS, "mx-central-1", false, false, "sqs.mx-central-1.amazonaws.com"),
        ] {
            assert_eq!(host(service, region, is_fips, is_dual), format!("https://{host_expected}"));
        }
    }

    #[test]
    fn hosts_that_have_forms_of_their_own() {
        let of = |host| Service { id: "", host, is_fips_in_gov: false };
        for (service, region, is_fips, is_dual, expected) in [
            ("iam", "us-east-1", false, false, "iam.amazonaws.com"),
            ("iam", "us-east-1", true, false, "iam-fips.amazonaws.com"),
            ("iam", "us-gov-west-1", false, false, "iam.us-gov.amazonaws.com"),
            ("iam", "cn-north-1", false, false, "iam.cn-north-1.amazonaws.com.cn"),
            ("s3", "ap-northeast-1", false, false, "s3.ap-northeast-1.amazonaws.com"),
            ("s3", "ap-northeast-1", false, true, "s3.dualstack.ap-northeast-1.amazonaws.com"),
            ("s3-control", "ap-northeast-1", false, false, "s3-control.ap-northeast-1.amazonaws.com"),
            ("s3-control", "us-east-1", true, true, "s3-control-fips.dualstack.us-east-1.amazonaws.com"),
            ("eks", "us-east-1", true, false, "fips.eks.us-east-1.amazonaws.com"),
            ("eks", "ap-northeast-1", false, false, "eks.ap-northeast-1.amazonaws.com"),
        ] {
            assert_eq!(host(&of(service), region, is_fips, is_dual), format!("https://{expected}"));
        }
        assert_eq!(
            (home("ap-northeast-1"), home("cn-northwest-1"), home("us-gov-east-1")),
            ("us-east-1", "cn-north-1", "us-gov-west-1")
        );
    }

    #[test]
    fn a_region_is_a_part_of_a_host_and_nothing_else() {
        let config = |region: &'static str| SdkConfig::builder().region(Region::new(region)).build();
        assert_eq!(of(&KMS, &config("us-east-1"), None).unwrap(), "https://kms.us-east-1.amazonaws.com");
        let control = Service { id: "", host: "s3-control", is_fips_in_gov: false };
        assert_eq!(
            of(&control, &config("us-east-1"), Some("111122223333")).unwrap(),
            "https://111122223333.s3-control.us-east-1.amazonaws.com"
        );
        assert_eq!(
            (home_of_organizations("eu-west-1"), home_of_organizations("cn-north-1")),
            ("us-east-1", "cn-northwest-1")
        );
        for odd in ["", "example.com/", "us-east-1.example.com#", "a@b", "x:1"] {
            assert_eq!(of(&KMS, &config(odd), None).unwrap_err().id(), "aws-region-odd", "{odd}");
        }
        assert_eq!(of(&KMS, &SdkConfig::builder().build(), None).unwrap_err().id(), "aws-region-absent");
        let local = SdkConfig::builder().region(Region::new("us-east-1")).endpoint_url("http://127.0.0.1:4566").build();
        assert_eq!(of(&KMS, &local, Some("1")).unwrap(), "http://127.0.0.1:4566");
    }
}
