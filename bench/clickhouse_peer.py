"""The benchmark's second peer: ClickHouse (`chdb`, the same engine within this process) doing what shoseki does.

Its store is a folder with one MergeTree table, ordered by time, with ClickHouse's text index over the raw text. `peer.py`
says how it is called and what it prints. ClickHouse proves nothing and encrypts nothing here: it is the yardstick for
speed and size, not for what is done.
"""

import os
import shutil
import sys

import chdb
from chdb.session import Session

from peer import Peer, main

COLUMNS = {
    "id": ("String", "eventID"),
    "eventSource": ("LowCardinality(String)", "eventSource"),
    "eventName": ("LowCardinality(String)", "eventName"),
    "awsRegion": ("LowCardinality(String)", "awsRegion"),
    "recipientAccountId": ("LowCardinality(String)", "recipientAccountId"),
    "sourceIPAddress": ("String", "sourceIPAddress"),
    "userArn": ("LowCardinality(String)", "userIdentity.arn"),
    "errorCode": ("LowCardinality(String)", "errorCode"),
}

# Words are what stands between characters that are neither letters nor digits: the tokenizer that ClickHouse recommends for
# logs, whose words `LIKE` finds too, by a pass over the dictionary.
CREATE = """
CREATE TABLE vault.events (
    time DateTime('UTC'), $COLUMNS, raw String CODEC(ZSTD(3)),
    INDEX words raw TYPE text(tokenizer = splitByNonAlpha, posting_list_codec = 'bitpacking')
) ENGINE = MergeTree ORDER BY time SETTINGS old_parts_lifetime = 1
"""

# Each record of a file becomes a row, all columns taken in one pass over its text.
CONVERT = """
INSERT INTO vault.events
SELECT parseDateTimeBestEffort(found.eventTime, 'UTC'), $COLUMNS, raw
FROM (
    SELECT raw, JSONExtract(raw, 'Tuple(eventTime String, userIdentity Tuple(arn String), $TYPES)') AS found
    FROM (SELECT arrayJoin(Records) AS raw FROM file('$PATTERN', 'JSONEachRow', 'Records Array(String)'))
)
SETTINGS input_format_json_read_objects_as_strings = 1
"""

PARTS = "FROM system.parts WHERE database = 'vault' AND table = 'events' AND active"


def quoted(path: str) -> str:
    """A path as it may stand between quotes in SQL."""
    return path.replace("\\", "\\\\").replace("'", "\\'")


class ClickHouse(Peer):
    """A session over a folder."""

    queries = {
        # `LIKE` rather than `match`: the same rows, and the text index helps it.
        "handbook": """
            SELECT time, raw FROM vault.events
            WHERE raw LIKE '%delete%' OR raw LIKE '%update%' OR raw LIKE '%privilege%'
            ORDER BY time DESC LIMIT 100""",
        "address": "SELECT time, raw FROM vault.events WHERE raw LIKE '%203.0.113.77%'",
        "word": "SELECT time, raw FROM vault.events WHERE hasToken(raw, '$WORD')",
        "newest": "SELECT time, raw FROM vault.events WHERE raw LIKE '%IAMUser%' ORDER BY time DESC LIMIT 100",
        "event-name": "SELECT eventName, count(*) FROM vault.events GROUP BY eventName",
        # Nested, and no column of its own: read from the raw text.
        "bucket": """
            SELECT JSONExtractString(raw, 'requestParameters', 'bucketName') AS bucket, count(*)
            FROM vault.events GROUP BY bucket""",
        "distinct": """
            SELECT toStartOfDay(time) AS day, userArn, count(*), uniqExact(sourceIPAddress)
            FROM vault.events GROUP BY day, userArn""",
    }

    def __init__(self, threads: int, memory: str):
        super().__init__(threads, memory)
        self.session = None

    def run(self, text: str, form: str = "TabSeparated") -> bytes:
        """Runs a statement; its result in a format of ClickHouse."""
        return self.session.query(text, form).bytes()

    def open(self, store: str) -> None:
        self.session = Session(store)
        self.version = f"{self.run('SELECT version()').decode().strip()} (chdb {chdb.__version__})"
        self.run(f"SET max_threads = {self.threads}")
        self.run(f"SET max_memory_usage = {int(self.memory.removesuffix('GB')) * 1_000_000_000}")
        # It would remember of the same condition which rows it found, and so measure its memory of the answer.
        self.run("SET use_query_condition_cache = 0")

    def convert(self, tree: str, store: str) -> dict:
        shutil.rmtree(store, ignore_errors=True)
        self.open(store)
        self.run(f"SET max_insert_threads = {self.threads}")
        self.run("CREATE DATABASE vault ENGINE = Atomic")
        self.run(CREATE.replace("$COLUMNS", ", ".join(f"{name} {kind}" for name, (kind, _) in COLUMNS.items())))
        paths = [path for _, path in COLUMNS.values()]
        text = CONVERT.replace("$COLUMNS", ", ".join(f"found.{path}" for path in paths))
        text = text.replace("$TYPES", ", ".join(f"{path} String" for path in paths if "." not in path))
        self.run(text.replace("$PATTERN", quoted(os.path.join(tree, "**", "*.json.gz"))))
        return self.stored()

    def merge(self, store: str) -> dict:
        self.open(store)
        self.run("OPTIMIZE TABLE vault.events FINAL")
        return self.stored()

    def stored(self) -> dict:
        """What the table has now."""
        said = self.run(f"SELECT sum(rows), sum(bytes_on_disk), sum(secondary_indices_compressed_bytes) {PARTS}")
        rows, size, index = (int(word) for word in said.split())
        return {"rows": rows, "bytes": size, "index_bytes": index}

    def ask(self, text: str, out: str) -> None:
        with open(out, "wb") as file:
            file.write(self.run(text, "CSVWithNames"))


if __name__ == "__main__":
    sys.exit(main(ClickHouse, __doc__))
