"""What nobody decided in time can be asked again: a fresh plan, once, by who may ask."""

from __future__ import annotations

import pytest

from bot.core import facts
from bot.core.lifecycle import State
from tests import builders
from tests.engine.houses import WAITING, House


async def expired(house: House) -> str:
    name = await house.asked()
    await house.pass_(301)
    assert house.of(name).state is State.EXPIRED
    return name


async def test_a_question_that_is_asked_again_has_a_fresh_plan_and_its_own_time(
    house: House,
) -> None:
    first = await expired(house)
    house.pool.value = 30
    answer = await house.requests.again(first, "U1", "click-1")
    known = await house.until(WAITING)
    before, after = house.of(first).asked, known.asked

    assert (answer.done, answer.incident, known.opened.again_for) == (True, known.id, first)
    assert before is not None
    assert after is not None
    assert after.request.expires_at > before.request.expires_at
    assert after.request.plan_digest != before.request.plan_digest

    await house.vote()
    await house.until(State.HEALED, within=60)
    assert house.effects == ["pool=50"]


async def test_it_is_asked_again_once_whoever_presses_and_however_often(house: House) -> None:
    first = await expired(house)
    await house.requests.again(first, "U1", "click-1")
    same = await house.requests.again(first, "U1", "click-1")
    other = await house.requests.again(first, "U2", "click-2")

    assert len(house.cases.recent(9)) == 2
    assert (same.done, other.done) == (True, False)
    assert "Somebody asked again already" in other.text


async def test_a_stranger_asks_nothing_again(house: House) -> None:
    first = await expired(house)
    answer = await house.requests.again(first, "U99", "click-1")

    assert (answer.done, len(house.cases.recent(9))) == (False, 1)


async def test_what_has_cleared_meanwhile_is_not_asked_again(house: House) -> None:
    first = await expired(house)
    await house.resolve()
    answer = await house.requests.again(first, "U1", "click-1")

    assert "clear by now" in answer.text


@pytest.mark.parametrize("name", ["inc-nothing", ""])
async def test_what_never_was_is_not_asked_again(house: House, name: str) -> None:
    assert not (await house.requests.again(name, "U1")).done


async def test_what_was_rejected_is_not_asked_again(house: House) -> None:
    name = await house.asked()
    await house.vote(yes=False)
    await house.until(State.REJECTED)

    assert not (await house.requests.again(name, "U1")).done


async def test_a_trouble_that_another_incident_has_by_now_is_not_asked_twice(
    house: House,
) -> None:
    first = await expired(house)
    await house.pass_(3600)
    second = await house.fire(builders.an_alert(fingerprint="f2"))
    await house.until(WAITING)
    answer = await house.requests.again(first, "U1")

    assert (answer.done, answer.text.startswith(f"{second} is about the same trouble")) == (
        False, True,
    )  # fmt: skip


async def test_a_wish_that_expired_is_the_wish_of_who_asks_again(house: House) -> None:
    place = {"service": "shop", "environment": "production"}
    wish = facts.Wish(by="U1", runbook="raise-pool", given=place)
    first = (await house.requests.wish(wish, "C1", "", "w1")).incident
    await house.until(WAITING)
    await house.pass_(301)
    await house.requests.again(first, "U2", "click-1")
    known = await house.until(WAITING)

    assert known.opened.wish is not None
    assert (known.opened.wish.by, known.asked is not None) == ("U2", True)
    assert known.asked is not None
    assert "U2" in known.asked.request.excluded


async def test_whoever_wished_for_it_first_may_not_approve_it_when_another_asks_again(
    house: House,
) -> None:
    given = {"service": "shop", "environment": "production"}
    wish = facts.Wish(by="U1", runbook="raise-pool", given=given)
    first = (await house.requests.wish(wish, "", "")).incident
    for asks in ("U2", "U3"):
        await house.until(WAITING)
        await house.pass_(301)
        assert house.of(first).state is State.EXPIRED
        first = (await house.requests.again(first, asks)).incident
    await house.until(WAITING)
    answers = [(await house.vote(who)).done for who in ("U1", "U2", "U3")]

    assert (answers, house.effects) == ([False] * 3, [])
    assert (await house.vote("U4")).done
