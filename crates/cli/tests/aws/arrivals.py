"""Who stands before moto and delivers, as AWS would: `arrivals.py MOTO FOLDER [without=WHAT]…`.

moto records no events. So this passes all calls on, sees which of them would leave an event, and puts that event where AWS puts it: a file
of CloudTrail, a snapshot of AWS Config, lines in a log group. It plays the API server of the cluster `shop` too, with TLS, and takes
nobody whose token is not signed by the secret of the test. What is named by `without=` is left out: `trail`, `cluster`.

It prints one line of JSON: where it listens. FOLDER has the certificates that `senders.py certificates` wrote.
"""

import base64
import datetime
import gzip
import hashlib
import hmac
import http.server
import json
import re
import ssl
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
import uuid

import boto3

moto, folder, *rest = sys.argv[1:]
without = {word.removeprefix("without=") for word in rest if word.startswith("without=")}
ports = dict(word.removeprefix("port=").split(":") for word in rest if word.startswith("port="))
asked = {}  # as whom each account was called


def client(service, account):
    return boto3.client(service, endpoint_url=moto, region_name="us-east-1", **asked.get(account, asked["*"]))


asked["*"] = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def owner(account):
    """boto3 as an account."""
    if account not in asked:
        role = f"arn:aws:iam::{account}:role/arrivals"
        taken = client("sts", "*").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        asked[account] = {
            "aws_access_key_id": taken["AccessKeyId"],
            "aws_secret_access_key": taken["SecretAccessKey"],
            "aws_session_token": taken["SessionToken"],
        }
    return account


def trail_file(account, source, name, parameters, **more):
    """An event of CloudTrail, in a file where the account's trail delivers."""
    if "trail" in without:
        return
    trail = client("cloudtrail", owner(account)).describe_trails()["trailList"][0]
    time, region = now(), "us-east-1"
    event = {
        "eventVersion": "1.08",
        "userIdentity": {"type": "AssumedRole", "arn": f"arn:aws:sts::{account}:assumed-role/setup/shoseki", "accountId": account},
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": source,
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "aws-sdk-rust",
        "requestParameters": parameters,
        "responseElements": None,
        "eventID": str(uuid.uuid4()),
        "eventType": "AwsApiCall",
        "recipientAccountId": account,
        **more,
    }
    stamp = time.strftime("%Y%m%dT%H%MZ")
    key = f"AWSLogs/{account}/CloudTrail/{region}/{time:%Y/%m/%d}/{account}_CloudTrail_{region}_{stamp}_{uuid.uuid4().hex[:16]}.json.gz"
    body = gzip.compress(json.dumps({"Records": [event]}).encode())
    client("s3", account).put_object(Bucket=trail["S3BucketName"], Key=key, Body=body)


def snapshot(account):
    """A snapshot of AWS Config, with an item that may be known."""
    channel = client("config", owner(account)).describe_delivery_channels()["DeliveryChannels"][0]
    time, region, number = now(), "us-east-1", str(uuid.uuid4())
    item = {
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": "2026-03-05T01:02:03.004Z",
        "configurationItemStatus": "OK",
        "configurationStateId": 1,
        "awsAccountId": account,
        "awsRegion": region,
        "resourceType": "AWS::S3::Bucket",
        "resourceId": "b",
        "configuration": {},
    }
    body = {"fileVersion": "1.0", "configSnapshotId": number, "configurationItems": [item]}
    day = f"{time.year}/{time.month}/{time.day}"
    name = f"{account}_Config_{region}_ConfigSnapshot_{time:%Y%m%dT%H%M%SZ}_{number}.json.gz"
    key = f"AWSLogs/{account}/Config/{region}/{day}/ConfigSnapshot/{name}"
    client("s3", account).put_object(Bucket=channel["s3BucketName"], Key=key, Body=gzip.compress(json.dumps(body).encode()))
    return number


def log(account, group, stream, message):
    """A line in a log group."""
    logs = client("logs", owner(account))
    for make, name in ((logs.create_log_group, {}), (logs.create_log_stream, {"logStreamName": stream})):
        try:
            make(logGroupName=group, **name)
        except logs.exceptions.ResourceAlreadyExistsException:
            pass
    event = {"timestamp": int(now().timestamp() * 1000), "message": message}
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])


def reached(database):
    """A database with an address where something listens, if it is one that does."""
    name = re.search(rb"<DBInstanceIdentifier>([^<]*)<", database).group(1).decode()
    if name not in ports:
        return database
    there = b"<Endpoint><Address>127.0.0.1</Address><Port>%s</Port></Endpoint>" % ports[name].encode()
    return re.sub(rb"<Endpoint>.*?</Endpoint>", there, database, flags=re.S)


def account_of(headers):
    """The account that a call is made as: that of the session's key."""
    key = re.search(r"Credential=([^/]+)/", headers.get("authorization", "")).group(1)
    token = headers.get("x-amz-security-token")
    given = {"aws_access_key_id": key, "aws_secret_access_key": "test", "aws_session_token": token}
    return boto3.client("sts", endpoint_url=moto, region_name="us-east-1", **given).get_caller_identity()["Account"]


