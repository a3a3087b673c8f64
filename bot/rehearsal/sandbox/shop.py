"""A small web shop that can be broken on request; a program of its own, started by its path.

It imports nothing of this product, so that it is up at once. Settings, and what is wrong outside
of the process, stand in its state file and outlive a restart; what is wrong inside of it does not.
It says what really happened on its standard output, one line of JSON for each event.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import signal
import socketserver
import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple

VERSION = "1.4.2"
QUIET, BUSY = 6, 40
"""How many connections customers want, on a quiet day and on a busy one."""
TROUBLES = ("crash", "hang", "leak", "upstream", "pool")
HOW = f"{', '.join(TROUBLES)} or mend"
LASTING = {"upstream", "pool"}
"""Troubles that are not of the process, so that a restart does not mend them."""
SETTINGS: dict[str, tuple[str, Sequence[object], str]] = {
    "/settings/pool": ("size", range(1, 201), "a whole number from 1 to 200"),
    "/settings/breaker": ("state", ("closed", "open"), "closed or open"),
}
LARGEST_BODY = 10_000
PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title>'
    '<body style="font:18px system-ui;margin:4em auto;max-width:30em"><h1>{name}</h1><p>{says}</p>'
    "<p>Version {version}, {in_use} of {size} connections in use.</p></body></html>\n"
)

Wanted = dict[str, object]


class Answer(NamedTuple):
    """What goes back; after the `last` one the process is gone."""

    status: int
    body: str
    kind: str = "application/json"
    last: bool = False


class Shop:
    """How the shop is; a change is in the state file before it is answered."""

    def __init__(self, name: str, state: Path) -> None:
        self.name = name
        self._state = state
        self._settings: dict[str, Any] = {"size": 20, "state": "closed"}
        self._wrong: set[object] = set()
        if state.exists():
            kept = json.loads(state.read_text())
            self._settings, self._wrong = kept["settings"], set(kept["wrong"])
        self._began = time.monotonic()
        self._changed = threading.Condition()
        self._answered = self._failed = 0

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Answer one request; a hanging shop lets customers and health checks wait."""
        with self._changed:
            if path in {"/", "/healthz"}:
                self._changed.wait_for(lambda: "hang" not in self._wrong)
            answer = self._reply(method, path, _parsed(body))
            if path != "/metrics":
                self._answered += 1
                self._failed += answer.status >= 500
            return answer

    def say(self, what: str, value: object = None) -> None:
        """One write for one line, so that lines of several processes never mix."""
        at = round(time.time(), 3)  # noqa: TID251 - a process of its own is handed no clock
        line = {"at": at, "unit": self.name, "pid": os.getpid(), "what": what, "value": value}
        os.write(1, json.dumps(line).encode() + b"\n")

    def _reply(self, method: str, path: str, wanted: Wanted) -> Answer:
        if (route := ROUTES.get(f"{method} {path}")) is not None:
            return route(self, wanted)
        setting = SETTINGS.get(path)
        if setting is None or method not in {"GET", "PUT"}:
            return _json(404, {"error": f"there is no {method} {path}"})
        key, allowed, words = setting
        if method == "GET":
            return _json(200, {key: self._settings[key]})
        value = wanted.get(key)
        if type(value) is not type(self._settings[key]) or value not in allowed:
            return _json(400, {"error": f"{key} is {words}, not {value!r}"})
        self._settings[key] = value
        return self._change("put", {key: value})

    def page(self, _: Wanted) -> Answer:
        trouble = self._trouble()
        says = f"Sorry, we cannot serve you now: {trouble}." if trouble else "We are open. Welcome!"
        text = PAGE.format(name=html.escape(self.name), says=says, version=VERSION, **self._pool())
        return Answer(503 if trouble else 200, text, "text/html; charset=utf-8")

    def health(self, _: Wanted) -> Answer:
        body: Wanted = {
            "status": "ok", "version": VERSION, "pool": self._pool(),
            "uptime_s": round(time.monotonic() - self._began, 3),
        }  # fmt: skip
        if trouble := self._trouble():
            return _json(503, body | {"status": "degraded", "reason": trouble})
        return _json(200, body)

    def upstream(self, _: Wanted) -> Answer:
        """How the payment gateway is: what a breaker in front of it waits for."""
        up = "upstream" not in self._wrong
        return _json(200 if up else 503, {"status": "ok" if up else "times out"})

    def metrics(self, _: Wanted) -> Answer:
        pool = self._pool()
        lines = (
            f"# TYPE shop_{name} {kind}\nshop_{name} {value:d}\n"
            for name, kind, value in (
                ("up", "gauge", not self._trouble()),
                ("requests_total", "counter", self._answered),
                ("errors_total", "counter", self._failed),
                ("pool_in_use", "gauge", pool["in_use"]),
                ("pool_size", "gauge", pool["size"]),
            )
        )
        return Answer(200, "".join(lines), "text/plain; version=0.0.4; charset=utf-8")

    def break_(self, wanted: Wanted) -> Answer:
        how = wanted.get("how")
        if how == "mend":
            return self.mend(wanted)
        if how not in TROUBLES:
            return _json(400, {"error": f"how is {HOW}, not {how!r}"})
        self._wrong.add(how)
        return self._change("break", {"how": how})._replace(last=how == "crash")

    def mend(self, _: Wanted) -> Answer:
        """Take every trouble away; settings stay as they are."""
        self._wrong.clear()
        self._changed.notify_all()
        return self._change("mend", {})

    def _trouble(self) -> str:
        """Why customers cannot be served; empty when they can."""
        if "leak" in self._wrong:
            return "out of memory"
        if "upstream" in self._wrong and self._settings["state"] == "closed":
            return "payment gateway times out"
        short = "pool" in self._wrong and self._pool()["in_use"] < BUSY
        return "connection pool exhausted" if short else ""

    def _pool(self) -> dict[str, int]:
        size: int = self._settings["size"]
        return {"size": size, "in_use": min(BUSY if "pool" in self._wrong else QUIET, size)}

    def _change(self, what: str, value: Wanted) -> Answer:
        """Write the whole state or nothing of it, say what happened, and echo it."""
        fresh = self._state.with_suffix(".fresh")
        kept = {"settings": self._settings, "wrong": sorted(LASTING & self._wrong)}
        fresh.write_text(json.dumps(kept))
        fresh.replace(self._state)
        self.say(what, value)
        return _json(200, value)


