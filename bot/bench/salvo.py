"""The salvo: so many alerts, each of another service, all at once or one after the other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Self

from bot.bench import child
from bot.bench.house import TOKEN
from bot.clock import Clock

ROOM = 1 << 20
"""Bytes of an answer at most."""
LINES = 50
"""Connections that are kept open; a burst goes over all of them side by side."""


def message(number: int, rules: int) -> bytes:
    """One alert of service `number`, which one of so many rules is meant for."""
    labels = {
        "alertname": f"Bench{number % rules}", "service": f"s{number}", "environment": "bench",
        "severity": "warning", "cluster": "eu-1", "team": "payments",
    }  # fmt: skip
    alert = {
        "status": "firing", "labels": labels, "fingerprint": f"s{number}",
        "annotations": {"summary": f"s{number} does not answer", "runbook_url": "https://r.example"},
        "startsAt": "2026-03-14T03:00:00Z", "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example:9090/graph?g0.expr=x",
    }  # fmt: skip
    return json.dumps(
        {"version": "4", "status": "firing", "receiver": "heal", "alerts": [alert]}
    ).encode()


def _asked(number: int, rules: int) -> bytes:
    body = message(number, rules)
    head = (
        "POST /alerts/alertmanager HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/json\r\n"
        f"Authorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _ended(runs: int) -> bytes:
    return f"GET /stopwatch?runs={runs} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


class Line:
    """One connection: asks, and reads the answer as far as its status and its length."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, request: bytes) -> bool:
        """Whether it was accepted."""
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await self._reader.readexactly(int(length))
        return head[9:10] == b"2"

    @classmethod
    async def to(cls, port: int) -> Self:
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=ROOM))


async def main(told: Mapping[str, Any]) -> None:
    """
    Send `count` alerts to `port`, all at once or each `pause` seconds after the last run ended.

    `watch` is the port of the contestant's stopwatch, which knows when that was. Says at which
    moment of the monotonic clock each alert was sent, by service, and how many were refused.
    """
    clock, sent, refused = Clock(), dict[str, float](), 0
    waiting = [(number, _asked(number, told["rules"])) for number in range(told["count"])][::-1]
    watch, pause = await Line.to(told["watch"]), told["pause"]

    async def go(line: Line) -> None:
        nonlocal refused
        while waiting:
            number, request = waiting.pop()
            sent[f"s{number}"] = clock.monotonic()
            refused += not await line.ask(request)
            if pause:
                await watch.ask(_ended(number + 1))
                await clock.sleep(pause)

    lines = [await Line.to(told["port"]) for _ in range(1 if pause else LINES)]
    await asyncio.gather(*map(go, lines))
    child.say(sent=sent, refused=refused)
