"""Break-glass: two others may let run what policy refuses, loudly, and only some of its rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core import facts, telling
from bot.core.approval import Ending
from bot.core.facts import Asked, Started, Wish
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.core.policy.verdict import Ruling
from tests import builders
from tests.engine.houses import HEALTHY, WAITING, House

FREEZE = {
    "name": "year end", "starts": "2026-03-14T00:00:00Z", "ends": "2026-03-15T00:00:00Z",
}  # fmt: skip
HIGH = {"high": {"groups": ["oncall"]}}


def frozen(**changes: Any) -> Library:
    """A house in a freeze, whose approvers for high risk are those on call."""
    given = {"freezes": [FREEZE], "approvers": HIGH, **changes}
    return builders.a_library(rulebook=builders.a_rulebook(**given))


async def refused(house: House, library: Library | None = None) -> str:
    """An incident whose plan policy refused."""
    house.library = library or frozen()
    name = await house.fire()
    await house.until(State.ESCALATED)
    return name


async def broken(house: House, who: str = "U1", library: Library | None = None) -> str:
    """The incident that was opened to override it, while people are asked."""
    first = await refused(house, library)
    answer = await house.requests.break_glass(first, who, "the shop is down, token=abcdefgh")
    assert answer.done, answer.text
    await house.until(WAITING)
    return answer.incident


async def test_two_others_let_run_what_policy_refuses_and_it_is_verified(house: House) -> None:
    await broken(house)
    await house.vote("U2")
    assert house.incident.state is WAITING
    await house.vote("U3")
    known = await house.until(State.HEALED, within=60)

    assert house.effects == ["pool=50"]
    assert known.planned is not None
    assert (known.planned.ruling, known.planned.overrides) == (Ruling.DENY, ("freeze window",))
    assert known.verified is not None
    assert known.verified.passed


async def test_the_requester_is_no_one_of_the_two(house: House) -> None:
    await broken(house)
    said = await house.vote("U1")
    await house.vote("U2")

    assert said.text == "You asked for this yourself, so somebody else must approve it."
    assert house.incident.state is WAITING
    assert house.effects == []


async def test_neither_who_wished_for_the_run_nor_who_breaks_the_glass_may_say_yes(
    house: House,
) -> None:
    house.library = frozen()
    place = {"service": "shop", "environment": "production"}
    wish = Wish(by="U1", runbook="raise-pool", given=place)
    first = (await house.requests.wish(wish, "C0ALERTS", "")).incident
    await house.until(State.ESCALATED)
    await house.requests.break_glass(first, "U2", "the shop is down")
    known = await house.until(WAITING)

    assert known.asked is not None
    assert known.asked.request.excluded == ("U2", "U1")


async def test_the_question_is_for_high_risk_only_and_for_two_at_least(house: House) -> None:
    panels = {"low": {"people": ["U7"]}, "medium": {"people": ["U7"]},
              "high": {"groups": ["leads"], "people": ["U5", "U6"]},
              "fallback": {"people": ["U8"]}}  # fmt: skip
    operators = {"groups": ["oncall"]}
    await broken(house, library=frozen(approvers=panels, operators=operators))
    (asked,) = await house.facts(Asked)
    request = asked.request

    assert (request.groups, request.people) == (("leads",), ("U5", "U6"))
    assert (request.quorum, request.fallback, request.override) == (2, (), ("freeze window",))


async def test_a_reaction_breaks_no_glass(house: House) -> None:
    name = await broken(house)
    said = await house.requests.vote(name, 1, "U2", yes=True, why="", reacted=True)

    assert said.text == (
        "This overrides a no of policy, and a reaction is too little for that: use the buttons on "
        "its card. Nothing was decided."
    )


async def test_one_no_ends_it(house: House) -> None:
    await broken(house)
    await house.vote("U2")
    await house.vote("U3", yes=False)
    await house.until(State.REJECTED)

    assert house.effects == []


async def test_it_is_loud_in_the_record_and_in_the_transcript(house: House) -> None:
    name = await broken(house)
    await house.vote("U2")
    await house.vote("U3")
    await house.until(State.HEALED, within=60)
    told = await house.ledger.brief(name)
    said = [telling.sentence(facts.read(one.body)) for one in told.entries]
    (started,) = await house.facts(Started)

    assert started.overrides == ("freeze window",)
    loud = [line for line in said if "BREAK-GLASS" in line]
    assert loud[0].startswith(
        "BREAK-GLASS: U1 asked to override policy's no in inc-a1: the shop is down, token=•••; "
    )
    assert [line.partition(" (")[0] for line in loud[2:]] == [
        "BREAK-GLASS over freeze window: asked oncall for approval",
        "BREAK-GLASS over freeze window: the run of raise-pool began on fake:shop/pool",
    ]
    assert "| BREAK-GLASS | U1 asked to override the no in inc-a1:" in telling.transcript(
        house.incident, *told
    )


@pytest.mark.parametrize(
    ("library", "why"),
    [
        (frozen(break_glass={"overrides": ["rate window"]}), "year end freezes shop"),
        (builders.a_library(builders.a_runbook(safe_when="false")), "does not hold"),
    ],
)
async def test_a_no_that_policy_does_not_let_be_overridden_stands(
    house: House, library: Library, why: str
) -> None:
    first = await refused(house, library)
    answer = await house.requests.break_glass(first, "U1", "the shop is down")
    known = await house.until(State.ESCALATED, name=answer.incident)

    assert known.closed is not None
    assert known.closed.says.startswith("break-glass does not reach this: ")
    assert why in known.closed.says
    assert await house.facts(Asked) == []


async def test_nothing_is_overridden_while_the_house_is_stopped(house: House) -> None:
    first = await refused(house)
    await house.orders.halt("U1", "storm")
    answer = await house.requests.break_glass(first, "U1", "the shop is down")
    await house.until(State.ESCALATED, name=answer.incident)

    assert await house.facts(Asked) == []


async def test_a_stop_after_both_said_yes_still_holds(house: House) -> None:
    await broken(house)
    await house.vote("U2")
    await house.orders.halt("U1", "storm")
    await house.vote("U3")
    known = await house.until(State.CANCELLED)

    assert (house.effects, known.ran) == ([], False)


async def test_another_rule_that_denies_at_the_click_is_asked_about_anew(house: House) -> None:
    since = (house.clock.now() + timedelta(seconds=60)).isoformat()
    await broken(house, library=frozen(stages={"lines": [{"stage": "dry_run", "since": since}]}))
    await house.pass_(90)
    await house.vote("U2")
    await house.vote("U3")
    known = await house.until(WAITING)

    assert known.planned is not None
    assert (known.planned.round, known.planned.overrides) == (2, ("stage", "freeze window"))
    assert house.effects == []


async def test_a_rule_whose_no_stands_and_that_denies_at_the_click_ends_it(house: House) -> None:
    await broken(house)
    house.library = frozen(break_glass={"overrides": ["stage"]})
    await house.vote("U2")
    await house.vote("U3")
    known = await house.until(State.ESCALATED)

    assert house.effects == []
    assert known.closed is not None
    assert known.closed.says.startswith("break-glass does not reach this: ")


async def test_what_policy_no_longer_refuses_goes_the_usual_way(house: House) -> None:
    first = await refused(house)
    house.library = builders.a_library()
    await house.requests.break_glass(first, "U1", "the shop is down")
    known = await house.until(WAITING)

    assert known.asked is not None
    assert (known.asked.request.override, known.asked.request.quorum) == ((), 1)


async def test_a_plan_of_stage_dry_run_can_be_let_run_in_an_emergency(house: House) -> None:
    house.library = frozen(freezes=[], stages={"default": "dry_run"})
    first = await house.fire()
    await house.until(State.DRY_RUN)
    await house.requests.break_glass(first, "U1", "the shop is down")
    await house.until(WAITING)
    await house.vote("U2")
    await house.vote("U3")
    await house.until(State.HEALED, within=60)

    assert house.effects == ["pool=50"]


async def test_what_did_not_help_is_taken_back_as_ever(house: House) -> None:
    house.pool.then = lambda: None
    await broken(house)
    await house.vote("U2")
    await house.vote("U3")
    known = await house.until(State.ESCALATED, within=300)

    assert house.effects == ["pool=50", "undo pool=20"]
    assert known.rolled_back is not None
    assert known.rolled_back.clean


async def test_who_may_not_operate_heal_breaks_no_glass(house: House) -> None:
    first = await refused(house)
    answer = await house.requests.break_glass(first, "U77", "let me")

    assert not answer.done
    assert len(house.cases.recent(9)) == 1


async def test_nothing_is_overridden_that_nobody_refused(house: House) -> None:
    name = await house.asked()
    answer = await house.requests.break_glass(name, "U1", "faster")

    assert answer.text == "Policy refused nothing here: inc-a1 is awaiting approval."


async def test_a_house_may_switch_it_off(house: House) -> None:
    first = await refused(house, frozen(break_glass={"overrides": []}))
    answer = await house.requests.break_glass(first, "U1", "the shop is down")

    assert answer.text == "Policy lets nobody override it: break_glass.overrides is empty."


async def test_too_few_people_are_told_at_once(house: House) -> None:
    people = {"high": {"people": ["U1", "U2"]}}
    first = await refused(house, frozen(approvers=people))
    answer = await house.requests.break_glass(first, "U1", "the shop is down")

    assert answer.text == (
        "Break-glass needs 2 people of approvers.high beside who asks, and policy names too few "
        "of them."
    )


async def test_an_alert_that_cleared_needs_no_emergency(house: House) -> None:
    first = await refused(house)
    await house.resolve()
    answer = await house.requests.break_glass(first, "U1", "the shop is down")

    assert answer.text == "Its alerts are clear by now: there is nothing to heal."


async def test_it_is_asked_for_once_at_a_time_and_once_by_one_click(house: House) -> None:
    first = await refused(house)
    said = [await house.requests.break_glass(first, who, "down", once)
            for who, once in (("U1", "click"), ("U1", "click"), ("U2", ""))]  # fmt: skip

    assert [one.done for one in said] == [True, True, False]
    assert said[2].text.startswith(f"{said[0].incident} is about the same trouble: ")


async def test_when_nobody_decides_nothing_runs_and_a_reason_is_wanted_anew(house: House) -> None:
    name = await broken(house)
    await house.vote("U2")
    await house.until(State.EXPIRED, within=600)
    answer = await house.requests.again(name, "U3")

    assert house.effects == []
    assert answer.text == "Break-glass wants a reason each time: `/heal break-glass inc-a1 <why>`."


async def test_what_got_well_meanwhile_is_left_alone(house: House) -> None:
    await broken(house)
    house.health.says(HEALTHY)
    await house.vote("U2")
    await house.vote("U3")
    await house.until(State.ALREADY_HEALTHY)

    assert house.effects == []


async def test_a_restart_between_the_two_yeses_loses_neither(house: House) -> None:
    await broken(house)
    await house.vote("U2")
    await house.restart()
    await house.vote("U3")
    known = await house.until(State.HEALED, within=60)

    assert known.decided is not None
    assert (known.decided.ending, known.decided.by) == (Ending.APPROVED, ("U2", "U3"))
    assert house.effects == ["pool=50"]


async def test_whose_wish_it_is_may_not_say_yes_either_when_there_is_nothing_to_override_any_more(
    house: House,
) -> None:
    house.library = frozen()
    place = {"service": "shop", "environment": "production"}
    wish = Wish(by="U1", runbook="raise-pool", given=place)
    first = (await house.requests.wish(wish, "C0ALERTS", "")).incident
    await house.until(State.ESCALATED, name=first)
    house.library = frozen(freezes=[])
    again = (await house.requests.break_glass(first, "U2", "the shop is down")).incident
    known = await house.until(WAITING, name=again)
    own, breaker = await house.vote("U1"), await house.vote("U2")

    assert known.planned is not None
    assert known.planned.overrides == ()
    assert (own.done, breaker.done) == (False, False)
    assert house.of(again).votes == ()
