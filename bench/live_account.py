"""Fills an account of moto: `live_account.py ENDPOINT [BUCKETS ROLES CLUSTERS DATABASES]`, 500, 200, 50 and 100 where not said.

    python -m moto.server -p 5555 &
    python bench/live_account.py http://127.0.0.1:5555
    AWS_ENDPOINT_URL=http://127.0.0.1:5555 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 \
        shoseki check --live --json | tail -1
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3

endpoint = sys.argv[1]
buckets, roles, clusters, databases = map(int, sys.argv[2:6] or (500, 200, 50, 100))


def client(service):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


s3, iam, eks, rds, cloudtrail = (client(name) for name in ("s3", "iam", "eks", "rds", "cloudtrail"))
trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
reads = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bench-0/*"}


def document(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def bucket(number):
    name = f"bench-{number}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def role(number):
    iam.create_role(RoleName=f"bench-{number}", AssumeRolePolicyDocument=document(trust))
    iam.put_role_policy(RoleName=f"bench-{number}", PolicyName="reads", PolicyDocument=document(reads))


def cluster(number):
    eks.create_cluster(name=f"bench-{number}", roleArn="arn:aws:iam::123456789012:role/bench-0", resourcesVpcConfig={})


def database(number):
    rds.create_db_instance(
        DBInstanceIdentifier=f"bench-{number}",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=10,
        MasterUsername="root",
        MasterUserPassword="hunter2hunter2",
    )


with ThreadPoolExecutor(8) as pool:
    for make, count in ((bucket, buckets), (role, roles), (cluster, clusters), (database, databases)):
        list(pool.map(make, range(count)))
cloudtrail.create_trail(Name="bench", S3BucketName="bench-0", IsMultiRegionTrail=True)
cloudtrail.start_logging(Name="bench")
