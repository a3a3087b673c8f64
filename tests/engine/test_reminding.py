"""Who is asked is reminded once, who stands in is called late, and silence ends in time."""

from __future__ import annotations

from bot.core.facts import Reminded, Wish
from bot.core.lifecycle import State
from tests import builders
from tests.engine.houses import WAITING, House

HALF, LATE = Reminded(round=1), Reminded(round=1, fallback=True)


async def test_people_are_reminded_at_half_time_and_the_fallback_is_called_at_four_fifths(
    house: House,
) -> None:
    await house.asked()
    await house.pass_(149)
    before = await house.facts(Reminded)
    await house.pass_(1)
    half = await house.facts(Reminded)
    await house.pass_(89)
    late = await house.facts(Reminded)
    await house.pass_(1)

    assert (before, half, late) == ([], [HALF], [HALF])
    assert await house.facts(Reminded) == [HALF, LATE]


async def test_what_is_decided_reminds_nobody(house: House) -> None:
    await house.asked()
    await house.pass_(100)
    await house.vote(yes=False)
    await house.until(State.REJECTED)
    await house.pass_(300)

    assert await house.facts(Reminded) == []


async def test_a_reminder_is_not_repeated_by_a_later_life(house: House) -> None:
    await house.asked()
    await house.pass_(160)
    await house.restart()
    await house.pass_(100)

    assert await house.facts(Reminded) == [HALF, LATE]


async def test_a_life_that_comes_late_calls_the_fallback_and_spares_the_reminder(
    house: House,
) -> None:
    await house.asked()
    await house.restart(away=250)
    await house.settle()

    assert (await house.facts(Reminded), house.incident.state) == ([LATE], WAITING)


async def test_a_plan_that_is_asked_again_has_reminders_of_its_own(house: House) -> None:
    await house.asked()
    await house.pass_(160)
    house.pool.value = 30
    await house.vote()
    await house.until(WAITING)
    await house.pass_(160)

    assert await house.facts(Reminded) == [HALF, Reminded(round=2)]


async def test_the_fallback_may_decide_too_and_is_called_only_late(house: House) -> None:
    approvers = {"high": {"groups": ["oncall"]}, "fallback": {"groups": ["leads", "oncall"]}}
    house.library = builders.a_library(rulebook=builders.a_rulebook(approvers=approvers))
    await house.asked()
    asked = house.incident.asked
    assert asked is not None
    answer = await house.vote("U9")

    assert (asked.request.first, asked.request.fallback) == (("oncall",), ("leads",))
    assert answer.done


def with_leads(house: House, fallback: dict[str, list[str]]) -> None:
    approvers = {"high": {"groups": ["oncall"], "quorum": 2}, "fallback": fallback}
    house.library = builders.a_library(rulebook=builders.a_rulebook(approvers=approvers))


async def late(house: House) -> Reminded:
    await house.pass_(240)
    return (await house.facts(Reminded))[-1]


async def test_who_stands_in_and_may_decide_now_is_written_to(house: House) -> None:
    with_leads(house, {"groups": ["leads"], "people": ["U7"]})
    await house.asked()
    house.people.groups["leads"] = frozenset({"U8", "U9"})

    assert (await late(house)).who == ("U7", "U8", "U9")


async def test_who_asked_for_it_or_said_yes_already_is_not_written_to(house: House) -> None:
    with_leads(house, {"groups": ["leads"]})
    house.people.groups["leads"] = frozenset({"U5", "U8", "U9"})
    place = {"service": "shop", "environment": "production"}
    wish = Wish(by="U5", runbook="raise-pool", given=place)
    await house.requests.wish(wish, "C0ALERTS", "")
    await house.until(WAITING)
    await house.vote("U8")

    assert (await late(house)).who == ("U9",)


async def test_of_too_many_nobody_is_written_to(house: House) -> None:
    with_leads(house, {"groups": ["leads"]})
    house.people.groups["leads"] = frozenset(f"U{number}" for number in range(11, 22))
    await house.asked()

    assert (await late(house)).who == ()


async def test_where_slack_does_not_say_who_they_are_only_the_thread_calls_them(
    house: House,
) -> None:
    with_leads(house, {"groups": ["leads"]})
    await house.asked()
    house.people.away = True

    assert await late(house) == LATE


async def test_whom_an_earlier_life_wrote_to_is_not_found_out_again(house: House) -> None:
    with_leads(house, {"groups": ["leads"]})
    await house.asked()
    await late(house)
    house.people.groups["leads"] = frozenset({"U5"})
    await house.restart()
    await house.settle()

    assert [one.who for one in await house.facts(Reminded)] == [(), ("U9",)]
