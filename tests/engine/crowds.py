"""Many services at once, each with a target of its own, or some with one that they share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.core.alert import Alert
from bot.core.blast_radius import BlastRadius, Target
from bot.core.library import Library
from bot.core.plan import Scope
from bot.core.values import Frozen
from tests import builders
from tests.engine.houses import House
from tests.fakes import FakeAction

QUICKLY = {
    "probes": [{"probe": "fake.health", "as": "health"}],
    "success": "health.status == 200",
    "within": "5s",
    "every": "1s",
    "hold": "1s",
}
"""Nobody gets well here, which is seen at once: whoever did would have the others do nothing."""


class Sized(Frozen):
    """The pool of one service, and to how many it is set."""

    to: int
    of: str


class Pools(FakeAction):
    """Many pools, each a target of its own."""

    async def scope(self, params: Any) -> Scope:
        target = Target(key=f"fake:{params.of}", name=f"pool of {params.of}")
        radius = BlastRadius(targets=(target,), touched=1, down_at_once=0, total=4)
        return Scope(
            blast_radius=radius, pre_state={"value": 20}, says=f"set {params.of}", undo_says="back"
        )

    async def execute(self, params: Any, before: Any, mark: str = "") -> str:
        self.effects.append(params.of)
        return "it is set"

    async def undo(self, params: Any, before: Any, mark: str = "") -> str:
        return "it is back"


def library(count: int, targets: int, *, floor: float = 0.8, **safety: Any) -> Library:
    """So many services, whose pools are so many targets; all of them ask."""
    given = {"attempts": [{"limit": 100, "within": "1h"}], "cool_down": "1s", **safety}
    rules = {"approvers": {"high": {"groups": ["oncall"]}}, "confidence_floor": floor}
    of = {"to": 50, "of": "${service.facts.pool}"}
    return builders.a_library(
        builders.a_runbook(steps=[{"do": "fake.pool", "with": of}], safety=given, verify=QUICKLY),
        services=tuple(
            builders.a_service(name=f"s{n}", facts={"pool": f"pool-{n % targets}"})
            for n in range(count)
        ),
        rulebook=builders.a_rulebook(**rules, concurrency=safety.get("concurrency", 1000)),
    )


def house(path: Path, known: Library) -> House:
    """A house whose one action is on the pools of these services."""
    made = House(path, known)
    made.pool = Pools("pool", params=Sized)
    made.plugins.actions["fake.pool"] = made.pool
    return made


def alert(number: int) -> Alert:
    labels = {"service": f"s{number}", "environment": "production"}
    return builders.an_alert(fingerprint=f"f{number}", labels=labels)
