"""A user of moto with a policy and no other right: `least.py ENDPOINT ACCOUNT` reads policies, one a line, from its standard input.

Of each it makes the policy the user's only one, has moto ask for rights from then on, and prints a line with the user's key. Before the
next one moto asks for none again.
"""

import json
import sys
import urllib.request

import boto3

endpoint, account = sys.argv[1:3]


def ask_for_rights_after(count):
    url, plain = f"{endpoint}/moto-api/reset-auth", {"Content-Type": "text/plain"}
    request = urllib.request.Request(url, data=count.encode(), headers=plain, method="POST")
    urllib.request.urlopen(request).read()


ask_for_rights_after("inf")
iam = boto3.client(
    "iam", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
)
iam.create_user(UserName="look")
key = iam.create_access_key(UserName="look")["AccessKey"]
iam.create_user(UserName="boss")
iam.attach_user_policy(UserName="boss", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
iam.create_group(GroupName="power")
iam.attach_group_policy(GroupName="power", PolicyArn="arn:aws:iam::aws:policy/PowerUserAccess")
iam.create_user(UserName="member")
iam.add_user_to_group(GroupName="power", UserName="member")
for line in sys.stdin:
    ask_for_rights_after("inf")
    iam.put_user_policy(UserName="look", PolicyName="look", PolicyDocument=json.dumps(json.loads(line)))
    ask_for_rights_after("0")
    print(json.dumps({"id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}), flush=True)
