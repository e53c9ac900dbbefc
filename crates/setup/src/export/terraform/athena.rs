//! The table of Athena over the trail: of partitions that nobody has to add, since they are computed from account, region and day.

use crate::export::hcl::{Block, Expression};

/// The columns, as CloudTrail's input format of Athena gives them.
const COLUMNS: [(&str, &str); 28] = [
    ("eventversion", "string"),
    (
        "useridentity",
        "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,accesskeyid:string,username:string,onbehalfof:struct<userid:string,identitystorearn:string>,sessioncontext:struct<attributes:struct<mfaauthenticated:string,creationdate:string>,sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,username:string>,ec2roledelivery:string,webidfederationdata:struct<federatedprovider:string,attributes:map<string,string>>>>",
    ),
    ("eventtime", "string"),
    ("eventsource", "string"),
    ("eventname", "string"),
    ("awsregion", "string"),
    ("sourceipaddress", "string"),
    ("useragent", "string"),
    ("errorcode", "string"),
    ("errormessage", "string"),
    ("requestparameters", "string"),
    ("responseelements", "string"),
    ("additionaleventdata", "string"),
    ("requestid", "string"),
    ("eventid", "string"),
    ("readonly", "string"),
    ("resources", "array<struct<arn:string,accountid:string,type:string>>"),
    ("eventtype", "string"),
    ("apiversion", "string"),
    ("recipientaccountid", "string"),
    ("serviceeventdetails", "string"),
    ("sharedeventid", "string"),
    ("vpcendpointid", "string"),
    ("vpcendpointaccountid", "string"),
    ("eventcategory", "string"),
    ("addendum", "struct<reason:string,updatedfields:string,originalrequestid:string,originaleventid:string>"),
    ("sessioncredentialfromconsole", "string"),
    ("tlsdetails", "struct<tlsversion:string,ciphersuite:string,clientprovidedhostheader:string>"),
];

/// The database and its table.
pub(super) fn blocks(is_organization: bool) -> Vec<Block> {
    // Files of an organization's trail lie below its name.
    let below = if is_organization { "AWSLogs/${var.organization_id}" } else { "AWSLogs" };
    let location = format!("\"s3://${{local.evidence_bucket}}/{below}/\"");
    let template =
        format!("\"s3://${{local.evidence_bucket}}/{below}/$${{account}}/CloudTrail/$${{region}}/$${{day}}\"");
    let database = Block::resource("aws_glue_catalog_database", "evidence")
        .code("region", "var.home_region")
        .code("name", "replace(\"${var.name}_evidence\", \"-\", \"_\")")
        .text("description", "Evidence that shoseki keeps, for Athena");
    let parameter = |name: &str, value: Expression| (vec![crate::export::hcl::Part::Literal(name.to_owned())], value);
    let text = |name: &str, value: &str| parameter(name, Expression::text(value));
    let parameters = Expression::Object(vec![
        text("EXTERNAL", "TRUE"),
        text("classification", "cloudtrail"),
        text("projection.enabled", "true"),
        text("projection.account.type", "enum"),
        parameter(
            "projection.account.values",
            Expression::code("join(\",\", concat([local.account_id], var.member_accounts))"),
        ),
        text("projection.region.type", "enum"),
        parameter("projection.region.values", Expression::code("join(\",\", data.aws_regions.enabled.names)")),
        text("projection.day.type", "date"),
        text("projection.day.format", "yyyy/MM/dd"),
        text("projection.day.range", "2020/01/01,NOW"),
        text("projection.day.interval", "1"),
        text("projection.day.interval.unit", "DAYS"),
        parameter("storage.location.template", Expression::Code(template)),
    ]);
    let serde = Block::new("ser_de_info", &[]).text("serialization_library", "org.apache.hive.hcatalog.data.JsonSerDe");
    let mut storage = Block::new("storage_descriptor", &[])
        .set("location", Expression::Code(location))
        .text("input_format", "com.amazon.emr.cloudtrail.CloudTrailInputFormat")
        .text("output_format", "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat")
        .block(serde);
    for (name, kind) in COLUMNS {
        storage = storage.block(Block::new("columns", &[]).text("name", name).text("type", kind));
    }
    let mut table = Block::resource("aws_glue_catalog_table", "trail")
        .about("SELECT eventtime, eventname, useridentity.arn FROM trail")
        .about("WHERE account = '111122223333' AND region = 'ap-northeast-1' AND day = '2026/03/05'")
        .code("region", "var.home_region")
        .text("name", "trail")
        .code("database_name", "aws_glue_catalog_database.evidence.name")
        .text("table_type", "EXTERNAL_TABLE")
        .set("parameters", parameters);
    for name in ["account", "region", "day"] {
        table = table.block(Block::new("partition_keys", &[]).text("name", name).text("type", "string"));
    }
    vec![
        Block::new("data", &["aws_regions", "enabled"])
            .about("A trail of all regions delivers from each that the account has enabled."),
        database,
        table.block(storage),
    ]
}
