"""What was recorded is judged by two policies, each moment with the history that it had."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.library import Library
from bot.core.lifecycle import State
from bot.core.matching import Shelf
from bot.rehearsal.policy import then
from bot.rehearsal.policy.replaying import Replay, replay
from tests import builders
from tests.engine import libraries
from tests.engine.houses import SICK, House, later

ASKS = builders.a_library()
BEFORE = builders.START - timedelta(days=1)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    built = House(tmp_path / "heal.db", ASKS)
    await built.open()
    yield built
    await built.close()


def replayed(house: House, new: Library, old: Library = ASKS) -> Replay:
    with then.opened(house.path, BEFORE) as stood:
        return replay(stood, old, new)


def ruled(**rules: Any) -> Library:
    return builders.a_library(rulebook=builders.a_rulebook(**rules))


async def test_the_same_policy_decides_the_same_as_it_did_then(house: House) -> None:
    """Also of the second run, which has the first one behind it."""
    house.library = libraries.UNATTENDED
    for after in (0, 3600, 7200):
        house.health.says(SICK)
        await house.fire(later(after))
        await house.until(State.HEALED, within=60)
        await house.resolve(later(after))
        await house.until(State.RESOLVED, within=60)
        await house.pass_(3600)
    found = replayed(house, libraries.UNATTENDED, libraries.UNATTENDED)

    assert (found.judged, found.as_then, found.differences) == (3, 3, [])


async def test_what_would_have_run_unasked_is_told_with_the_rules_that_let_it(
    house: House,
) -> None:
    await house.asked()
    (one,) = replayed(house, libraries.UNATTENDED).differences

    assert (one.incident, one.transition, one.looser) == (house.incident.id, "ask → allow", True)
    assert {line.partition(":")[0] for line in one.why} == {"critical", "production", "unattended"}


async def test_a_freeze_denies_what_fell_into_it_and_nothing_else(house: House) -> None:
    await house.healed()
    await house.resolve()
    await house.until(State.RESOLVED)
    await house.pass_(7200)
    house.health.says(SICK)
    await house.fire(later(7200))
    await house.until(State.AWAITING_APPROVAL)
    span = {"starts": builders.START, "ends": builders.START + timedelta(hours=1)}
    found = replayed(house, ruled(freezes=[{"name": "release", **span}]))

    assert found.judged == 2
    assert [(one.transition, one.looser) for one in found.differences] == [("ask → deny", False)]
    assert found.counted() == [("ask → deny", 1)]
    assert found.loosened == []


async def test_a_window_counts_the_runs_that_had_begun_by_then(house: House) -> None:
    await house.healed()
    await house.resolve()
    await house.until(State.RESOLVED)
    await house.pass_(1800)
    house.health.says(SICK)
    second = await house.fire(later(1800))
    await house.until(State.AWAITING_APPROVAL)
    found = replayed(house, ruled(rates=[{"per": "service", "limit": 1, "within": "1h"}]))

    assert [one.incident for one in found.differences] == [second]
    assert "rate window: allow → deny" in found.differences[0].why[0]


@pytest.mark.parametrize(
    ("old", "new", "why", "looser"),
    [
        ({"groups": ["oncall"], "quorum": 2}, {"groups": ["oncall"]}, "quorum: 2 → 1", True),
        ({"groups": ["oncall"]}, {"groups": ["oncall"], "quorum": 2}, "quorum: 1 → 2", False),
        ({"groups": ["oncall"]}, {"groups": ["@oncall"], "people": ["U7"]},
         "may approve now: U7", True),
        ({"groups": ["oncall"], "people": ["U7"]}, {"groups": ["oncall"]},
         "may not approve any more: U7", False),
    ],
)  # fmt: skip
async def test_other_approvers_are_a_difference_too(
    house: House, old: object, new: object, why: str, looser: bool
) -> None:
    await house.asked()
    found = replayed(house, ruled(approvers={"high": new}), ruled(approvers={"high": old}))

    assert [(one.transition, one.why, one.looser) for one in found.differences] == [
        ("ask → ask", (why,), looser)
    ]


async def test_a_role_that_must_agree_no_longer_is_looser(house: House) -> None:
    await house.asked()
    roles = {"owners": {"groups": ["oncall"]}, "leads": {"groups": ["leads"]}}
    old = ruled(roles=roles, approvers={"high": {"from_each": ["owners", "leads"]}})
    new = ruled(roles=roles, approvers={"high": {"roles": ["leads"], "from_each": ["owners"]}})
    (one,) = replayed(house, new, old).differences

    assert "one of each must agree: leads, owners → owners" in one.why
    assert one.looser
    assert not replayed(house, old, new).differences[0].looser


async def test_without_its_runbook_or_service_a_plan_would_not_have_been_made(
    house: House,
) -> None:
    await house.asked()
    none = replace(ASKS, services=())
    (one,) = replayed(house, none).differences
    (back,) = replayed(house, ASKS, none).differences

    assert (one.transition, one.looser) == ("ask → no plan", False)
    assert one.why == ("no runbook matches",)
    assert (back.transition, back.looser) == ("no plan → ask", True)


async def test_an_alert_that_had_no_runbook_then_may_have_one_now(house: House) -> None:
    house.library = replace(ASKS, runbooks=(), shelf=Shelf(()))
    await house.fire()
    await house.until(State.ESCALATED)
    (one,) = replayed(house, ASKS, house.library).differences

    assert (one.transition, one.looser) == ("no plan → plan of raise-pool", True)
    assert replayed(house, house.library, house.library).unmatched == 1


async def test_an_unsafe_precondition_stays_as_it_was_read(house: House) -> None:
    house.library = builders.a_library(builders.a_runbook(safe_when="health.status == 200"))
    await house.fire()
    await house.until(State.ESCALATED)
    found = replayed(house, libraries.UNATTENDED, house.library)

    assert (found.judged, found.differences) == (1, [])
