"""
Ours without Slack at the other end: every room of the engine as app joins it, on one file.

An alert is authenticated, parsed, stored in the inbox and redacted, becomes an incident, finds its
runbook by its name, has its evidence read, its plan built, judged by every rule, judged again when
it begins, run in five steps of which the first is one call over HTTP and the others do nothing,
and proved by its success criteria, before and after. All of that is chained into the ledger, and
told to Slack as far as the outbox. Nobody empties that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from bot.app import garbage
from bot.bench import toll
from bot.bench.floors.intake import stand
from bot.bench.house import TOKEN
from bot.bench.noops import Health, Touch
from bot.bench.outside import Acting
from bot.bench.stopwatch import STEPS, Stopwatch
from bot.clients.senders import WebhookSettings
from bot.clock import Clock
from bot.core.catalogue import Service
from bot.core.incident import Incident
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.core.matching import Shelf
from bot.core.policy.rulebook import Rulebook
from bot.core.runbook import Runbook
from bot.core.transcript import Entry
from bot.durable.journal import Journal
from bot.durable.naming import new_id
from bot.engine import healing
from bot.engine.casebook import Casebook
from bot.engine.intake import Intake
from bot.engine.receiving import Receiving
from bot.engine.world import World
from bot.ports import Action, Probe
from bot.slack.announcing import Announcer
from bot.slack.attaching import Attaching
from bot.slack.digesting import Digests
from bot.sources.alertmanager import PLUGIN as ALERTMANAGER
from bot.store.inbox import Inbox
from bot.store.ledger import Ledger
from bot.store.outbox import Outbox
from bot.store.past import Past
from bot.store.writer import Writer
from bot.tasks import Tasks
from bot.web.server import AlertDoor, Server

AT_ONCE = 1_000_000
"""Runs under way at once: more than a policy file may say, for no run of a burst is refused."""


class Plugins:
    """The one action and the one probe that the bench's runbooks name."""

    def __init__(self, watch: Stopwatch, outside: Acting) -> None:
        self._touch, self._health = Touch(watch, outside), Health(watch)

    def action(self, name: str) -> Action:
        return self._touch

    def probe(self, name: str) -> Probe:
        return self._health


class Nobody:
    """There is nobody to ask: policy allows what the bench does."""

    async def members(self, groups: Sequence[str], *, within: float = 0.0) -> frozenset[str]:
        return frozenset()

    async def who_is_on_call(self, schedule: str, at: datetime) -> frozenset[str]:
        return frozenset()


def library(runbooks: int, services: int) -> Library:
    """So many runbooks, each for alerts of its own name, and so many services."""
    people = {"high": {"groups": ["oncall"]}}
    rules = Rulebook.model_validate({"approvers": people, "storm": {"above_percent": 100}})
    rules = rules.model_copy(update={"concurrency": AT_ONCE})
    books = tuple(map(_runbook, range(runbooks)))
    return Library(
        runbooks=books,
        shelf=Shelf(books),
        services=tuple(map(_service, range(services))),
        rulebook=rules,
        policy_digest=rules.digest,
    )


def _runbook(number: int) -> Runbook:
    name = {"name": "${params.name}"}
    look = {"probe": "bench.health", "as": "health", "with": name}
    return Runbook.model_validate({
        "runbook": f"bench-{number}", "title": "Touch a thing five times",
        "description": "Nothing is done, so that what is measured is only how it comes about.",
        "owner": "bench", "approved_for": [{"service": "*", "environment": "bench"}],
        "match": {"alerts": [f"Bench{number}"], "severity": ["warning"]},
        "parameters": {"name": {"type": "string", "value": "${service.name}"}},
        "diagnose": [look],
        "steps": [{"do": "bench.touch", "with": name, "timeout": "30s"}] * STEPS,
        "verify": {"probes": [look], "success": "health.ok == true", "within": "1m",
                   "every": "1s", "hold": "0s", "relapse": "20m"},
        "escalate": {"to": "oncall", "say": "Nobody is called for what the bench does."},
        "safety": {"unattended": True, "cool_down": "1s",
                   "attempts": [{"limit": 100, "within": "1s"}]},
        "estimate": {"recovery": "1m"},
    })  # fmt: skip


