"""moto's server where it asks for rights, by the names that IAM has for them: `strict.py -p PORT`; it ends with its standard input.

moto takes an operation's name for its right. Where IAM calls it otherwise, as its service authorization reference has it, this does too.
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

RIGHTS = {
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycle": "s3:GetLifecycleConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
}
permitted = IAMRequestBase.check_action_permitted


def check_action_permitted(self, resource):
    is_of_account = self._path.startswith("/v20180820/")
    self._action = "s3:GetAccountPublicAccessBlock" if is_of_account else RIGHTS.get(self._action, self._action)
    permitted(self, resource)


IAMRequestBase.check_action_permitted = check_action_permitted
IAMRequestBase.check_signature = lambda self: None
main(sys.argv[1:])
