"""Roles, owners and schedules at the click: who may decide now, and whose yes still counts."""

from __future__ import annotations

import asyncio

from bot.core import approval, facts
from bot.core.approval import Ending
from bot.core.facts import Wish
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.engine import recording
from tests import builders
from tests.engine.houses import House

TWO = builders.a_library(
    rulebook=builders.a_rulebook(approvers={"high": {"groups": ["oncall"], "quorum": 2}})
)
ROLES = {"ops": {"groups": ["oncall"]}, "shop": {"groups": ["leads"], "schedules": ["rota:shop"]}}


def of_roles(high: dict[str, object], owners: dict[str, object] | None = None) -> Library:
    rota = {"people": ["U5"], "zone": "UTC", "first": "2026-01-01"}
    rules = builders.a_rulebook(approvers={"high": high}, roles=ROLES, rotas={"shop": rota})
    services = (builders.a_service(approvers=owners or {}),)
    return builders.a_library(rulebook=rules, services=services)


async def test_of_each_role_somebody_must_agree_and_who_is_missing_is_said(house: House) -> None:
    house.library = of_roles({"from_each": ["ops", "shop"]})
    house.pager.schedules["rota:shop"] = frozenset({"U7"})
    await house.asked()
    said = [(await house.vote(who)).text for who in ("U1", "U2", "U7")]

    assert said == [
        "1 of 2 have approved. Still needed: somebody of shop.",
        "2 of 2 have approved. Still needed: somebody of shop.",
        "Approved. I check the plan once more and begin.",
    ]


async def test_an_owner_of_the_service_must_agree_besides_where_it_says_so(house: House) -> None:
    house.library = of_roles({"roles": ["ops"]}, {"low": ["shop"]})
    house.pager.schedules["rota:shop"] = frozenset()
    await house.asked()
    owner, other = await house.vote("U9"), await house.vote("U1")

    assert owner.text == "0 of 1 have approved."
    assert other.text == "Approved. I check the plan once more and begin."


async def test_who_is_on_call_at_the_click_may_decide_and_who_was_may_not(house: House) -> None:
    house.library = of_roles({"roles": ["shop"]})
    house.pager.schedules["rota:shop"] = frozenset({"U7"})
    await house.asked()
    house.pager.schedules["rota:shop"] = frozenset({"U8"})
    before, now = await house.vote("U7"), await house.vote("U8")

    assert before.text.startswith("Only @leads, who is on call by rota:shop may decide this.")
    assert now.done
    assert house.pager.asked[-1] == ("rota:shop", house.clock.now())


async def test_h02_while_the_pager_cannot_be_asked_only_those_who_are_known_decide(
    house: House,
) -> None:
    house.library = of_roles({"roles": ["shop"]})
    await house.asked()
    house.pager.away = True
    on_call, lead = await house.vote("U7"), await house.vote("U9")

    assert on_call.text == (
        "I could not check who may decide: the pager does not answer. Nothing was decided."
    )
    assert lead.done
    assert await house.facts(facts.Barred) == []


async def test_the_yes_of_who_was_removed_since_does_not_count(house: House) -> None:
    house.library = TWO
    await house.asked()
    await house.vote("U1")
    house.people.groups["oncall"] = frozenset({"U2", "U3"})
    second = await house.vote("U2")
    third = await house.vote("U3")
    known = await house.until(State.HEALED, within=60)
    voted = await house.facts(facts.Voted)

    assert second.text == "1 of 2 have approved. The yes of <@U1> does not count any more."
    assert third.done
    assert known.decided is not None
    assert known.decided.by == ("U2", "U3")
    assert [one.lapsed for one in voted] == [(), ("U1",), ("U1",)]
    assert voted[-1].grounds == {"U2": ("oncall",), "U3": ("oncall",)}


async def test_who_comes_back_says_yes_again_and_both_count(house: House) -> None:
    house.library = TWO
    await house.asked()
    await house.vote("U1")
    house.people.groups["oncall"] = frozenset({"U2"})
    await house.vote("U2")
    house.people.groups["oncall"] = frozenset({"U1", "U2"})
    again = await house.vote("U1")

    assert again.text == "Approved. I check the plan once more and begin."


async def test_a_yes_that_cannot_be_checked_again_does_not_count(house: House) -> None:
    approvers = {"high": {"groups": ["oncall"], "people": ["U9"], "quorum": 2}}
    house.library = builders.a_library(rulebook=builders.a_rulebook(approvers=approvers))
    await house.asked()
    await house.vote("U1")
    house.people.away = True
    while_away = await house.vote("U9")
    house.people.away = False
    after = await house.vote("U9")

    assert while_away.text == "1 of 2 have approved. The yes of <@U1> does not count any more."
    assert after.text == "Approved. I check the plan once more and begin."


