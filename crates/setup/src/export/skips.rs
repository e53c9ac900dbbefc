//! What checkov finds in what is exported and is meant so: each finding with its reason, in the code where it is and in the README.

use super::hcl::Block;

/// A finding that is meant so.
pub(super) struct Skip {
    /// The check's id.
    pub(super) check: &'static str,
    /// The resource, as its head stands in the code.
    pub(super) of: &'static str,
    /// Why.
    pub(super) en: &'static str,
    /// The same in Japanese.
    pub(super) ja: &'static str,
}

/// All of Terraform's.
pub(super) const TERRAFORM: &[Skip] = &[
    Skip {
        check: "CKV2_AWS_10",
        of: r#"resource "aws_cloudtrail" "evidence""#,
        en: "CloudWatch Logs would be a second copy, paid by the gigabyte; shoseki takes the files from the bucket",
        ja: "CloudWatch Logs は容量課金の 2 つ目の写しになります。shoseki はバケットからファイルを取り込みます",
    },
    Skip {
        check: "CKV_AWS_252",
        of: r#"resource "aws_cloudtrail" "evidence""#,
        en: "the bucket tells a queue of each new file, so a topic of the trail has nobody to tell",
        ja: "新しいファイルはバケットがキューに知らせるため、証跡のトピックには通知先がありません",
    },
    Skip {
        check: "CKV2_AWS_45",
        of: r#"resource "aws_config_configuration_recorder_status" "evidence""#,
        en: "all types are recorded in each region, and those of the whole account in the home region: recorded in each, they would be paid for each time",
        ja: "すべての種類を各リージョンで、アカウント全体の種類はホームリージョンで記録します。各リージョンで記録すると、その数だけ料金がかかります",
    },
    Skip {
        check: "CKV2_AWS_48",
        of: r#"resource "aws_config_configuration_recorder" "evidence""#,
        en: "all types are recorded in each region, and those of the whole account in the home region: recorded in each, they would be paid for each time",
        ja: "すべての種類を各リージョンで、アカウント全体の種類はホームリージョンで記録します。各リージョンで記録すると、その数だけ料金がかかります",
    },
    Skip {
        check: "CKV_AWS_355",
        of: r#"resource "aws_iam_role_policy" "auditor""#,
        en: "an auditor lists what there is in the account, and such calls name no resource; none of them changes anything",
        ja: "監査人はアカウントにあるものを列挙します。その呼び出しはリソースを指定できず、何も変更しません",
    },
    Skip { check: "CKV_AWS_144", of: r#"resource "aws_s3_bucket" "access_logs""#, en: NO_REPLICA, ja: NO_REPLICA_JA },
    Skip { check: "CKV_AWS_144", of: r#"resource "aws_s3_bucket" "config""#, en: NO_REPLICA, ja: NO_REPLICA_JA },
    Skip { check: "CKV_AWS_144", of: r#"resource "aws_s3_bucket" "evidence""#, en: NO_REPLICA, ja: NO_REPLICA_JA },
    Skip {
        check: "CKV_AWS_145",
        of: r#"resource "aws_s3_bucket" "access_logs""#,
        en: "S3 writes access logs only to a bucket with SSE-S3",
        ja: "S3 はアクセスログを SSE-S3 のバケットにしか書きません",
    },
    Skip {
        check: "CKV2_AWS_62",
        of: r#"resource "aws_s3_bucket" "access_logs""#,
        en: "nobody waits for access logs: they are listed by day",
        ja: "アクセスログは急がず、日ごとに列挙して取り込みます",
    },
    Skip {
        check: "CKV2_AWS_62",
        of: r#"resource "aws_s3_bucket" "config""#,
        en: "nobody waits for items of AWS Config: they are listed by day",
        ja: "AWS Config の記録は急がず、日ごとに列挙して取り込みます",
    },
];

const NO_REPLICA: &str = "a second region is a decision of its own, with its own costs, and is not made here; shoseki's vault is backed up by itself";
const NO_REPLICA_JA: &str = "別のリージョンへの複製は、費用とともに別に決めることであり、ここでは作りません。shoseki の保管庫は別にバックアップします";

/// Blocks with what is meant so said in them.
pub(super) fn remarked(blocks: &[Block]) -> Vec<Block> {
    let one = |block: &Block| {
        let mut block = block.clone();
        let its = TERRAFORM.iter().filter(|skip| block.head() == skip.of);
        let lines = its.map(|skip| format!("#checkov:skip={}:{}", skip.check, skip.en)).collect();
        block.remarked(lines);
        block
    };
    blocks.iter().map(one).collect()
}

/// The same as lines of a table, in English or Japanese.
pub(super) fn table(is_japanese: bool) -> String {
    let of = |head: &str| head.trim_start_matches("resource ").replace("\" \"", ".").replace('"', "");
    let one = |skip: &Skip| {
        format!("| {} | `{}` | {} |\n", skip.check, of(skip.of), if is_japanese { skip.ja } else { skip.en })
    };
    TERRAFORM.iter().map(one).collect()
}
