"""The benchmark's peer: DuckDB doing what shoseki does, on the same files, in the same run.

    duckdb_peer.py convert TREE OUT.parquet      gzip JSON -> one zstd Parquet: the raw text and the columns needed
    duckdb_peer.py query NAME IN.parquet OUT.csv one of the queries of the table, as CSV

It prints one line of JSON: the seconds that DuckDB worked (without the interpreter's start), the rows, the bytes written.
DuckDB proves nothing and encrypts nothing here: it is the yardstick for speed and size, not for what is done.
"""

import argparse
import json
import os
import sys
import time

import duckdb

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

QUERIES = {
    # The handbook's: fields @timestamp, @message | filter @message like /delete|update|privilege/ | sort @timestamp desc | limit 100
    "handbook": """
        SELECT time, raw FROM read_parquet('$IN')
        WHERE regexp_matches(raw, 'delete|update|privilege')
        ORDER BY time DESC LIMIT 100""",
    "address": "SELECT time, raw FROM read_parquet('$IN') WHERE regexp_matches(raw, '203\\.0\\.113\\.77')",
    "newest": "SELECT time, raw FROM read_parquet('$IN') WHERE regexp_matches(raw, 'IAMUser') ORDER BY time DESC LIMIT 100",
    "distinct": """
        SELECT time_bucket(INTERVAL 1 DAY, time) AS day, userArn, count(*), count(DISTINCT sourceIPAddress)
        FROM read_parquet('$IN') GROUP BY day, userArn""",
    "event-name": "SELECT eventName, count(*) FROM read_parquet('$IN') GROUP BY eventName",
    # Nested, and no column of its own: read from the raw text.
    "bucket": """
        SELECT json_extract_string(raw, '$.requestParameters.bucketName') AS bucket, count(*)
        FROM read_parquet('$IN') GROUP BY bucket""",
}


def connect(threads: int, memory: str) -> duckdb.DuckDBPyConnection:
    """A database in memory with what this machine's benchmark allows it."""
    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    connection.execute(f"SET memory_limit = '{memory}'")
    connection.execute("SET preserve_insertion_order = false")
    return connection


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


def convert(connection: duckdb.DuckDBPyConnection, tree: str, out: str) -> dict:
    """gzip JSON under a folder -> one Parquet file."""
    pattern = os.path.join(tree, "**", "*.json.gz")
    started = time.perf_counter()
    rows = connection.execute(conversion(out), [pattern]).fetchone()[0]
    return {"seconds": time.perf_counter() - started, "rows": rows, "bytes": os.path.getsize(out)}


def query(connection: duckdb.DuckDBPyConnection, name: str, source: str, out: str) -> dict:
    """One query, its rows to a CSV file."""
    text = QUERIES[name].replace("$IN", quoted(source))
    started = time.perf_counter()
    rows = connection.execute(f"COPY ({text}) TO '{quoted(out)}' (FORMAT csv, HEADER)").fetchone()[0]
    return {"seconds": time.perf_counter() - started, "rows": rows, "bytes": os.path.getsize(out)}


def main() -> int:
    """Reads the command line and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2, help="how many threads DuckDB may use (default: 2)")
    parser.add_argument("--memory", default="8GB", help="how much memory DuckDB may use (default: 8GB)")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("convert", help="gzip JSON under a folder to one Parquet file")
    verb.add_argument("tree")
    verb.add_argument("out")
    verb = verbs.add_parser("query", help="one of the queries")
    verb.add_argument("name", choices=sorted(QUERIES))
    verb.add_argument("source")
    verb.add_argument("out")
    arguments = parser.parse_args()

    connection = connect(arguments.threads, arguments.memory)
    if arguments.verb == "convert":
        figures = convert(connection, arguments.tree, arguments.out)
    else:
        figures = query(connection, arguments.name, arguments.source, arguments.out)
    figures["version"] = duckdb.__version__
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
