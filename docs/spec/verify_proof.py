#!/usr/bin/env python3
"""Verifies a shoseki record proof with the standard library and openssl; docs/spec/verify_by_hand.md explains each step.

    python3 verify_proof.py PROOF VERIFIER_KEY      VERIFIER_KEY: name+hash+base64, or a file that holds it
"""
import base64, hashlib, json, os, struct, subprocess, sys, tempfile


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def check(holds, what):
    if not holds:
        sys.exit(f"tampered: {what}")


def root_of(leaf, index, size, path):
    """RFC 9162, section 2.1.3.2."""
    check(index < size, "the tree has no such leaf")
    node, last, hash_ = index, size - 1, leaf
    for sibling in path:
        check(last > 0, "the path is too long")
        if node & 1 or node == last:
            hash_ = sha256(b"\x01", sibling, hash_)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            hash_ = sha256(b"\x01", hash_, sibling)
        node, last = node >> 1, last >> 1
    check(last == 0, "the path is too short")
    return hash_


def ed25519(public, signature, message):
    der = bytes.fromhex("302a300506032b6570032100") + public
    pem = b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(der) + b"\n-----END PUBLIC KEY-----\n"
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("key.pem", "signature", "message")]
        for name, content in zip(names, (pem, signature, message)):
            with open(name, "wb") as file:
                file.write(content)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", names[0], "-rawin", "-sigfile", names[1], "-in", names[2]]
        return subprocess.run(command, capture_output=True).returncode == 0


proof = json.loads(open(sys.argv[1], encoding="utf-8").read())
key = open(sys.argv[2]).read() if os.path.isfile(sys.argv[2]) else sys.argv[2]
key_name, key_hash, key_data = key.strip().split("+", 2)
key_data = base64.b64decode(key_data)
check(key_data[0] == 1 and len(key_data) == 33, "the key is not an Ed25519 key")
check(sha256(key_name.encode(), b"\n", key_data)[:4].hex() == key_hash, "the key's hash is not its own")
check(proof["shoseki-proof"] == 1, "another version of the format")

# 1. The record's canonical bytes and its leaf (docs/spec/record.md).
raw, where = base64.b64decode(proof["raw"]), proof["provenance"]
canonical = b"\x01" + bytes.fromhex(proof["salt"]) + bytes([{"event": 1, "unparsed": 2, "receipt": 3}[where["kind"]]])
canonical += struct.pack(">qQ", where["received"], where["position"])
for text in (where["source"], where["stream"], where["origin"], where["reason"]):
    canonical += struct.pack(">I", len(text.encode())) + text.encode()
canonical += struct.pack(">I", len(raw)) + raw

# 2. From the leaf to its segment's root.
segment, ordinal = proof["record"].split(":")
path = [bytes.fromhex(text) for text in proof["segment"]["inclusion"]]
root = root_of(sha256(b"\x00", canonical), int(ordinal), proof["segment"]["count"], path)

# 3. The commit adds a segment of this name, root and count (docs/spec/segment.md).
commit = base64.b64decode(proof["commit"]["bytes"])
lines = [json.loads(line) for line in commit.decode().splitlines()]
check(lines[0]["commitInfo"]["shoseki"]["action"] == "ingest", "the commit moves segments and adds none")
adds = [line["add"] for line in lines if "add" in line]
tags = [tag for add in adds for tag in json.loads(add["tags"]["shoseki.segments"]) if tag["id"] == segment]
check(len(tags) == 1, "the commit does not add the record's segment")
check(tags[0]["root"] == root.hex() and tags[0]["count"] == proof["segment"]["count"], "the record is not the sealed one")

# 4. The commit's entry in the log, and from its leaf to the checkpoint's root (docs/spec/log.md).
version = proof["commit"]["version"]
entry = f"shoseki-commit/v1\n{version}\n{hashlib.sha256(commit).hexdigest()}\n{len(commit)}\n".encode()
head, checkpoint = proof["log"].split("\n\n", 1)
lines = head.split("\n")
check(lines[0] == "c2sp.org/tlog-proof@v1" and lines[1] == f"index {version}", "the log's proof is of another entry")
text, signatures = checkpoint.split("\n\n", 1)
origin, size, tree_root = (text + "\n").split("\n")[:3]
path = [base64.b64decode(line) for line in lines[2:]]
check(root_of(sha256(b"\x00", entry), version, int(size), path) == base64.b64decode(tree_root), "the commit is not in the log")

# 5. The checkpoint is signed by the key, and of the key's log.
check(origin == key_name, "the checkpoint is of another log")
signed = [base64.b64decode(line.split(" ")[2]) for line in signatures.splitlines() if line.startswith(f"\u2014 {key_name} ")]
signed = [line[4:] for line in signed if line[:4].hex() == key_hash]
check(any(ed25519(key_data[1:], line, (text + "\n").encode()) for line in signed), "the checkpoint is not signed by the key")
print(f"intact: record {proof['record']} is in commit {version}, in the tree of {size} entries of {origin}")
