"""A run that nobody was asked about is reviewed afterwards, where its tier says so."""

from __future__ import annotations

import pytest

from bot.core import review
from bot.core.facts import Reviewed
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.slack.cards import root
from tests import builders
from tests.engine.houses import House
from tests.engine.libraries import UNATTENDED


def of_tier(tier: int, *, unattended: bool = True) -> Library:
    safety = {"unattended": unattended, "cool_down": "1s", "automation": tier}
    return builders.a_library(builders.a_runbook(safety=safety), rulebook=UNATTENDED.rulebook)


async def healed_alone(house: House, tier: int = 3) -> str:
    house.library = of_tier(tier)
    name = await house.fire()
    await house.until(State.HEALED, within=60)
    return name


def card(house: House, name: str) -> str:
    return str(root.card(house.of(name), house.clock.now()).blocks)


async def test_r31_a_pre_approved_run_is_told_and_a_person_reviews_its_outcome(
    house: House,
) -> None:
    name = await healed_alone(house)
    assert "Please review the outcome" in card(house, name)
    answer = await house.requests.review(name, "U1", right=True)
    known = house.of(name)

    assert answer.done
    assert known.reviewed == Reviewed(by="U1", right=True)
    assert "👍 U1 reviewed the outcome: it looks right" in card(house, name)
    assert "not_right" not in card(house, name)


async def test_the_first_review_stands_and_survives_a_restart(house: House) -> None:
    name = await healed_alone(house)
    await house.requests.review(name, "U1", right=False)
    await house.restart()
    answer = await house.requests.review(name, "U2", right=True)

    assert answer.text == "<@U1> reviewed it already: it is not right."
    assert house.of(name).reviewed == Reviewed(by="U1", right=False)


async def test_a_run_that_is_not_right_does_not_count_as_verified(house: House) -> None:
    name = await healed_alone(house)
    (before,) = await house.requests.stages()
    await house.requests.review(name, "U1", right=False)
    (after,) = await house.requests.stages()

    assert (before.record.attempted, before.record.verified) == (1, 1)
    assert (after.record.attempted, after.record.verified) == (1, 0)


async def test_only_who_may_operate_heal_reviews(house: House) -> None:
    name = await healed_alone(house)
    answer = await house.requests.review(name, "U77", right=True)

    assert not answer.done
    assert house.of(name).reviewed is None


@pytest.mark.parametrize("tier", [2])
async def test_r30_a_run_of_another_tier_asks_for_no_review(house: House, tier: int) -> None:
    name = await healed_alone(house, tier)
    answer = await house.requests.review(name, "U1", right=True)

    assert answer.text.startswith("There is nothing to review: ")
    assert "review" not in card(house, name)


async def test_what_people_said_yes_to_is_not_reviewed_again(house: House) -> None:
    house.library = of_tier(3, unattended=False)
    await house.asked()
    await house.vote()
    known = await house.until(State.HEALED, within=60)

    assert not review.wanted(known)


async def test_r32_tier_4_is_approved_before(house: House) -> None:
    house.library = of_tier(4)
    await house.asked()

    assert house.effects == []


async def test_r33_tier_5_calls_people_with_the_evidence_and_runs_nothing(house: House) -> None:
    house.library = of_tier(5)
    await house.fire()
    known = await house.until(State.ESCALATED)

    assert house.effects == []
    assert known.escalated is not None
    assert known.escalated.to == "oncall"
    assert "people lead it" in known.escalated.why
    assert known.evidence is not None
    assert known.plan is not None
