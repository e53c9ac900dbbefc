"""moto's server where it asks for rights, by the names that IAM has for them: `strict.py -p PORT`; it ends with its standard input.

moto takes what is asked of a bucket for `s3:ListBucket` where it does not know better, and an operation's name for its right. The rights
are here as IAM's service authorization reference has them.
Signatures are not looked at: moto computes those of REST services otherwise than AWS, and than its own client.
"""

import os
import sys
import threading


def watch() -> None:
    """Ends the process when whoever started it is gone."""
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=watch, daemon=True).start()

from moto.iam.access_control import IAMRequestBase  # noqa: E402  the watch must run before the slow import
from moto.server import main  # noqa: E402

CHANGES = {
    "": "s3:CreateBucket",
    "encryption": "s3:PutEncryptionConfiguration",
    "lifecycle": "s3:PutLifecycleConfiguration",
    "logging": "s3:PutBucketLogging",
    "notification": "s3:PutBucketNotification",
    "object-lock": "s3:PutBucketObjectLockConfiguration",
    "policy": "s3:PutBucketPolicy",
    "publicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "replication": "s3:PutReplicationConfiguration",
    "versioning": "s3:PutBucketVersioning",
}
RIGHTS = {
    "encryption": "s3:GetEncryptionConfiguration",
    "lifecycle": "s3:GetLifecycleConfiguration",
    "notification": "s3:GetBucketNotification",
    "object-lock": "s3:GetBucketObjectLockConfiguration",
    "publicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "replication": "s3:GetReplicationConfiguration",
}
permitted = IAMRequestBase.check_action_permitted


def check_action_permitted(self, resource):
    path, _, asked = self._path.partition("?")
    if path.startswith("/v20180820/"):
        self._action = "s3:GetAccountPublicAccessBlock"
    elif self._service == "s3":
        rights = CHANGES if self._method == "PUT" else RIGHTS
        self._action = rights.get(asked.rstrip("="), self._action)
    permitted(self, resource)


IAMRequestBase.check_action_permitted = check_action_permitted
IAMRequestBase.check_signature = lambda self: None
main(sys.argv[1:])
