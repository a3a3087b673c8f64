"""A runbook in stage dry_run is matched, planned, judged and shown, and nothing is done."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core import facts
from bot.core.facts import Shown, Wish
from bot.core.lifecycle import State
from bot.core.policy.verdict import Ruling
from tests import builders
from tests.engine.houses import House
from tests.engine.libraries import UNATTENDED

DRY = {"stages": {"default": "dry_run"}}


def dry(**changes: Any) -> Any:
    """The library of a house in its first week."""
    return builders.a_library(rulebook=builders.a_rulebook(**DRY, **changes))


def unattended_but_dry() -> Any:
    rulebook = UNATTENDED.rulebook
    stages = builders.a_rulebook(**DRY).stages
    changed = rulebook.model_copy(update={"stages": stages})
    return builders.a_library(*UNATTENDED.runbooks, rulebook=changed)


async def test_an_alerts_plan_in_stage_dry_run_ends_as_only_shown(house: House) -> None:
    house.library = dry()
    await house.fire()
    known = await house.until(State.DRY_RUN)

    assert (house.effects, known.escalated, known.asked) == ([], None, None)
    assert known.closed is not None
    assert known.closed.says.startswith(
        "only shown, in stage dry_run: nothing was executed; policy would have asked oncall: "
    )


async def test_it_is_recorded_that_it_would_have_run_unattended(house: House) -> None:
    house.library = unattended_but_dry()
    await house.fire()
    await house.until(State.DRY_RUN)
    (shown,) = await house.facts(Shown)

    assert (shown.would, shown.whom, shown.reasons) == (Ruling.ALLOW, (), ())
    assert (shown.runbook, shown.service, shown.environment) == ("raise-pool", "shop", "production")


async def test_it_is_recorded_whom_it_would_have_asked_and_why(house: House) -> None:
    house.library = dry()
    await house.fire()
    await house.until(State.DRY_RUN)
    (shown,) = await house.facts(Shown)

    assert (shown.would, shown.whom) == (Ruling.ASK, ("oncall",))
    assert any("production" in reason for reason in shown.reasons)


async def test_what_would_have_been_refused_is_only_shown_too_and_calls_nobody(
    house: House,
) -> None:
    house.library = dry()
    await house.orders.halt("U1", "storm")
    await house.fire()
    await house.until(State.DRY_RUN)
    (shown,) = await house.facts(Shown)

    assert (shown.would, shown.whom) == (Ruling.DENY, ())
    assert shown.reasons == ("U1 halted everything (storm): nothing begins until it is resumed",)
    assert await house.facts(facts.Escalated) == []


@pytest.mark.parametrize("dry_run", [False, True])
async def test_a_persons_wish_is_only_shown_as_well(house: House, *, dry_run: bool) -> None:
    house.library = dry()
    place = {"service": "shop", "environment": "production"}
    wish = Wish(by="U1", runbook="raise-pool", given=place, dry_run=dry_run)
    await house.requests.wish(wish, "C0ALERTS", "")
    await house.until(State.DRY_RUN)

    assert house.effects == []
    assert len(await house.facts(Shown)) == (0 if dry_run else 1)


async def test_a_runbook_put_back_into_dry_run_before_the_click_is_only_shown(
    house: House,
) -> None:
    await house.asked()
    house.library = dry()
    await house.vote()
    known = await house.until(State.DRY_RUN)

    assert house.effects == []
    assert known.planned is not None
    assert known.planned.round == 2


async def test_a_runbook_put_into_stage_ask_before_it_begins_does_not_run_unattended(
    house: House,
) -> None:
    stages = {"default": "ask"}
    house.library = builders.a_library(
        *UNATTENDED.runbooks,
        rulebook=UNATTENDED.rulebook.model_copy(
            update={"stages": builders.a_rulebook(stages=stages).stages}
        ),
    )
    await house.asked()

    assert house.effects == []


async def test_a_restart_shows_nothing_twice(house: House) -> None:
    house.library = dry()
    await house.fire()
    await house.until(State.DRY_RUN)
    await house.restart()
    await house.settle()

    assert len(await house.facts(Shown)) == 1