ROUTES: dict[str, Callable[[Shop, Wanted], Answer]] = {
    "GET /": Shop.page,
    "GET /healthz": Shop.health,
    "GET /upstream": Shop.upstream,
    "GET /metrics": Shop.metrics,
    "POST /break": Shop.break_,
    "POST /mend": Shop.mend,
}


class Request(BaseHTTPRequestHandler):
    """One request and its answer."""

    server: Server

    def do_GET(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self.send_error(413)
            return
        body = self.rfile.read(int(length))
        answer = self.server.shop.answer(self.command, self.path.partition("?")[0], body)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.end_headers()
        self.wfile.write(answer.body.encode())
        if answer.last:
            os._exit(1)

    do_PUT = do_POST = do_GET  # noqa: N815 - the base's own names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's own name
        """Say nothing: a health check a second would fill the log."""


class Server(socketserver.ThreadingTCPServer):
    """Shares its port with whoever keeps it free for the shop while the shop is down."""

    allow_reuse_address = allow_reuse_port = daemon_threads = True
    request_queue_size = 128

    def __init__(self, shop: Shop, port: int) -> None:
        super().__init__(("127.0.0.1", port), Request, bind_and_activate=False)
        self.shop = shop
        self.server_bind()
        shop.say("start")
        self.server_activate()


def main() -> None:
    """Serve until SIGTERM or, on a leash, until standard input ends with whoever holds it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--leash", action="store_true")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if args.leash:
        threading.Thread(target=lambda: os.read(0, 1) or os._exit(0), daemon=True).start()
    Server(Shop(args.name, args.state), args.port).serve_forever()


def _json(status: int, body: Wanted) -> Answer:
    return Answer(status, json.dumps(body))


def _parsed(body: bytes) -> Wanted:
    """The body when it is a JSON object; else nothing, which those who want a value refuse."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


if __name__ == "__main__":
    main()
