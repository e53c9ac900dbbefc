"""RDS's log files as its API gives them: `rds.py FOLDER` serves what lies below `FOLDER/DATABASE/` until its standard input ends.

The answers are those of the query protocol, after botocore's description of the service; the test has boto3 read them as well.
What is not in that description is what people saw of RDS: markers are `HOUR:OFFSET`, a portion has at most a megabyte (here as
many bytes as `FOLDER/most` says), and a line that goes beyond is cut, with a text of RDS's own behind it and the marker behind the
line. `FOLDER/trouble` holds codes of errors, one for each call to come. While `FOLDER/lost` is there, the last line of each portion that
has several is left out, as people also saw.
"""

import html
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

ROOT = sys.argv[1]
CUT = b" [Your log message was truncated]\n"
LOCK = threading.Lock()


def most():
    """How many bytes a portion has."""
    try:
        with open(os.path.join(ROOT, "most")) as file:
            return int(file.read())
    except FileNotFoundError:
        return 1 << 20


def trouble():
    """The error that the next call is to have."""
    path = os.path.join(ROOT, "trouble")
    if not os.path.exists(path):
        return None
    with open(path) as file:
        codes = file.read().split()
    with open(path, "w") as file:
        file.write(" ".join(codes[1:]))
    return codes[0] if codes else None


def databases():
    return sorted(name for name in os.listdir(ROOT) if os.path.isdir(os.path.join(ROOT, name)))


def files(folder):
    """Names of files with what is said of them."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            status = os.stat(path)
            yield os.path.relpath(path, folder), status.st_size, int(status.st_mtime * 1000)


def portion(path, marker, lines):
    """Some lines from a marker on: the text, the next marker, whether there is more."""
    with open(path, "rb") as file:
        whole = file.read()
    at = int(marker.split(":")[-1])
    taken, end = b"", at
    for line in whole[at:].splitlines(keepends=True)[:lines]:
        if len(taken) + len(line) > most():
            taken += line[: most() - len(taken)] + CUT
            end += len(line)
            break
        taken += line
        end += len(line)
    if os.path.exists(os.path.join(ROOT, "lost")) and lines > 100:
        taken = b"".join(taken.splitlines(keepends=True)[:-1])
    return taken.decode("utf-8", "replace"), f"10:{end}", end < len(whole)


class Refused(Exception):
    """An error as RDS says it."""

    def __init__(self, status, code):
        super().__init__(code)
        self.status, self.code = status, code


def answer(form):
    """What stands in the element of the result."""
    action = form["Action"]
    if action == "DescribeDBInstances":  # one on a page
        all_of_them, marker = databases(), form.get("Marker", "")
        at = int(marker or 0)
        found = "".join(
            f"<DBInstance><DBInstanceIdentifier>{name}</DBInstanceIdentifier></DBInstance>"
            for name in all_of_them[at : at + 1]
        )
        more = f"<Marker>{at + 1}</Marker>" if at + 1 < len(all_of_them) else ""
        return f"<DBInstances>{found}</DBInstances>{more}"
    folder = os.path.join(ROOT, form["DBInstanceIdentifier"])
    if form["DBInstanceIdentifier"] not in databases():
        raise Refused(404, "DBInstanceNotFound")
    if action == "DescribeDBLogFiles":
        found = "".join(
            f"<DescribeDBLogFilesDetails><LastWritten>{written}</LastWritten><LogFileName>{html.escape(name)}</LogFileName>"
            f"<Size>{size}</Size></DescribeDBLogFilesDetails>"
            for name, size, written in sorted(files(folder))
            if written >= int(form.get("FileLastWritten", 0))
        )
        return f"<DescribeDBLogFiles>{found}</DescribeDBLogFiles>"
    if action == "DownloadDBLogFilePortion":
        path = os.path.join(folder, form["LogFileName"])
        if not os.path.exists(path):
            raise Refused(404, "DBLogFileNotFoundFault")
        text, marker, is_more = portion(path, form["Marker"], int(form.get("NumberOfLines", 10_000)))
        more = "true" if is_more else "false"
        data = html.escape(text, quote=False).replace("\r", "&#xD;")
        return f"<LogFileData>{data}</LogFileData><Marker>{marker}</Marker><AdditionalDataPending>{more}</AdditionalDataPending>"
    raise Refused(400, "InvalidAction")


class Rds(BaseHTTPRequestHandler):
    """The API."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        action = form["Action"]
        signed = "/us-east-1/rds/aws4_request, SignedHeaders=" in self.headers.get("Authorization", "")
        with LOCK:
            try:
                code = trouble()
                if code or not signed or form["Version"] != "2014-10-31":
                    raise Refused(400, code or "IncompleteSignature")
                status, text = 200, (
                    f'<{action}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><{action}Result>{answer(form)}'
                    f"</{action}Result><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></{action}Response>"
                )
            except Refused as refused:
                status, text = refused.status, (
                    '<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><Error><Type>Sender</Type>'
                    f"<Code>{refused.code}</Code><Message>{refused.code}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
                )
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Says nothing."""


class Server(ThreadingHTTPServer):
    """Says nothing of who is gone: tests kill the program that asks."""

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Rds)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
sys.stdin.read()
os._exit(0)
