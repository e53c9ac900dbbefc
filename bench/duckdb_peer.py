"""The benchmark's first peer: DuckDB doing what shoseki does, on the same files, in the same run.

Its store is one zstd Parquet file. `peer.py` says how it is called and what it prints. DuckDB proves nothing and encrypts
nothing here: it is the yardstick for speed and size, not for what is done.
"""

import os
import sys

import duckdb

from peer import Peer, main

COLUMNS = {
    "time": "eventTime",
    "id": "eventID",
    "eventSource": "eventSource",
    "eventName": "eventName",
    "awsRegion": "awsRegion",
    "recipientAccountId": "recipientAccountId",
    "sourceIPAddress": "sourceIPAddress",
    "userArn": "userIdentity.arn",
    "errorCode": "errorCode",
}

# Each record of a file becomes a row, all columns taken in one pass over its text. The raw text is what DuckDB
# re-serialises from the array: it keeps no slice of the file.
CONVERT = """
COPY (
    SELECT $COLUMNS, CAST(raw AS VARCHAR) AS raw
    FROM (
        SELECT raw, json_extract_string(raw, [$PATHS]) AS found
        FROM (
            SELECT unnest(Records) AS raw
            FROM read_json(?, columns = {Records: 'JSON[]'}, format = 'unstructured', compression = 'gzip')
        )
    )
) TO '$OUT' (FORMAT parquet, COMPRESSION zstd)
"""


def quoted(path: str) -> str:
    """A path as it may stand between quotes in SQL."""
    return path.replace("'", "''")


def conversion(out: str) -> str:
    """The statement that converts, with the folder as its parameter."""
    columns = [f"found[{n}] AS {name}" for n, name in enumerate(COLUMNS, start=1)]
    columns[0] = "CAST(found[1] AS TIMESTAMP) AS time"
    paths = ", ".join(f"'$.{path}'" for path in COLUMNS.values())
    text = CONVERT.replace("$COLUMNS", ", ".join(columns)).replace("$PATHS", paths)
    return text.replace("$OUT", quoted(out))


class DuckDb(Peer):
    """A database in memory, over a Parquet file."""

    version = duckdb.__version__
    queries = {
        # The handbook's: fields @timestamp, @message | filter @message like /delete|update|privilege/ | sort @timestamp desc | limit 100
        "handbook": """
            SELECT time, raw FROM events
            WHERE regexp_matches(raw, 'delete|update|privilege')
            ORDER BY time DESC LIMIT 100""",
        "address": r"SELECT time, raw FROM events WHERE regexp_matches(raw, '203\.0\.113\.77')",
        "word": r"SELECT time, raw FROM events WHERE regexp_matches(raw, '\b$WORD\b')",
        "newest": "SELECT time, raw FROM events WHERE regexp_matches(raw, 'IAMUser') ORDER BY time DESC LIMIT 100",
        "event-name": "SELECT eventName, count(*) FROM events GROUP BY eventName",
        # Nested, and no column of its own: read from the raw text.
        "bucket": """
            SELECT json_extract_string(raw, '$.requestParameters.bucketName') AS bucket, count(*)
            FROM events GROUP BY bucket""",
        "distinct": """
            SELECT time_bucket(INTERVAL 1 DAY, time) AS day, userArn, count(*), count(DISTINCT sourceIPAddress)
            FROM events GROUP BY day, userArn""",
    }

    def __init__(self, threads: int, memory: str):
        super().__init__(threads, memory)
        self.connection = duckdb.connect()
        self.connection.execute(f"SET threads = {threads}")
        self.connection.execute(f"SET memory_limit = '{memory}'")
        self.connection.execute("SET preserve_insertion_order = false")

    def convert(self, tree: str, store: str) -> dict:
        pattern = os.path.join(tree, "**", "*.json.gz")
        rows = self.connection.execute(conversion(store), [pattern]).fetchone()[0]
        return {"rows": rows, "bytes": os.path.getsize(store)}

    def merge(self, store: str) -> dict:
        return {"bytes": os.path.getsize(store)}  # one file, as it was written

    def open(self, store: str) -> None:
        self.connection.execute(f"CREATE VIEW events AS SELECT * FROM read_parquet('{quoted(store)}')")

    def ask(self, text: str, out: str) -> None:
        self.connection.execute(f"COPY ({text}) TO '{quoted(out)}' (FORMAT csv, HEADER)")


if __name__ == "__main__":
    sys.exit(main(DuckDb, __doc__))
