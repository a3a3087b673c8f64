"""What concerns one person: who they are to the policy, what waits for them, their reminders."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core import facts
from bot.core.lifecycle import State
from bot.engine.attending import Attending
from bot.engine.authority import Authority
from tests import builders
from tests.engine.houses import WAITING, House

HALF = timedelta(minutes=30)


@pytest.fixture
async def roled(path: Path) -> AsyncIterator[House]:
    rulebook = builders.a_rulebook(
        roles={"payments": {"groups": ["oncall"]}, "boss": {"people": ["U9"]}},
        approvers={"low": {"groups": ["oncall"]}, "high": {"roles": ["boss"]}},
        operators={"groups": ["oncall"]},
    )
    built = House(path, builders.a_library(rulebook=rulebook))
    await built.open()
    yield built
    await built.close()


def attending(house: House) -> Attending:
    return Attending(house.world, Authority(house.world))


async def test_a_person_is_what_the_policy_calls_them(roled: House) -> None:
    one, boss, nobody = [await attending(roled).about(who) for who in ("U1", "U9", "U0")]

    assert (one.words, one.roles, one.operates, one.resumes) == (
        ("oncall",),
        ("payments",),
        True,
        False,
    )
    assert one.approves == ("low",)
    assert (boss.roles, boss.resumes, boss.approves) == (("boss",), True, ("medium", "high"))
    assert (nobody.words, nobody.operates, nobody.approves) == ((), False, ())


async def test_what_waits_for_somebody_is_what_a_yes_of_theirs_would_say_something_to(
    house: House,
) -> None:
    await house.requests.wish(builders_wish("U2"), "", "", "one")
    known = await house.until(WAITING)
    look = attending(house)

    assert (await look.about("U1")).waiting == (known.id,)
    assert (await look.about("U2")).waiting == ()
    assert (await look.about("U0")).waiting == ()

    await house.pass_(301)

    assert (await look.about("U1")).waiting == ()


async def test_what_cannot_be_found_out_is_said_and_nothing_is_guessed(house: House) -> None:
    await house.asked()
    house.people.away = True
    found = await attending(house).about("U1")

    assert (found.waiting, found.operates) == ((), False)
    assert "Slack does not say" in found.doubts


async def test_a_snooze_is_recorded_and_changes_nothing_of_the_question(house: House) -> None:
    name = await house.asked()
    before = house.of(name).asked
    answer = await attending(house).snooze(name, "U1", HALF)
    (snoozed,) = await house.facts(facts.Snoozed)

    assert answer.done
    assert (snoozed.by, snoozed.until) == ("U1", house.clock.now() + HALF)
    assert (house.of(name).asked, house.of(name).state) == (before, WAITING)
    await house.pass_(301)
    assert house.of(name).state is State.EXPIRED


@pytest.mark.parametrize(
    ("who", "lasts", "says"),
    [
        ("U0", HALF, "Only @oncall"),
        ("U1", timedelta(), "at most 7 days"),
        ("U1", timedelta(days=8), "at most 7 days"),
    ],
)
async def test_who_may_not_or_too_long_is_refused(
    house: House, who: str, lasts: timedelta, says: str
) -> None:
    name = await house.asked()
    answer = await attending(house).snooze(name, who, lasts)

    assert not answer.done
    assert says in answer.text
    assert await house.facts(facts.Snoozed) == []


async def test_what_is_over_or_unknown_cannot_be_snoozed(house: House) -> None:
    name = await house.asked()
    await house.vote(yes=False)
    await house.until(State.REJECTED)
    look = attending(house)

    assert "Nothing is left there" in (await look.snooze(name, "U1", HALF)).text
    assert "I know no run" in (await look.snooze("inc-nope", "U1", HALF)).text


async def test_what_was_rejected_is_planned_anew_when_somebody_retries_it_once(
    house: House,
) -> None:
    name = await house.asked()
    await house.vote(yes=False)
    await house.until(State.REJECTED)
    asked = await house.requests.again(name, "U1")
    answer = await house.requests.again(name, "U1", "click", retry=True)
    known = await house.until(WAITING)
    twice = await house.requests.again(name, "U2", "other", retry=True)

    assert not asked.done
    assert (answer.done, known.opened.again_for) == (True, name)
    assert (twice.done, "already" in twice.text) == (False, True)


async def test_what_is_open_or_well_is_not_retried(house: House) -> None:
    name = await house.asked()
    early = await house.requests.again(name, "U1", retry=True)
    await house.vote()
    await house.until(State.HEALED, within=60)
    await house.resolve()
    await house.until(State.RESOLVED, within=3600)
    late = await house.requests.again(name, "U1", retry=True)

    assert "It is not over" in early.text
    assert "nothing to ask again" in late.text


def builders_wish(who: str) -> facts.Wish:
    return facts.Wish(by=who, runbook="raise-pool",
                      given={"service": "shop", "environment": "production"})  # fmt: skip
