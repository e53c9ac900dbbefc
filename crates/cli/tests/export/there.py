"""What an account has of a set-up, as JSON: the policies that AWS keeps, by what they are of. `there.py ENDPOINT ACCOUNT`."""

import json
import sys

import boto3

endpoint, account = sys.argv[1:3]
base = {"endpoint_url": endpoint, "region_name": "us-east-1"}
given = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
role = f"arn:aws:iam::{account}:role/look"
taken = boto3.client("sts", **base, **given).assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
given = {
    "aws_access_key_id": taken["AccessKeyId"],
    "aws_secret_access_key": taken["SecretAccessKey"],
    "aws_session_token": taken["SessionToken"],
}


def client(service):
    return boto3.client(service, **base, **given)


s3, kms, sqs, iam, cloudtrail, config = (client(name) for name in ("s3", "kms", "sqs", "iam", "cloudtrail", "config"))
key = next(one["TargetKeyId"] for one in kms.list_aliases()["Aliases"] if one["AliasName"] == "alias/shoseki-evidence")
arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
queue = sqs.get_queue_url(QueueName="shoseki-trail-events")["QueueUrl"]
attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
buckets = {}
for name in ("evidence", "access-logs"):
    bucket = f"shoseki-{name}-{account}-us-east-1"
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    buckets[name] = {
        "policy": json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]),
        "versioning": s3.get_bucket_versioning(Bucket=bucket)["Status"],
        "shut": s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"],
        "rules": rules,
        "encryption": encryption["ApplyServerSideEncryptionByDefault"],
        "logging": s3.get_bucket_logging(Bucket=bucket).get("LoggingEnabled"),
    }
roles = {}
for name in ("collector", "auditor", "break-glass"):
    made = iam.get_role(RoleName=f"shoseki-{name}")["Role"]
    rights = iam.get_role_policy(RoleName=f"shoseki-{name}", PolicyName="shoseki")["PolicyDocument"]
    roles[name] = {"trust": made["AssumeRolePolicyDocument"], "rights": rights, "seconds": made["MaxSessionDuration"]}
trail = cloudtrail.describe_trails()["trailList"][0]
recorder = config.describe_configuration_recorders()["ConfigurationRecorders"][0]
json.dump(
    {
        "key": arn,
        "key_policy": json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]),
        "rotates": kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"],
        "queue": {"policy": json.loads(attributes["Policy"]), "attributes": attributes},
        "buckets": buckets,
        "roles": roles,
        "trail": trail,
        "selectors": cloudtrail.get_event_selectors(TrailName=trail["Name"])["EventSelectors"],
        "recorder": recorder,
        "rules": {one["ConfigRuleName"]: one["Source"]["SourceIdentifier"] for one in config.describe_config_rules()["ConfigRules"]},
    },
    sys.stdout,
)
