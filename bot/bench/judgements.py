"""Judgements: what it costs to judge a plan, and to replay what was recorded, in a big house."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import garbage
from bot.bench import child, children, copies, town
from bot.bench.figures import quantile
from bot.bench.measure import NotMeasured, Play, Sample, Trial
from bot.catalog import shelving
from bot.catalog.library import load_library
from bot.core.blast_radius import BlastRadius, Target
from bot.core.catalogue import Service
from bot.core.facts import Opened, Started
from bot.core.incident import Incident
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.core.matching import Shelf
from bot.core.plan import Criteria, Plan, PlannedStep, Reversibility, Scope
from bot.core.policy import rules
from bot.core.policy.rulebook import Rulebook
from bot.core.policy.sections import Per
from bot.engine import judging
from bot.engine.healing import WORKFLOW
from bot.plugins import Toolbox
from bot.rehearsal.policy import then
from bot.rehearsal.policy.replaying import replay

NOW = datetime(2026, 3, 14, 3, 0, tzinfo=UTC)
SERVICES, LINES, RUNS = 1000, 200, 100
"""A big house: its services, the lines of its policy, its runs of the last hour."""
RUNBOOK, ENVIRONMENT = "recreate-pod", "production"
JUDGED = 3000
RECORDED = 10_000


def judged(services: int, lines: int) -> Play:
    """Milliseconds of processor for one plan, the case and all rules: `p50` and `p99`."""

    async def play(trial: Trial) -> Sample:
        told = {"services": services, "lines": lines, "count": trial.count(JUDGED, 50)}
        said = await children.result(__name__, told, trial.directory, trial.cores.server)
        return Sample({"p50": said["p50"], "p99": said["p99"]})

    return play


async def replayed(trial: Trial) -> Sample:
    """`seconds` of processor to judge the plans of 10,000 recorded alerts by two big policies."""
    ledger = await copies.healed(trial, trial.count(RECORDED, 20))
    told = {"ledger": str(ledger), "directory": str(trial.directory)}
    said = await children.result(__name__, told, trial.directory, trial.cores.server)
    return Sample({"seconds": said["seconds"], "each": said["seconds"] * 1000 / said["judged"]})


async def main(told: Mapping[str, Any]) -> None:
    """Do one or the other in a process of its own."""
    if "ledger" in told:
        child.say(**_replay(Path(told["ledger"]), Path(told["directory"])))
    else:
        child.say(**_judge(told["services"], told["lines"], told["count"]))


def _judge(services: int, lines: int, count: int) -> dict[str, float]:
    library = Library(
        runbooks=(),
        shelf=Shelf(()),
        services=tuple(map(_service, range(services))),
        rulebook=rulebook(lines, ENVIRONMENT),
        policy_digest="",
    )
    with then.opened(None) as stood:
        world = then.world(library, stood.cases, then.Stopped(NOW))
        for number in range(RUNS):
            stood.cases.runs.recall(f"inc-{number}", _started(number), _ago(number), State.RESOLVED)
        asked = [_asked(number % services) for number in range(count)]
        garbage.settle_down()
        took = []
        for incident, plan in asked:
            began = time.thread_time()  # of processor: others may be at work as well
            rules.judge(judging.case(world, incident, plan, ""))
            took.append((time.thread_time() - began) * 1000)
    return {"p50": quantile(took, 0.5), "p99": quantile(took, 0.99)}


def _replay(ledger: Path, directory: Path) -> dict[str, float]:
    books = town.library(directory / "replayed", "127.0.0.1:1", 1, SERVICES)
    old = load_library(books, shelving.known_names(Toolbox(None, lambda _: {})))
    new = Library(**{**vars(old), "rulebook": rulebook(LINES, "bench")})
    began = time.thread_time()
    with then.opened(ledger, datetime.min.replace(tzinfo=UTC)) as stood:
        found = replay(stood, old, new)
    if not found.judged:
        raise NotMeasured("no plan was recorded")
    return {"seconds": time.thread_time() - began, "judged": found.judged}


def rulebook(lines: int, environment: str) -> Rulebook:
    """A policy of so many lines: two fifths freezes, two fifths rates, the rest pre-approvals."""
    share = lines * 2 // 5
    places = [{"services": [_name(number), f"team-{number}-*"]} for number in range(share)]
    freezes = [
        {"name": f"release {n}", "starts": NOW + timedelta(hours=n), **place,
         "ends": NOW + timedelta(hours=n + 1), "environments": [environment]}
        for n, place in enumerate(places)
    ]  # fmt: skip
    house = [{"per": per, "limit": 900, "within": timedelta(hours=1)} for per in Per]
    own = [{"per": Per.SERVICE, "limit": 900, "within": timedelta(hours=1), **p} for p in places]
    ready = [{"runbook": RUNBOOK, "service": _name(n)} for n in range(lines - 2 * share)]
    return Rulebook.model_validate(
        {
            "approvers": {"high": {"groups": ["oncall"]}},
            "freezes": freezes,
            "rates": [*house, *own[len(house) :]],
            "production": {"preapproved": ready},
        }
    )


def _name(number: int) -> str:
    return f"service-{number}"


def _key(number: int) -> str:
    return f"kubernetes:{ENVIRONMENT}/{_name(number)}/pod-0"


def _service(number: int) -> Service:
    claims = f"kubernetes:{ENVIRONMENT}/{_name(number)}/*, host:*/unit:{_name(number)}"
    return Service(
        name=_name(number), environment=ENVIRONMENT, owner="team", tier=3, stateless=True,
        facts={"targets": claims} if number % 2 else {},
    )  # fmt: skip


def _started(number: int) -> Started:
    return Started(
        digest="", runbook=RUNBOOK, service=_name(number), environment=ENVIRONMENT,
        targets=(_key(number),),
    )  # fmt: skip


def _ago(number: int) -> datetime:
    return NOW - timedelta(minutes=59) * (number + 1) / RUNS


def _asked(number: int) -> tuple[Incident, Plan]:
    opened = Opened(
        workflow=WORKFLOW, service=_name(number), environment=ENVIRONMENT, title="it is sick"
    )
    return Incident(id=f"inc-of-{number}", opened=opened, opened_at=NOW), _plan(number)


def _plan(number: int) -> Plan:
    radius = BlastRadius(
        targets=tuple(_targets(number)), unit="pod", touched=1, down_at_once=1, total=4
    )
    step = PlannedStep(
        number=1, action="kubernetes.evict_pod", params={}, timeout=30,
        scope=Scope(blast_radius=radius, pre_state={}, says="evict it"),
        reversibility=Reversibility.SELF_RESTORING,
    )  # fmt: skip
    return Plan(
        incident=f"inc-of-{number}", runbook=RUNBOOK, runbook_digest="", policy_digest="",
        title="Recreate a pod", service=_name(number), environment=ENVIRONMENT, params={},
        steps=(step,),
        criteria=Criteria(probes=(), success="true", within=60, every=5, hold=10, relapse=1200),
    )  # fmt: skip


def _targets(number: int) -> Iterator[Target]:
    yield Target(key=_key(number), name=f"a pod of {_name(number)}")
