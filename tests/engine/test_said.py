"""What a card says when an alert clears before anybody decided, or comes back after all."""

from __future__ import annotations

import pytest

from bot.core import facts
from bot.core.lifecycle import State
from bot.slack.cards import root
from tests import builders
from tests.engine.houses import SICK, WAITING, House, later


def card(house: House, name: str) -> str:
    return str(root.card(house.of(name), house.clock.now()).model_dump())


async def resolved(house: House) -> str:
    name = await house.healed()
    await house.resolve()
    await house.until(State.RESOLVED)
    house.health.says(SICK)
    return name


async def test_a_plan_that_nobody_decided_on_is_withdrawn_when_the_alert_clears(
    house: House,
) -> None:
    name = await house.asked()
    asking = card(house, name)
    await house.resolve()
    await house.until(State.WITHDRAWN, name=name)
    said = card(house, name)

    assert "approve_recovery" in asking
    assert "Withdrawn: the alert cleared by itself at" in said
    assert "Nothing was executed." in said
    assert "approve_recovery" not in said
    assert house.effects == []
    assert not (await house.vote()).done


async def test_what_clears_while_evidence_is_read_is_withdrawn_without_a_question(
    house: House,
) -> None:
    name = await house.fire()
    await house.resolve()
    await house.until(State.WITHDRAWN, State.ALREADY_HEALTHY, name=name)

    assert "the alert cleared by itself" in card(house, name)
    assert house.effects == []


@pytest.mark.parametrize("after", [60, 1199])
async def test_a_return_in_the_relapse_window_makes_both_cards_say_so(
    house: House, after: float
) -> None:
    first = await resolved(house)
    before = card(house, first)
    await house.pass_(after)
    second = await house.fire(later(after))
    await house.until(WAITING, name=second)
    old, new = card(house, first), card(house, second)

    assert "🟢 The alert is clear since" in before
    assert "⚠️ Not fixed" in old
    assert f"The alert fired again, so it was not fixed. It goes on in `{second}`" in old
    assert "🟢" not in old
    assert f"the same trouble as `{first}`, which came back" in new


async def test_a_return_before_the_alert_was_seen_to_be_clear_says_so_too(house: House) -> None:
    await house.asked()
    await house.fire(builders.an_alert(fingerprint="f2"))
    await house.vote()
    first = (await house.until(State.HEALED, within=60)).id
    await house.resolve()
    second = await house.fire(later(60))
    await house.until(State.ESCALATED, State.NOT_FIXED, State.REVERTED, name=first)

    assert f"the alert came back and is now {second}" in card(house, first)


async def test_a_return_after_the_window_leaves_the_old_card_as_it_was(house: House) -> None:
    first = await resolved(house)
    before = card(house, first)
    await house.pass_(1201)
    second = await house.fire(later(1201))
    await house.until(WAITING, name=second)

    assert card(house, first) == before
    assert "the same trouble as" not in card(house, second)
    assert await house.facts(facts.CameBack) == []
