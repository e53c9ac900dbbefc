#!/usr/bin/env python3
"""Draws the sample of a shoseki package again with the standard library: python3 draw_sample.py PACKAGE"""
import hashlib, json, sys, zipfile

package = zipfile.ZipFile(sys.argv[1])
sample = json.loads(package.read("manifest.json"))["sample"]
names = package.read("drawn-from.txt").decode().split("\n")[:-1]
place = lambda name: hashlib.sha256(sample["seed"].encode() + b"\0" + name.encode()).digest()
drawn = set(sorted(names, key=place)[: sample["take"]])
there = {json.loads(line)["record"] for line in package.open("records.jsonl")}
if len(set(names)) != sample["from"] or len(names) != sample["from"] or drawn != there:
    sys.exit(f"tampered: {sorted(drawn ^ there) or 'the list has another length'}")
print(f"the same: {len(drawn)} of {len(names)} records, by the seed {sample['seed']!r}")
