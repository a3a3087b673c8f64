"""A small exporter: at each scrape it asks one address, and says whether it answered with 200.

A program of its own, started by its path; it prints the port that it serves on.
"""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

WITHIN = 5.0
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def answers(url: str) -> bool:
    try:
        with DIRECT.open(url, timeout=WITHIN) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


class Scrape(BaseHTTPRequestHandler):
    asked: ClassVar[str] = ""

    def do_GET(self) -> None:
        body = f"# TYPE probe_success gauge\nprobe_success {answers(self.asked):d}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


if __name__ == "__main__":
    Scrape.asked = sys.argv[1]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Scrape)
    print(server.server_address[1], flush=True)
    server.serve_forever()
