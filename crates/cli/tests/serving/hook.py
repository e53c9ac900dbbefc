"""A web hook: keeps the lines that are posted to it, where their signature is right, until its input ends."""

import hashlib
import hmac
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

PORT, SECRET, OUT = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3]
wrong = []


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        code = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        is_right = hmac.compare_digest(code, self.headers["X-Shoseki-Signature-256"] or "")
        if is_right:
            with open(OUT, "ab") as out:
                out.write(body)
        else:
            wrong.append(self.path)
        self.send_response(204 if is_right else 403)
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", PORT), Hook)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
server.shutdown()
sys.exit(1 if wrong else 0)
