"""
F2: a bare durable engine: aiohttp, group commit with FULL sync, an indexed match, journaled steps.

An alert is stored, its rule found by its name, and five steps are run, each with its intent
committed before and its outcome after. The first is one call over HTTP, the others do nothing. It
checks no token and no shape, has no policy, no approval, no plan, no evidence, no proof, no chain
and no chat, and cannot go back.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

from aiohttp import web

from bot.bench.floors.intake import stand
from bot.bench.outside import Acting
from bot.bench.stopwatch import STEPS, Stopwatch

BATCH = 512
TABLES = """
    create table alert (id integer primary key, fingerprint text unique, body blob) strict;
    create table run (id text primary key, rule integer, state text) strict;
    create table journal (
        run text, step integer, said text, primary key (run, step, said)
    ) strict, without rowid;
"""
ALERT = "insert or ignore into alert (fingerprint, body) values (?, ?)"
BEGIN = "insert into run values (?, ?, 'running')"
STEP = "insert into journal values (?, ?, ?)"
END = "update run set state = 'done' where id = ?"


class Rule(NamedTuple):
    """What an alert of its name must be besides, for it to run."""

    number: int
    severity: str
    environment: str


class Asked(NamedTuple):
    """A statement, and who waits until it is on disk; the number of rows is the answer."""

    sql: str
    values: Sequence[object]
    future: asyncio.Future[int]


class File:
    """A thread with the only connection: what waits together is committed together."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[Asked] = SimpleQueue()
        Thread(target=self._run, daemon=True).start()

    def write(self, sql: str, *values: object) -> asyncio.Future[int]:
        asked = Asked(sql, values, self._loop.create_future())
        self._queue.put(asked)
        return asked.future

    def _run(self) -> None:
        conn = sqlite3.connect(self._path, isolation_level=None)
        conn.execute("pragma journal_mode = wal")
        conn.execute("pragma synchronous = full")
        conn.executescript(TABLES)
        while True:
            batch = [self._queue.get()]
            try:
                while len(batch) < BATCH:
                    batch.append(self._queue.get_nowait())
            except Empty:
                pass
            conn.execute("begin immediate")
            told = [(one.future, conn.execute(one.sql, one.values).rowcount) for one in batch]
            conn.execute("commit")
            self._loop.call_soon_threadsafe(_answer, told)


def _answer(told: Sequence[tuple[asyncio.Future[int], int]]) -> None:
    for future, rows in told:
        if not future.done():
            future.set_result(rows)


class Engine:
    """The rules by the name of their alert, and the runs that are under way."""

    def __init__(self, file: File, rules: int, watch: Stopwatch, outside: Acting) -> None:
        self._file = file
        self._outside = outside
        self._watch = watch
        self._running: set[asyncio.Task[None]] = set()
        self._rules: defaultdict[str, list[Rule]] = defaultdict(list)
        for number in range(rules):
            self._rules[f"Bench{number}"].append(Rule(number, "warning", "bench"))

    async def alerts(self, request: web.Request) -> web.Response:
        body = await request.read()
        alert = json.loads(body)["alerts"][0]
        if await self._file.write(ALERT, alert["fingerprint"], body):
            self._begin(alert["fingerprint"], alert["labels"])
        return web.Response(status=202, body=b'{"accepted": 1}', content_type="application/json")

    def _begin(self, mark: str, labels: Mapping[str, str]) -> None:
        found = (labels["severity"], labels["environment"])
        for rule in self._rules.get(labels["alertname"], ()):
            if (rule.severity, rule.environment) == found:
                task = asyncio.get_running_loop().create_task(self._run(mark, rule))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
                return

    async def _run(self, mark: str, rule: Rule) -> None:
        await self._file.write(BEGIN, mark, rule.number)
        for step in range(STEPS):
            await self._file.write(STEP, mark, step, "begun")
            self._watch.acted(mark)
            if step == 0:
                await self._outside.hit(mark)
            await self._file.write(STEP, mark, step, "done")
        await self._file.write(END, mark)
        self._watch.ended(mark)


async def main(told: Mapping[str, Any]) -> None:
    watch = Stopwatch()
    async with Acting.on(told["outside"]) as outside:
        engine = Engine(File(told["file"]), told["rules"], watch, outside)
        app = web.Application()
        app.router.add_post("/alerts/alertmanager", engine.alerts)
        watch.serve(app)
        await stand(app)
