"""A yes in advance is found in the record of a real run, and missed in each doctored one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.lifecycle import State
from bot.ports import Allowance
from tests.engine.houses import House
from tests.faults import yeses
from tests.faults.yeses import Json, Row

ALLOW = Allowance("raise-pool", "shop", "", timedelta(hours=1), 1, "the release shakes the pool")


async def recorded(path: Path) -> list[Row]:
    """What a house records that heals the shop by a permit."""
    house = House(path / "heal.db")
    await house.open()
    await house.permits.allow(ALLOW, "U1", "")
    await house.permits.decide(house.cases.standing().permits[0].id, "U2", yes=True, why="")
    await house.fire()
    await house.until(State.HEALED, within=60)
    rows = [
        Row(one.seq, one.at.timestamp(), one.incident, one.kind, one.key, json.loads(one.body))
        for one in await house.entries()
    ]
    await house.close()
    return rows


def judged(rows: list[Row]) -> bool:
    """Whether the yes is found, and no run began beyond the permit's count."""
    story, house = [r for r in rows if r.incident], [r for r in rows if not r.incident]
    begun = next(r for r in story if r.kind == "run.started")
    plan = next(r.body["plan"] for r in story if r.kind == "plan.made")
    return yeses.said(story, house, begun, plan, 1) and not yeses.too_many(rows)


def without(kind: str) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [row for row in rows if row.kind != kind]


def told(kind: str, **changes: Json | str | int | list[str]) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [
        replace(row, body={**row.body, **changes}) if row.kind == kind else row for row in rows
    ]


def ended(kind: str) -> Callable[[list[Row]], list[Row]]:
    """Something ended it after it was granted, and before the run began."""

    def doctor(rows: list[Row]) -> list[Row]:
        granted = next(row for row in rows if row.kind == "house.permit.granted")
        body = {"permit": granted.body["permit"]}
        return [*rows, replace(granted, kind=kind, body=body)]

    return doctor


def another(field: str) -> Callable[[list[Row]], list[Row]]:
    """It was asked for something else than the run's own."""

    def doctor(rows: list[Row]) -> list[Row]:
        asked = next(row for row in rows if row.kind == "house.permit.asked")
        return told(asked.kind, wanted={**asked.body["wanted"], field: "another"})(rows)

    return doctor


def twice(rows: list[Row]) -> list[Row]:
    return [*rows, next(row for row in rows if row.kind == "run.started")]


DOCTORED = {
    "never asked for": without("house.permit.asked"),
    "nobody voted": without("house.permit.voted"),
    "never granted": without("house.permit.granted"),
    "granted by its own asker": told("house.permit.voted", vote={"who": "U1", "yes": True}),
    "used by who did not grant it": told("approval.decided", by=["U3"]),
    "after its end": told("house.permit.granted", until="2026-03-14T03:00:00+00:00"),
    "revoked": ended("house.permit.revoked"),
    "refused": ended("house.permit.refused"),
    "stopped": ended("house.halted"),
    "another runbook": another("runbook"),
    "another service": another("service"),
    "another environment": another("environment"),
    "a changed runbook": another("runbook_digest"),
    "a changed policy": another("policy_digest"),
    "once too often": twice,
}


async def test_a_yes_in_advance_is_a_yes(tmp_path: Path) -> None:
    assert judged(await recorded(tmp_path))


@pytest.mark.parametrize("lie", DOCTORED)
async def test_a_doctored_yes_is_none(lie: str, tmp_path: Path) -> None:
    assert not judged(DOCTORED[lie](await recorded(tmp_path)))
