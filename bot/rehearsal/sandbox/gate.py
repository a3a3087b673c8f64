"""A small gateway before the shop: breaker, rate limit and choice of upstream that take effect.

A program of its own, started by its path like the shop, and as ignorant of this product. Customers
ask for `/` and say who they are in X-Client; its settings stand in a state file and outlive a
restart. It says what really happened on its standard output, one line of JSON for each event.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib import error, request

PATIENCE = 1.0
"""Seconds that an upstream has for its answer."""
REMEMBERED = 20
"""Answers that the share of errors is counted over."""
NO_LIMIT = {"client": "", "limit": 0, "window_s": 60, "for_s": 0}

Values = dict[str, Any]


class Reply(NamedTuple):
    """What a customer or an operator gets."""

    status: int
    body: Values


def _whole(least: int, most: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and least <= value <= most


class Gate:
    """What it is told and what passes through it; `upstreams` are base addresses by their names."""

    def __init__(self, name: str, state: Path, upstreams: dict[str, str]) -> None:
        self.name = name
        self._state = state
        self._upstreams = upstreams
        self._told: dict[str, Values] = {
            "breaker": {"state": "closed", "open_for_s": 60, "half_open_requests": 3},
            "limit": dict(NO_LIMIT),
            "upstream": {"active": next(iter(upstreams)), "health_interval_s": 10},
        }
        if state.exists():
            self._told = json.loads(state.read_text())
        self._allowed: dict[str, Callable[[object], bool]] = {
            "state": lambda value: value in {"closed", "open"},
            "open_for_s": _whole(1, 3600),
            "half_open_requests": _whole(1, 100),
            "client": lambda value: isinstance(value, str),
            "limit": _whole(0, 1_000_000),
            "window_s": _whole(1, 3600),
            "for_s": _whole(0, 86_400),
            "active": upstreams.__contains__,
            "health_interval_s": _whole(1, 3600),
        }
        self._lock = threading.Lock()
        self._changed = dict.fromkeys(self._told, time.monotonic())
        self._trials = 0
        self._failed: deque[bool] = deque(maxlen=REMEMBERED)
        self._passed, self._refused = Counter[str](), Counter[str]()
        self._window = time.monotonic()

    def customer(self, client: str) -> Reply:
        """Answer one customer: refuse, spare the upstream or ask it."""
        with self._lock:
            self._tick()
            limit = self._told["limit"]
            limited = limit["limit"] and client == limit["client"]
            if limited and self._passed[client] >= limit["limit"]:
                self._refused[client] += 1
                return Reply(429, {"says": f"no more than {limit['limit']} requests"})
            self._passed[client] += 1
            spared = self._spares()
            active = self._told["upstream"]["active"]
        if spared:
            status, body = 200, {"from": "what was kept"}
        else:
            status, body = _ask(self._upstreams[active]), {"from": active}
        with self._lock:
            self._failed.append(status >= 500)
            if not spared:
                self._tried(well=status < 500)
        return Reply(status, body)

    def traffic(self) -> Reply:
        """What passed: the share of errors in percent, and customers of the present window."""
        with self._lock:
            self._tick()
            share = 100 * sum(self._failed) / len(self._failed) if self._failed else 0.0
            passed, refused = dict(self._passed), dict(self._refused)
        return Reply(200, {"error_percent": share, "passed": passed, "refused": refused})

    def measured(self) -> Reply:
        """The share of errors as Prometheus answers a query for it."""
        sample = {"metric": {}, "value": [0, str(self.traffic().body["error_percent"] / 100)]}
        data = {"resultType": "vector", "result": [sample]}
        return Reply(200, {"status": "success", "data": data})

    def told(self, which: str) -> Reply:
        with self._lock:
            self._tick()
            return Reply(200, dict(self._told[which]))

    def tell(self, which: str, wanted: Values) -> Reply:
        """Change all that is wanted or nothing of it."""
        with self._lock:
            now = self._told[which]
            for key, value in wanted.items():
                if key not in now or not self._allowed[key](value):
                    return Reply(400, {"error": f"{which} has no {key} {value!r}"})
            self._put(which, now | wanted)
            self._failed.clear()
            return Reply(200, wanted)

    def say(self, what: str, value: object = None) -> None:
        at = round(time.time(), 3)  # noqa: TID251 - a process of its own is handed no clock
        line = {"at": at, "unit": self.name, "pid": os.getpid(), "what": what, "value": value}
        os.write(1, json.dumps(line).encode() + b"\n")

    def _put(self, which: str, values: Values) -> None:
        self._told[which] = values
        self._changed[which] = time.monotonic()
        self._trials = 0
        if which == "limit":
            self._begin_window()
        fresh = self._state.with_suffix(".fresh")
        fresh.write_text(json.dumps(self._told))
        fresh.replace(self._state)
        self.say("put", {which: values})

    def _tick(self) -> None:
        """What time does by itself: a limit ends, a window begins anew."""
        limit = self._told["limit"]
        if limit["for_s"] and self._since("limit") >= limit["for_s"]:
            self._put("limit", dict(NO_LIMIT))
        if time.monotonic() - self._window >= self._told["limit"]["window_s"]:
            self._begin_window()

    def _begin_window(self) -> None:
        self._window = time.monotonic()
        self._passed.clear()
        self._refused.clear()

    def _spares(self) -> bool:
        """Whether the breaker keeps this request from the upstream; half open lets some try."""
        breaker = self._told["breaker"]
        if breaker["state"] == "closed":
            return False
        if self._since("breaker") < breaker["open_for_s"]:
            return True
        return self._trials >= int(breaker["half_open_requests"])

    def _tried(self, *, well: bool) -> None:
        """Half open: one failure opens it again, enough that go well close it."""
        breaker = self._told["breaker"]
        if breaker["state"] == "closed":
            return
        self._trials += 1
        if not well:
            self._put("breaker", breaker)
        elif self._trials >= breaker["half_open_requests"]:
            self._put("breaker", breaker | {"state": "closed"})

    def _since(self, which: str) -> float:
        return time.monotonic() - self._changed[which]


def _ask(upstream: str) -> int:
    try:
        with request.urlopen(f"{upstream}/", timeout=PATIENCE) as answer:  # noqa: S310 - http only
            return int(answer.status)
    except error.HTTPError as refused:
        return refused.code
    except OSError:
        return 502


class Request(BaseHTTPRequestHandler):
    """One request and its answer."""

    gate: Gate

    def do_GET(self) -> None:
        routes: dict[str, Callable[[], Reply]] = {
            "/": lambda: self.gate.customer(self.headers.get("X-Client", "")),
            "/healthz": lambda: Reply(200, {"status": "ok"}),
            "/traffic": self.gate.traffic,
            "/api/v1/query": self.gate.measured,
        }
        path = self.path.partition("?")[0]
        which = path.removeprefix("/settings/")
        if which in {"breaker", "limit", "upstream"}:
            self._send(self.gate.told(which) if self.command == "GET" else self._told(which))
        else:
            self._send(routes.get(path, lambda: Reply(404, {"error": f"there is no {path}"}))())

    def _told(self, which: str) -> Reply:
        try:
            wanted = json.loads(self.rfile.read(min(int(self.headers["Content-Length"]), 10_000)))
        except (TypeError, ValueError):
            return Reply(400, {"error": "send a JSON object"})
        return self.gate.tell(which, wanted if isinstance(wanted, dict) else {})

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(reply.body).encode())

    do_PUT = do_GET  # noqa: N815 - the base's own names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's own name
        """Say nothing."""


def main() -> None:
    """Serve until SIGTERM, or until standard input ends with whoever holds it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--upstream", action="append", required=True, metavar="NAME=URL")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    threading.Thread(target=lambda: os.read(0, 1) or os._exit(0), daemon=True).start()
    Request.gate = Gate(args.name, args.state, dict(one.split("=", 1) for one in args.upstream))
    Server(("127.0.0.1", args.port), Request).serve_forever()


class Server(ThreadingHTTPServer):
    """Shares its port with whoever keeps it free for the gate while the gate is down."""

    allow_reuse_port = daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    main()
