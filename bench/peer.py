"""What the benchmark's peers have in common: their command line, the clock, the one line of JSON that they print.

    …_peer.py convert TREE STORE          gzip JSON -> what the peer queries: the raw text and the columns needed
    …_peer.py merge STORE                 what the peer would do later by itself, done now; not part of taking in
    …_peer.py query NAME STORE OUT.csv    one of the queries of the table, its rows as CSV

A query is asked `--repeats` times in this process. `seconds` has each of them, without the interpreter's start, from the
question to the last row written; whoever measures the whole process sees the cold figure from outside.
"""

import argparse
import csv
import json
import sys
import time


class Peer:
    """A database that does what shoseki does. `threads` and `memory` are what it may use."""

    version = ""
    queries: dict[str, str] = {}

    def __init__(self, threads: int, memory: str):
        self.threads, self.memory = threads, memory

    def convert(self, tree: str, store: str) -> dict:
        """Takes the tree in; says at least `rows` and `bytes`."""
        raise NotImplementedError

    def merge(self, store: str) -> dict:
        """Brings what was taken in into the shape that it ends up in; says at least `bytes`."""
        raise NotImplementedError

    def open(self, store: str) -> None:
        """Makes ready for questions."""
        raise NotImplementedError

    def ask(self, text: str, out: str) -> None:
        """Asks, and writes the rows as CSV with a heading."""
        raise NotImplementedError


def rows_of(path: str) -> int:
    """How many rows a CSV file has below its heading."""
    csv.field_size_limit(1 << 30)
    with open(path, newline="", encoding="utf-8") as file:
        return max(0, sum(1 for _ in csv.reader(file)) - 1)


def timed(work) -> tuple[float, object]:
    """How long something took, and what it gave."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def answered(peer: Peer, arguments: argparse.Namespace) -> dict:
    """The figures of one query."""
    text = peer.queries[arguments.name].replace("$WORD", arguments.word)
    peer.open(arguments.store)
    seconds = [timed(lambda: peer.ask(text, arguments.out))[0] for _ in range(arguments.repeats)]
    return {"seconds": seconds, "rows": rows_of(arguments.out)}


def main(kind: type[Peer], about: str) -> int:
    """Reads the command line, lets the peer work, prints the figures."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2, help="how many threads it may use (default: 2)")
    parser.add_argument("--memory", default="8GB", help="how much memory it may use (default: 8GB)")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("convert", help="takes in the gzip JSON under a folder")
    verb.add_argument("tree")
    verb.add_argument("store")
    verb = verbs.add_parser("merge", help="does now what it would do later by itself")
    verb.add_argument("store")
    verb = verbs.add_parser("query", help="asks one of the queries")
    verb.add_argument("name", choices=sorted(kind.queries))
    verb.add_argument("store")
    verb.add_argument("out")
    verb.add_argument("--repeats", type=int, default=1, help="how often it is asked in this process (default: 1)")
    verb.add_argument("--word", default="", help="the access key that the query `word` looks for")
    arguments = parser.parse_args()

    peer = kind(arguments.threads, arguments.memory)
    if arguments.verb == "query":
        figures = answered(peer, arguments)
    elif arguments.verb == "merge":
        seconds, said = timed(lambda: peer.merge(arguments.store))
        figures = {"seconds": [seconds], **said}
    else:
        seconds, said = timed(lambda: peer.convert(arguments.tree, arguments.store))
        figures = {"seconds": [seconds], **said}
    print(json.dumps({**figures, "version": peer.version}))
    sys.stdout.flush()
    return 0
