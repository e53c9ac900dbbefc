#!/usr/bin/env python3
"""Checks that a package leaves nothing out of its population, with the standard library; docs/spec/package.md has the rules.

    python3 verify_population.py PACKAGE

It does not look at signatures: docs/spec/verify_by_hand.md says how that of the checkpoint is checked.
"""
import base64, datetime, hashlib, json, struct, sys, zipfile


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root_of(leaves):
    """RFC 6962, section 2.1."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha256()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01", root_of(leaves[:half]), root_of(leaves[half:]))


def check(holds, what):
    if not holds:
        sys.exit(f"tampered: {what}")


def micros(text):
    """A time of the manifest in microseconds since 1970."""
    since = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return since // datetime.timedelta(microseconds=1)


package = zipfile.ZipFile(sys.argv[1])
manifest = json.loads(package.read("manifest.json"))
about, asked = manifest["population"], manifest["asked"]
first = micros(about["from"]) if about["from"] else None
end = micros(about["to"]) if about["to"] else None

# 1. Every commit, from the first on, leads to the root in the checkpoint (docs/spec/log.md).
leaves, called = [], []
segments_of, expired, erased = {}, set(), {}
for number, line in enumerate(package.open("commits.jsonl")):
    commit = json.loads(line)
    check(commit["commit"] == number, f"commit {number} is left out")
    text = commit["text"].encode()
    entry = f"shoseki-commit/v1\n{number}\n{hashlib.sha256(text).hexdigest()}\n{len(text)}\n".encode()
    leaves.append(sha256(b"\x00", entry))

    # 2. The segments that it adds and that can hold something of what was asked about (docs/spec/package.md).
    lines = [json.loads(part) for part in commit["text"].split("\n")[:-1]]
    action = lines[0]["commitInfo"]["shoseki"]["action"]
    adds = [line["add"] for line in lines if "add" in line]
    tags = [(add, tag) for add in adds for tag in json.loads(add["tags"]["shoseki.segments"])]
    for add, tag in tags:
        segments_of.setdefault(add["path"], []).append(tag["id"])
        erased[tag["id"]] = {first + n for first, count in tag.get("erased", []) for n in range(count)}
    if action == "expire":
        expired.update(segment for line in lines if "remove" in line for segment in segments_of[line["remove"]["path"]])
    if action != "ingest":
        continue
    for place, (add, tag) in enumerate(tags):
        source = tag["source"] in asked["sources"] if asked["sources"] else tag["source"] != "shoseki"
        streams = [s for s in tag["streams"] if not asked["streams"] or s[0] in asked["streams"]]
        meets = any((first is None or s[3] >= first) and (end is None or s[2] < end) for s in streams)
        if source and meets:
            of_kind = (add["partitionValues"]["class"], add["partitionValues"]["day"], tag["source"])
            called.append((*of_kind, number, place, tag))
size, root = package.read("checkpoint").decode().split("\n")[1:3]
check(len(leaves) == int(size) == manifest["tree_size"], "there are not as many commits as the tree has")
check(root_of(leaves) == base64.b64decode(root), "the commits do not lead to the root of the tree")
called = [entry[-1] for entry in sorted(called, key=lambda entry: entry[:-1])]
called = [tag for tag in called if tag["id"] not in expired]

# 3. All records of these segments are there, in order, and lead to their roots (docs/spec/record.md).
parts = sorted((name for name in package.namelist() if name.startswith("population/")), key=lambda name: int(name[11:-6]))
records = (json.loads(line) for name in parts for line in package.open(name))
total = 0
for tag in called:
    leaves = []
    for ordinal in range(tag["count"]):
        record = next(records, None)
        check(record and record["record"] == f"{tag['id']}:{ordinal}", f"record {tag['id']}:{ordinal} is left out")
        is_erased = ordinal in erased[tag["id"]]
        check(("erased" in record) == is_erased, f"the commits say otherwise of whether {tag['id']}:{ordinal} was erased")
        if is_erased:
            leaves.append(bytes.fromhex(record["erased"]))
            continue
        raw = record["text"].encode() if "text" in record else base64.b64decode(record["raw"])
        where = record["provenance"]
        canonical = b"\x01" + bytes.fromhex(record["salt"]) + bytes([{"event": 1, "unparsed": 2, "receipt": 3}[where["kind"]]])
        canonical += struct.pack(">qQ", where["received"], where["position"])
        for text in (where["source"], where["stream"], where["origin"], where["reason"]):
            canonical += struct.pack(">I", len(text.encode())) + text.encode()
        leaves.append(sha256(b"\x00", canonical + struct.pack(">I", len(raw)) + raw))
    check(root_of(leaves).hex() == tag["root"], f"the records of segment {tag['id']} are not those that were sealed")
    total += len(leaves) - len(erased[tag["id"]])
check(next(records, None) is None, "there are records that are not called for")
print(f"whole: {total} records of {len(called)} segments, {size} commits")