class Front(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("connection", "accept-encoding")}
        target = self.headers.get("x-amz-target", "")
        if self.command == "PUT" and self.path.endswith("?policy"):
            # moto knows no conditions: the statement that demands TLS would shut out everybody.
            policy = json.loads(body)
            policy["Statement"] = [one for one in policy["Statement"] if one.get("Sid") != "ShosekiTlsOnly"]
            body = json.dumps(policy).encode()
            headers = {name: value for name, value in headers.items() if not name.lower().startswith(("content-length", "x-amz-checksum"))}
        if target.endswith(".DeliverConfigSnapshot"):
            return self.answer(200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps({"configSnapshotId": snapshot(account_of(self.headers))}).encode())
        request = urllib.request.Request(moto + self.path, data=body or None, headers=headers, method=self.command)
        try:
            with urllib.request.urlopen(request) as answer:
                status, told, content = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            status, told, content = error.code, error.headers, error.read()
        content = self.seen(target, body, status, content)
        own = ("connection", "content-length", "date", "server", "transfer-encoding")
        passed = {name: value for name, value in told.items() if name.lower() not in own}
        self.answer(status, passed, content, told["content-length"] if self.command == "HEAD" else None)

    def seen(self, target, body, status, content):
        """What AWS would do beside answering."""
        for key, secret in re.findall(rb"<AccessKeyId>([^<]+)</AccessKeyId>\s*<SecretAccessKey>([^<]+)<", content):
            secrets[key.decode()] = secret.decode()
        if target.endswith(".GetTrailStatus"):
            name = json.loads(body)["Name"]
            if name.startswith("shoseki-check-"):
                error = {"errorCode": "TrailNotFoundException", "errorMessage": f"Unknown trail: {name}"}
                trail_file(account_of(self.headers), "cloudtrail.amazonaws.com", "GetTrailStatus", {"name": name}, readOnly=True, **error)
        probe = re.fullmatch(r"/([^/?]+)/(shoseki-check/[0-9a-f]+)", self.path)
        if self.command == "GET" and probe:
            bucket, key = probe.groups()
            parameters = {"bucketName": bucket, "key": key}
            account = account_of(self.headers)
            trail_file(account, "s3.amazonaws.com", "GetObject", parameters, errorCode="NoSuchKey", eventCategory="Data")
        if self.path == "/clusters/shop":
            answer = json.loads(content)
            answer["cluster"]["endpoint"] = f"https://127.0.0.1:{cluster.server_port}"
            with open(f"{folder}/ca.crt", "rb") as file:
                answer["cluster"]["certificateAuthority"] = {"data": base64.b64encode(file.read()).decode()}
            accounts["shop"] = account_of(self.headers)
            return json.dumps(answer).encode()
        if b"DescribeDBInstances" in body:  # moto's databases listen nowhere; these do
            content = re.sub(rb"<DBInstance>.*?</DBInstance>", lambda found: reached(found.group()), content, flags=re.S)
        return content

    def answer(self, status, headers, content, length=None):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = pass_on

    def log_message(self, *_):
        pass


accounts, secrets = {}, {}


def is_signed(token):
    """Whether a token is a request to STS about this cluster that somebody signed who was given that secret."""
    parts = urllib.parse.urlsplit(base64.urlsafe_b64decode(token.removeprefix("k8s-aws-v1.") + "==").decode())
    query = dict(urllib.parse.parse_qsl(parts.query))
    signature, (key, day, region, service, _) = query.pop("X-Amz-Signature"), query["X-Amz-Credential"].split("/")
    plain = urllib.parse.urlencode(sorted(query.items()), quote_via=urllib.parse.quote, safe="-_.~")
    headers = f"host:{parts.netloc}\nx-k8s-aws-id:shop\n\nhost;x-k8s-aws-id"
    canonical = f"GET\n/\n{plain}\n{headers}\n{hashlib.sha256(b'').hexdigest()}"
    scope = f"{day}/{region}/{service}/aws4_request"
    said = f"AWS4-HMAC-SHA256\n{query['X-Amz-Date']}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signer = ("AWS4" + secrets.get(key, "")).encode()
    for part in (day, region, service, "aws4_request", said):
        signer = hmac.digest(signer, part.encode(), "sha256")
    is_of_sts = parts.netloc == f"sts.{region}.amazonaws.com" and query["Action"] == "GetCallerIdentity"
    return is_of_sts and int(query["X-Amz-Expires"]) <= 60 and signer.hex() == signature


class ApiServer(http.server.BaseHTTPRequestHandler):
    """The API server of the cluster `shop`: it has no such namespace, and writes what it was asked into its audit log."""

    def do_GET(self):
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        is_known = is_signed(token)
        time = now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        status = 404 if is_known else 401
        event = {
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": "Metadata",
            "auditID": str(uuid.uuid4()),
            "stage": "ResponseComplete",
            "requestURI": self.path,
            "verb": "get",
            "user": {"username": "aiko"},
            "sourceIPs": ["192.0.2.1"],
            "objectRef": {"resource": "namespaces", "name": self.path.rsplit("/", 1)[-1], "apiVersion": "v1"},
            "responseStatus": {"code": status},
            "requestReceivedTimestamp": time,
            "stageTimestamp": time,
        }
        if "cluster" not in without:
            log(accounts["shop"], "/aws/eks/shop/cluster", "kube-apiserver-audit-1", json.dumps(event))
        body = json.dumps({"kind": "Status", "code": status}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{folder}/server.crt", f"{folder}/server.key")
cluster = http.server.ThreadingHTTPServer(("127.0.0.1", 0), ApiServer)
cluster.socket = context.wrap_socket(cluster.socket, server_side=True)
threading.Thread(target=cluster.serve_forever, daemon=True).start()
front = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
threading.Thread(target=front.serve_forever, daemon=True).start()
print(json.dumps({"url": f"http://127.0.0.1:{front.server_port}", "cluster": cluster.server_port}), flush=True)
sys.stdin.read()  # until whoever started it is gone
