"""An account of AWS as it should be, as it should not be, and mended: `estate.py ENDPOINT ACCOUNT STATE`."""

import json
import sys
import time
import urllib.request

import boto3

endpoint, account, state = sys.argv[1:4]
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


s3, cloudtrail, kms, logs = client("s3"), client("cloudtrail"), client("kms"), client("logs")
config, guardduty, eks, rds, iam = client("config"), client("guardduty"), client("eks"), client("rds"), client("iam")
organizations, hub, kinesis = client("organizations"), client("securityhub"), client("kinesis")
evidence, access = f"logs-{account}", f"access-{account}"
everybody = {"Principal": {"AWS": "*"}, "Resource": "*"}
insecure = {**everybody, "Effect": "Deny", "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
deletion = {**everybody, "Effect": "Deny", "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"]}
shut = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def encrypt(bucket, algorithm, key=None):
    default = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": key} if key else {})}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)


def guard(bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(shut, True))
    s3.put_bucket_policy(Bucket=bucket, Policy=document(insecure, deletion))


def databases(**more):
    rds.create_db_instance(
        DBInstanceIdentifier="orders",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=10,
        MasterUsername="root",
        MasterUserPassword="hunter2hunter2",
        **more,
    )


def organization(*denied):
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    if denied:
        content = document({"Effect": "Deny", "Action": list(denied), "Resource": "*"})
        made = organizations.create_policy(
            Name="keep-logs", Description="d", Type="SERVICE_CONTROL_POLICY", Content=content
        )
        organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=root)


def shut_account():
    """boto3 calls a host that begins with the account, which no loopback address has; moto looks at who signed alone."""
    content = "".join(f"<{name}>true</{name}>" for name in shut)
    content = f"<PublicAccessBlockConfiguration>{content}</PublicAccessBlockConfiguration>"
    scope = f"{given['aws_access_key_id']}/20260305/us-east-1/s3/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "X-Amz-Security-Token": given["aws_session_token"],
        "x-amz-account-id": account,
        "Content-Type": "application/xml",
    }
    url = f"{endpoint}/v20180820/configuration/publicAccessBlock"
    urllib.request.urlopen(urllib.request.Request(url, data=content.encode(), headers=headers, method="PUT")).read()


def subscribe(group, pattern):
    kinesis.create_stream(StreamName="evidence", ShardCount=1)
    target = kinesis.describe_stream(StreamName="evidence")["StreamDescription"]["StreamARN"]
    logs.put_subscription_filter(
        logGroupName=group, filterName="evidence", filterPattern=pattern, destinationArn=target, roleArn=role
    )


