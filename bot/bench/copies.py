"""Ledgers of a long life: one incident that really happened, and as many copies as are wanted."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx

from bot.bench import children, newcomer, town
from bot.bench.children import Child
from bot.bench.measure import NotMeasured, Trial
from bot.bench.town import Sick
from bot.clock import Clock
from bot.core.transcript import Draft, Entry
from bot.rehearsal.workspace import Workspace
from bot.rehearsal.workspace.cast import App
from bot.store import reading
from bot.store.file import connect
from bot.store.inbox import Inbox
from bot.store.view import View
from bot.store.writer import Writer

PATIENCE = 90.0
FIRST = f"{0:016x}"
"""The fingerprint of the alert of the incident that is copied."""
ORIGINAL = "original.db"
TOKENS = (App.bot_token, App.app_token)
"""By which a newcomer comes in: it loads no workspace that could tell it."""
TOGETHER = 500


async def healed(trial: Trial, count: int) -> Path:
    """A ledger with so many incidents that were asked for, healed, verified and resolved."""
    async with town.sick(hangs=False) as sick, _bot(trial, sick) as (bot, workspace):
        await _begun(trial, bot, workspace)
        await until(lambda: told(_original(trial), "run.verified"), "it was not verified")
        await _post(bot, "resolved")
        await until(lambda: told(_original(trial), "incident.closed"), "it was not resolved")
    return _copied(trial, count)


async def killed(trial: Trial, count: int) -> Path:
    """A ledger with so many incidents whose process was killed in the middle of a step."""
    async with town.sick(hangs=True) as sick, _bot(trial, sick) as (bot, workspace):
        await _begun(trial, bot, workspace)
        await until(lambda: told(_original(trial), "step.claimed"), "no step was begun")
        await bot.kill()
    return _copied(trial, count)


async def asked(trial: Trial, count: int) -> Path:
    """A ledger with so many incidents that wait for somebody's yes, none of them in Slack yet."""
    async with town.sick(hangs=True) as sick, _bot(trial, sick) as (bot, _):
        await _post(bot, "firing")
        await until(lambda: told(_original(trial), "approval.asked"), "nobody was asked")
        await bot.kill()
    return _copied(trial, count)


async def waiting(ledger: Path, count: int) -> None:
    """Put so many alerts into the inbox that were accepted and not taken yet."""
    writer = await Writer.open(ledger)
    inbox, now = await Inbox.open(writer), Clock().now()
    for start in range(0, count, TOGETHER):
        some = range(start, min(start + TOGETHER, count))
        puts = (inbox.put([], "alerts/alertmanager", _body(each), {}, now) for each in some)
        await asyncio.gather(*puts)
    await writer.close()


def told(ledger: Path, kind: str, after: int = 0) -> int:
    """How many entries of a kind the file holds behind one of them."""
    sql = "select count(*) from entry where kind = ? and seq > ?"
    with closing(sqlite3.connect(ledger)) as conn:
        return int(conn.execute(sql, [kind, after]).fetchone()[0])


def messages(ledger: Path) -> int:
    """How many messages stand in Slack, or should."""
    with closing(sqlite3.connect(ledger)) as conn:
        return int(conn.execute("select count(*) from outbox").fetchone()[0])


def posted(ledger: Path) -> None:
    """Write down that Slack took all of them: at its pace that would be most of an hour."""
    with closing(sqlite3.connect(ledger)) as conn, conn:
        conn.execute(
            "update outbox set sent_hash = wanted_hash, ts = coalesce(ts, (rowid + 1e9) || '.0')"
        )


async def until(held: Callable[[], object], why_not: str) -> None:
    """Wait for it; NotMeasured when it does not come."""
    clock = Clock()
    end = clock.monotonic() + PATIENCE
    while not held():
        if clock.monotonic() > end:
            raise NotMeasured(why_not)
        await clock.sleep(0.02)


@asynccontextmanager
async def _bot(trial: Trial, sick: Sick) -> AsyncIterator[tuple[Child, Workspace]]:
    runbooks = town.library(trial.directory / "first", sick.host, 1, 0)
    async with Workspace.open(tiers=False) as workspace:
        settings = {
            "api": workspace.api_url, "tokens": TOKENS, "host": sick.host,
            "ledger": str(_original(trial)), "runbooks": str(runbooks),
        }  # fmt: skip
        module, core = newcomer.__name__, trial.cores.server
        async with children.started(module, settings, trial.directory, core) as bot:
            yield bot, workspace


async def _begun(trial: Trial, bot: Child, workspace: Workspace) -> None:
    """One alert, and somebody who says yes to its plan."""
    await _post(bot, "firing")
    await until(lambda: told(_original(trial), "approval.asked"), "nobody was asked")
    await until(lambda: _card(workspace), "no card was posted")
    await workspace.click("andre", "alerts", _card(workspace), "approve_recovery")


def _card(workspace: Workspace) -> str:
    found = (
        str(one["ts"]) for one in workspace.messages("alerts")
        if "approve_recovery" in json.dumps(one.get("blocks", []))
    )  # fmt: skip
    return next(found, "")


async def _post(bot: Child, status: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.post(
            f"http://127.0.0.1:{bot.port}/alerts/alertmanager",
            json=town.message(town.NAME, FIRST, status),
            headers={"Authorization": f"Bearer {newcomer.TOKEN}"},
        )


def _original(trial: Trial) -> Path:
    return trial.directory / ORIGINAL


def _copied(trial: Trial, count: int) -> Path:
    """Each copy of another service and alert, chained anew as the product does it."""
    story = [entry for entry in reading.entries(_original(trial)) if entry.incident]
    ledger = trial.directory / "heal.db"
    with closing(connect(ledger, 0)) as db:
        view = View(db)
        db.execute("begin")
        for number in range(count):
            for draft in _copy(story, number):
                view.append(draft)
            view.added.clear()
        db.execute("commit")
    return ledger


def _copy(story: list[Entry], number: int) -> Iterator[Draft]:
    others = {
        story[0].incident: f"inc-c{number}",
        town.NAME: town.copied(number),
        FIRST: f"{number + 1:016x}",
    }
    for entry in story:
        incident, key, body = entry.incident, entry.key, entry.body
        for old, new in others.items():
            incident, key, body = (text.replace(old, new) for text in (incident, key, body))
        yield Draft(
            at=entry.at, incident=incident, actor=entry.actor, kind=entry.kind, key=key, body=body
        )


def _body(number: int) -> bytes:
    """Alerts of fifty services, each of them another one."""
    service, fingerprint = town.copied(number % 50), f"{number + (1 << 40):016x}"
    return json.dumps(town.message(service, fingerprint, "firing")).encode()
