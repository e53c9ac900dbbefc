#!/usr/bin/env python3
"""Reads an encrypted vault without shoseki: prints its records, or writes them as one plain Parquet file.

    python3 read_encrypted.py VAULT ENCRYPTION_KEY_FILE [OUT.parquet]

VAULT is the vault's folder, ENCRYPTION_KEY_FILE the `encryption.key` that `shoseki init` named. Needs `cryptography` and
`pyarrow` 22 or later. It decrypts and does not judge: whether the records are what was sealed is what `shoseki verify` says.

Keys, from the outermost to the innermost (AES-256-GCM each: nonce of 12 bytes, ciphertext, tag of 16 bytes):

    encryption.key                    shoseki-key/v1:<base64 of 32 bytes>
      keys/<class>/<month>/<n>.json   "wrapped" opens under it, with the associated data shoseki/class-key/v1:<id>
        add.tags["shoseki.key"]       "wrapped" opens under that, with shoseki/file-key/v1:<file's name without .parquet>
          Parquet                     the footer's key, and that of all columns

A file of format 2 holds events taken apart (docs/spec/segment.md); they come out joined, in the column `raw`.
"""

import base64
import json
import pathlib
import sys
import uuid

import pyarrow
import pyarrow.compute
import pyarrow.parquet
import pyarrow.parquet.encryption
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def unwrap(key, context, wrapped):
    """Opens a wrapped key. Fails where the key is another or a byte was changed."""
    sealed = base64.b64decode(wrapped, validate=True)
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], context.encode())


def provider_key(path):
    """The key that wraps the class keys."""
    prefix, _, encoded = pathlib.Path(path).read_text().strip().rpartition(":")
    if prefix != "shoseki-key/v1":
        sys.exit(f"{path} is no key file of shoseki")
    return base64.b64decode(encoded, validate=True)


def class_key(vault, provider, identity):
    """The key of a class and a month, in its newest generation: <id> is <class>/<month>."""
    newest = max((vault / "keys" / identity).glob("*.json"), key=lambda path: int(path.stem))
    stored = json.loads(newest.read_text())
    return unwrap(provider, f"shoseki/class-key/v1:{stored['id']}", stored["wrapped"])


def files(vault):
    """The `add` actions of the files in the table: a compaction removes files, and adds one in their place."""
    there = {}
    for commit in sorted((vault / "events" / "_delta_log").glob("*.json")):
        for action in map(json.loads, commit.read_text().splitlines()):
            if "add" in action:
                there[action["add"]["path"]] = action["add"]
            elif "remove" in action:
                del there[action["remove"]["path"]]
    return there.values()


MARKS = {1: "text:", 2: "json:", 3: "uuid:"}


def slots(template):
    """The stretches of a template: the text before each value and the name of the value's column, and the text at the end."""
    parts, before, keys, key, at = [], "", [], "", 0
    while at < len(template):
        byte = template[at]
        if ord(byte) in MARKS:
            pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in [*keys[1:], key])
            parts.append((before, MARKS[ord(byte)] + pointer))
            before = ""
        elif byte == '"' and ord(template[at + 1]) not in MARKS and template[at - 1 : at] not in ("\x01", "\x03"):
            end = template.index('"', at + 1)
            key = template[at + 1 : end]
            before += template[at:end]
            at = end
            before += '"'
        else:
            if byte == "{":
                keys.append(key)
            elif byte == "}":
                keys.pop()
            before += byte
        at += 1
    return parts, before


def join(row, known):
    """The event of a row that was taken apart."""
    template = row["template"]
    if template not in known:
        known[template] = slots(template)
    parts, after = known[template]
    rest = iter((row["rest"] or "").split("\0"))
    text = ""
    for before, name in parts:
        value = row[name] if name in row else next(rest)
        text += before + (str(uuid.UUID(bytes=value)) if isinstance(value, bytes) else value)
    return (text + after).encode()


def joined(table):
    """The table with each event in `raw`, and without the columns that it was taken apart into."""
    if "template" not in table.column_names:
        return table
    known = {}
    raw = [row["raw"] if row["template"] is None else join(row, known) for row in table.to_pylist()]
    at = table.column_names.index("raw")
    return table.select(table.column_names[:at]).append_column("raw", pyarrow.array(raw, pyarrow.binary()))


def read(vault, provider, add):
    """One file of the table."""
    path = vault / "events" / add["path"]
    decryption = None
    if "shoseki.key" in add["tags"]:
        wrapped = json.loads(add["tags"]["shoseki.key"])
        outer = class_key(vault, provider, wrapped["id"])
        key = unwrap(outer, f"shoseki/file-key/v1:{path.stem}", wrapped["wrapped"])
        decryption = pyarrow.parquet.encryption.create_decryption_properties(footer_key=key)
    return joined(pyarrow.parquet.ParquetFile(path, decryption_properties=decryption).read())


def main():
    vault, provider = pathlib.Path(sys.argv[1]), provider_key(sys.argv[2])
    tables = [read(vault, provider, add) for add in files(vault)]
    if not tables:
        sys.exit("no files yet")
    # The metadata of each file's schema holds its segments' secrets: they stay where they are.
    table = pyarrow.concat_tables(table.replace_schema_metadata(None) for table in tables)
    if len(sys.argv) > 3:
        pyarrow.parquet.write_table(table, sys.argv[3])
        return
    # Of an erased record there is a row that says which it was: `raw` is its leaf's hash.
    table = table.filter(pyarrow.compute.not_equal(table["kind"], "erased"))
    for row in table.select(["time", "source", "operation", "raw"]).to_pylist():
        time = row["time"].isoformat(timespec="microseconds")
        print(time, row["source"], row["operation"] or "-", row["raw"].decode(errors="replace"), sep="\t")


if __name__ == "__main__":
    main()