async def test_what_was_decided_by_the_record_needs_no_second_look_after_a_restart(
    house: House,
) -> None:
    """The vote is safe, its decision not yet: what was true at the vote is what counts."""
    house.library = TWO
    await house.asked()
    await house.vote("U1")
    request = house.incident.asked
    assert request is not None
    grounds = {"U1": ("oncall",), "U2": ("oncall",)}
    voted = facts.Voted(round=1, vote=approval.Vote(who="U2", yes=True), grounds=grounds)
    await recording.record(house.world, house.incident.id, "vote:1:U2:yes", voted, "U2")
    house.people.away = True
    await house.restart()
    known = await house.until(State.HEALED, within=60)

    assert known.decided is not None
    assert known.decided.by == ("U1", "U2")


async def test_ten_who_race_for_a_quorum_of_two_make_exactly_one_start(house: House) -> None:
    house.library = TWO
    house.people.groups["oncall"] = frozenset(f"U{number}" for number in range(10))
    await house.asked()
    house.people.gate = asyncio.Event()
    racing = asyncio.gather(*(house.vote(f"U{number}") for number in range(10)))
    await house.settle()
    house.people.gate.set()
    answers = await racing
    known = await house.until(State.HEALED, within=60)

    assert len(await house.facts(facts.Started)) == 1
    assert len(await house.facts(facts.Decided)) == 1
    assert len(house.effects) == 1
    assert known.decided is not None
    assert len(known.decided.by) == 2
    assert sum(answer.done for answer in answers) == 2


async def test_what_nobody_could_approve_is_refused_at_once_and_a_person_is_called(
    house: House,
) -> None:
    house.library = TWO
    house.people.groups["oncall"] = frozenset({"U1"})
    await house.fire()
    known = await house.until(State.ESCALATED)

    assert known.decided is not None
    assert known.decided.ending is Ending.REFUSED
    assert known.escalated is not None
    assert known.escalated.why == (
        "nobody could approve it: nothing was executed "
        "(2 of oncall must agree, and there is only 1)"
    )
    assert (known.started, house.effects) == (None, [])


async def test_a_group_that_slack_does_not_know_is_nobody(house: House) -> None:
    house.library = builders.a_library(
        rulebook=builders.a_rulebook(approvers={"high": {"groups": ["on-call"]}})
    )
    await house.fire()
    known = await house.until(State.ESCALATED)

    assert known.decided is not None
    assert known.decided.why == (
        "1 of on-call must agree, and there is nobody; Slack knows no user group 'on-call'"
    )


async def test_who_wished_for_it_cannot_be_the_only_one_who_could_approve(house: House) -> None:
    house.people.groups["oncall"] = frozenset({"U1"})
    given = {"service": "shop", "environment": "production"}
    await house.requests.wish(Wish(by="U1", runbook="raise-pool", given=given), "", "")
    known = await house.until(State.ESCALATED)

    assert known.decided is not None
    assert known.decided.why.endswith("who asked for it does not count")


async def test_while_nobody_can_tell_who_could_approve_people_are_asked(house: House) -> None:
    house.people.away = True
    await house.asked()
    house.people.away = False

    assert (await house.vote()).done


async def test_who_is_on_call_when_it_is_asked_is_called(house: House) -> None:
    house.library = of_roles({"roles": ["shop"]})
    house.pager.schedules["rota:shop"] = frozenset({"U8"})
    await house.asked()
    asked = house.incident.asked

    assert asked is not None
    assert asked.request.first == ("leads", "U8")


async def called(house: House, to: str = "shop") -> facts.Escalated:
    """Whom a runbook calls that leaves everything to people."""
    escalate = {"to": to, "say": "Look at the database behind the shop first."}
    rules = of_roles({"roles": ["ops"]}).rulebook
    house.library = builders.a_library(
        builders.a_runbook(steps=[], escalate=escalate), rulebook=rules
    )
    await house.fire()
    known = await house.until(State.ESCALATED)
    assert known.escalated is not None
    return known.escalated


async def test_a_role_that_a_runbook_calls_is_its_groups_and_who_is_on_call_now(
    house: House,
) -> None:
    house.pager.schedules["rota:shop"] = frozenset({"U7"})
    told = await called(house)

    assert (told.to, told.whom) == ("shop", ("leads", "U7"))


async def test_who_is_on_call_is_left_out_where_the_pager_does_not_say(house: House) -> None:
    house.pager.away = True

    assert (await called(house)).whom == ("leads",)


async def test_what_is_no_role_is_called_as_it_stands(house: House) -> None:
    told = await called(house, "dba")

    assert (told.calls, told.whom) == ((), ("dba",))