def sound():
    shut_account()
    hub.enable_security_hub()
    organization(*(f"cloudtrail:{call}" for call in ("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors")))
    made = kms.create_key()["KeyMetadata"]
    key = made["Arn"]
    kms.enable_key_rotation(KeyId=made["KeyId"])
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}
    kms.put_key_policy(KeyId=made["KeyId"], PolicyName="default", Policy=document(root))
    s3.create_bucket(Bucket=access, ACL="log-delivery-write")
    encrypt(access, "AES256")
    guard(access)
    years = {"ID": "years", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 800}}
    s3.put_bucket_lifecycle_configuration(Bucket=access, LifecycleConfiguration={"Rules": [years]})
    s3.create_bucket(Bucket=evidence, ObjectLockEnabledForBucket=True)
    locked = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 400}}
    s3.put_object_lock_configuration(
        Bucket=evidence, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": locked}
    )
    encrypt(evidence, "aws:kms", key)
    guard(evidence)
    s3.put_bucket_logging(
        Bucket=evidence, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": access, "TargetPrefix": "s3/"}}
    )
    logs.create_log_group(logGroupName="audit", kmsKeyId=key)
    logs.put_retention_policy(logGroupName="audit", retentionInDays=400)
    arn = f"arn:aws:logs:us-east-1:{account}:log-group:audit:*"
    cloudtrail.create_trail(
        Name="all",
        S3BucketName=evidence,
        IsMultiRegionTrail=True,
        IsOrganizationTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
        KmsKeyId=key,
        CloudWatchLogsLogGroupArn=arn,
        CloudWatchLogsRoleArn=role,
    )
    data = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}
    selector = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [data]}
    cloudtrail.put_event_selectors(TrailName="all", EventSelectors=[selector])
    insights = [{"InsightType": kind} for kind in ("ApiCallRateInsight", "ApiErrorRateInsight")]
    cloudtrail.put_insight_selectors(TrailName="all", InsightSelectors=insights)
    cloudtrail.start_logging(Name="all")
    subscribe("audit", "")
    everything = {"allSupported": True, "includeGlobalResourceTypes": True}
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": everything}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": evidence})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    guardduty.create_detector(Enable=True)
    types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
    eks.create_cluster(
        name="shop",
        roleArn=role,
        resourcesVpcConfig={"subnetIds": [], "endpointPublicAccess": False},
        logging={"clusterLogging": [{"types": types, "enabled": True}]},
        encryptionConfig=[{"resources": ["secrets"], "provider": {"keyArn": key}}],
    )
    rds.create_db_parameter_group(DBParameterGroupName="audited", DBParameterGroupFamily="postgres16", Description="d")
    values = {"shared_preload_libraries": "pgaudit", "pgaudit.log": "ddl,role"}
    rds.modify_db_parameter_group(
        DBParameterGroupName="audited",
        Parameters=[
            {"ParameterName": name, "ParameterValue": value, "ApplyMethod": "pending-reboot"}
            for name, value in values.items()
        ],
    )
    databases(
        DBParameterGroupName="audited",
        EnableCloudwatchLogsExports=["postgresql"],
        StorageEncrypted=True,
        DeletionProtection=True,
    )
    service = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=document(service))
    reads = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{evidence}/*"}
    iam.create_policy(PolicyName="reads", PolicyDocument=document(reads))
    iam.create_user(UserName="pipeline")
    iam.create_access_key(UserName="pipeline")


def bad():
    made = kms.create_key()["KeyMetadata"]
    key = made["Arn"]
    anybody = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    kms.put_key_policy(KeyId=made["KeyId"], PolicyName="default", Policy=document(anybody))
    kms.schedule_key_deletion(KeyId=made["KeyId"])
    s3.create_bucket(Bucket=evidence)
    may = ["s3:GetObject", "s3:DeleteObject"]
    anybody = {"Effect": "Allow", "Principal": "*", "Action": may, "Resource": f"arn:aws:s3:::{evidence}/*"}
    s3.put_bucket_policy(Bucket=evidence, Policy=document(anybody))
    rule = {"ID": "month", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}
    s3.put_bucket_lifecycle_configuration(Bucket=evidence, LifecycleConfiguration={"Rules": [rule]})
    logs.create_log_group(logGroupName="audit")
    logs.put_retention_policy(logGroupName="audit", retentionInDays=30)
    logs.create_log_group(logGroupName="other", kmsKeyId=key)
    subscribe("audit", "ERROR")
    organization("cloudtrail:StopLogging")
    cloudtrail.create_trail(Name="one", S3BucketName=evidence, IncludeGlobalServiceEvents=False)
    config.put_configuration_recorder(
        ConfigurationRecorder={
            "name": "default",
            "roleARN": role,
            "recordingGroup": {"allSupported": False, "resourceTypes": ["AWS::EC2::Instance"]},
        }
    )
    guardduty.create_detector(Enable=False)
    eks.create_cluster(name="shop", roleArn=role, resourcesVpcConfig={"subnetIds": []})
    databases()
    anybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="open", AssumeRolePolicyDocument=document(anybody))
    iam.create_policy(
        PolicyName="all", PolicyDocument=document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    )


def mended():
    """What `check` says is to be done, done."""
    cloudtrail.start_logging(Name="one")
    guard(evidence)
    logs.put_retention_policy(logGroupName="audit", retentionInDays=400)


def half():
    """An account in which somebody began: a trail of one region, a bucket with a policy of theirs, databases that do not audit."""
    s3.create_bucket(Bucket=evidence)
    theirs = {"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
    theirs = {**theirs, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{evidence}/*"}
    s3.put_bucket_policy(Bucket=evidence, Policy=document(theirs))
    month = {"ID": "month", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}
    cold = {"ID": "cold", "Status": "Enabled", "Filter": {"Prefix": "old/"}}
    cold = {**cold, "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}]}
    s3.put_bucket_lifecycle_configuration(Bucket=evidence, LifecycleConfiguration={"Rules": [month, cold]})
    cloudtrail.create_trail(Name="one", S3BucketName=evidence, IncludeGlobalServiceEvents=False)
    selector = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": []}
    selector["DataResources"] = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::theirs/"]}]
    cloudtrail.put_event_selectors(TrailName="one", EventSelectors=[selector])
    some = {"allSupported": False, "resourceTypes": ["AWS::EC2::Instance"]}
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "theirs", "roleARN": role, "recordingGroup": some}
    )
    types = {"clusterLogging": [{"types": ["scheduler"], "enabled": True}]}
    eks.create_cluster(name="shop", roleArn=role, resourcesVpcConfig={"subnetIds": []}, logging=types)
    databases()
    known = {"MasterUsername": "root", "MasterUserPassword": "hunter2hunter2"}
    shape = {"DBInstanceClass": "db.t3.micro", "AllocatedStorage": 10, **known}
    for name in ("members", "visits"):
        rds.create_db_instance(DBInstanceIdentifier=name, Engine="mysql", EngineVersion="8.0.35", **shape)
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="theirs", DBParameterGroupFamily="aurora-mysql8.0", Description="d"
    )
    # moto does not take what a cluster exports when it is changed, so this one exports it from the beginning.
    points = {"DBClusterParameterGroupName": "theirs", "EnableCloudwatchLogsExports": ["audit"], **known}
    rds.create_db_cluster(DBClusterIdentifier="points", Engine="aurora-mysql", **points)


def landing():
    """An account of a landing zone: Control Tower's trail delivers to a bucket of another account."""
    archive = f"{int(account) + 1:012}"
    taken = boto3.client("sts", **base, aws_access_key_id="test", aws_secret_access_key="test")
    taken = taken.assume_role(RoleArn=f"arn:aws:iam::{archive}:role/look", RoleSessionName="test")["Credentials"]
    there = {"aws_access_key_id": taken["AccessKeyId"], "aws_secret_access_key": taken["SecretAccessKey"]}
    boto3.client("s3", **base, **there, aws_session_token=taken["SessionToken"]).create_bucket(Bucket=evidence)
    cloudtrail.create_trail(Name="aws-controltower-BaselineCloudTrail", S3BucketName=evidence, IsMultiRegionTrail=True)


def drifted():
    """What a set-up made, and somebody changed."""
    cloudtrail.stop_logging(Name="shoseki-trail")
    suspended = {"Status": "Suspended"}
    s3.put_bucket_versioning(Bucket=f"shoseki-evidence-{account}-us-east-1", VersioningConfiguration=suspended)


def restored():
    """The same, as it was."""
    cloudtrail.start_logging(Name="shoseki-trail")
    on = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket=f"shoseki-evidence-{account}-us-east-1", VersioningConfiguration=on)


def redirected():
    """What a set-up made, and somebody points the trail to a bucket of theirs."""
    s3.create_bucket(Bucket=f"theirs-{account}")
    cloudtrail.update_trail(Name="shoseki-trail", S3BucketName=f"theirs-{account}")


def returned():
    """The same, as it was."""
    cloudtrail.update_trail(Name="shoseki-trail", S3BucketName=f"shoseki-evidence-{account}-us-east-1")


def cluster():
    """An account with a cluster, of which nothing is logged yet."""
    eks.create_cluster(name="shop", roleArn=role, resourcesVpcConfig={"subnetIds": []})


def speaks():
    """What the cluster logs, as CloudWatch Logs takes it."""
    group, stream = "/aws/eks/shop/cluster", "kube-apiserver-audit-1"
    # moto takes a denial for one whatever its condition says, so that nobody could read what is delivered.
    s3.delete_bucket_policy(Bucket=f"shoseki-evidence-{account}-us-east-1")
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(time.time() * 1000)
    for number in range(2):
        event = {
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": "Metadata",
            "auditID": f"00000000-0000-4000-8000-00000000000{number}",
            "stage": "ResponseComplete",
            "requestURI": "/api/v1/namespaces/shop/secrets/card",
            "verb": "get",
            "user": {"username": "aiko"},
            "objectRef": {"resource": "secrets", "namespace": "shop", "name": "card", "apiVersion": "v1"},
            "responseStatus": {"code": 200},
            "requestReceivedTimestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime()),
            "stageTimestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime()),
        }
        message = {"timestamp": now + number, "message": json.dumps(event)}
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[message])


states = {"cluster": cluster, "speaks": speaks, "drifted": drifted, "restored": restored, "redirected": redirected, "returned": returned, "sound": sound, "bad": bad, "half": half, "landing": landing, "mended": mended}
states[state]()