def _service(number: int) -> Service:
    name = f"s{number}"
    return Service(
        name=name, environment="bench", owner="bench", tier=2, stateless=True,
        facts={"targets": f"bench:{name}"},
    )  # fmt: skip


async def main(told: Mapping[str, Any]) -> None:
    """Serve until let go. Told: ledger, runbooks and services (as numbers), outside (its port)."""
    async with Acting.on(told["outside"]) as outside:
        await _heal(told, outside)


async def _heal(told: Mapping[str, Any], outside: Acting) -> None:
    clock, tasks, watch, path = Clock(), Tasks(), Stopwatch(), Path(told["ledger"])
    writer = await Writer.open(path)
    past = Past(path)
    cases = Casebook(past)
    ledger, books = Ledger(writer), library(told["runbooks"], told["services"])
    ledger.subscribe(cases.take)
    world = World(
        clock=clock, ledger=ledger, plugins=Plugins(watch, outside), people=Nobody(),
        pager=Nobody(), cases=cases,
        library=lambda: books, tasks=tasks, new_id=new_id, channel="C0ALERTS",
    )  # fmt: skip
    journal: Journal = Journal(
        ledger, clock, tasks, workflow=lambda life: healing.heal(life, world, journal),
        versions=frozenset({healing.WORKFLOW}), on_crash=_crashed(watch),
    )  # fmt: skip
    open_ = {"alertmanager": ALERTMANAGER(WebhookSettings(token=SecretStr(TOKEN)))}
    receiving = Receiving(world, await Inbox.open(writer), Intake(world, journal).take, open_)
    announcer = _announcer(Outbox(writer), ledger, cases, clock)
    cases.subscribe(announcer.told)
    cases.subscribe(_watching(watch))
    announcer.start()
    tasks.start(receiving.work(), name="alerts taken from the inbox")
    await _serve(receiving, watch, lambda: toll.taken(world, ledger))
    for close in (journal, tasks, announcer):
        await close.close(0)
    past.close()
    await writer.close()


def _announcer(outbox: Outbox, ledger: Ledger, cases: Casebook, clock: Clock) -> Announcer:
    """Everything that the product says in Slack, as far as the outbox."""
    digests = Digests(cases.get, outbox, clock, channel="C0ALERTS", wake=lambda: None)
    attaching = Attaching(outbox, ledger, clock, "C0ALERTS", lambda: None)
    return Announcer(outbox, attaching, clock, digests, channel="C0ALERTS", wake=lambda: None)


async def _serve(
    receiving: Receiving, watch: Stopwatch, tolled: Callable[[], Awaitable[dict[str, float]]]
) -> None:
    """The product's own server takes the alerts; another one answers what the bench asks."""
    server = await Server(AlertDoor(receiving.receive), None, _ready).open("127.0.0.1", 0)
    asking = web.Application()
    watch.serve(asking)

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(await tolled())

    asking.router.add_get("/toll", answer)
    garbage.settle_down()
    await stand(asking, alerts=server.port)
    await server.close()


async def _ready() -> str:
    return ""


def _crashed(watch: Stopwatch) -> Any:
    async def crashed(incident: str, error: BaseException) -> None:
        watch.ended(incident, f"{incident} broke off: {error}")

    return crashed


def _watching(watch: Stopwatch) -> Any:
    def told(incident: Incident, entry: Entry) -> None:
        if incident.state is State.HEALED and entry.kind == "run.verified":
            watch.ended(incident.service)
        elif incident.over:
            why = incident.closed.says if incident.closed else incident.state
            watch.ended(incident.service, f"{incident.id} was not healed: {why}")

    return told
