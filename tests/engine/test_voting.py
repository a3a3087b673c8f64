"""Who may decide, how many it takes, and that a decision is made once."""

from __future__ import annotations

import asyncio

from bot.core import facts, incident
from bot.core.approval import Ending
from bot.core.facts import Wish
from bot.core.lifecycle import State
from bot.core.transcript import Draft
from tests import builders
from tests.engine.houses import WAITING, House

TWO = builders.a_library(
    rulebook=builders.a_rulebook(approvers={"high": {"groups": ["oncall"], "quorum": 2}})
)


async def test_a_stranger_may_not_decide_and_the_attempt_is_kept(house: House) -> None:
    await house.asked()
    answer = await house.vote("U7")

    assert (answer.done, answer.text) == (
        False,
        "Only @oncall may decide this. Nothing was changed; ask one of them to look.",
    )
    assert [barred.who for barred in await house.facts(facts.Barred)] == ["U7"]
    assert house.incident.state is WAITING


async def test_a_stranger_may_not_say_no_either(house: House) -> None:
    await house.asked()
    answer = await house.vote("U7", yes=False)

    assert (answer.done, house.incident.state) == (False, WAITING)


async def test_b01_who_asked_for_it_may_not_approve_it(house: House) -> None:
    given = {"service": "shop", "environment": "production"}
    await house.requests.wish(Wish(by="U1", runbook="raise-pool", given=given), "", "")
    await house.until(WAITING)
    answer = await house.vote("U1")

    assert answer.text == "You asked for this yourself, so somebody else must approve it."
    assert house.incident.state is WAITING


async def test_who_asked_for_it_may_reject_it(house: House) -> None:
    given = {"service": "shop", "environment": "production"}
    await house.requests.wish(Wish(by="U1", runbook="raise-pool", given=given), "", "")
    await house.until(WAITING)
    answer = await house.vote("U1", yes=False)
    await house.until(State.REJECTED)

    assert answer.done


async def test_b04_a_quorum_of_two_is_two_different_people(house: House) -> None:
    house.library = TWO
    await house.asked()
    first = await house.vote("U1")
    again = await house.vote("U1")

    assert (first.done, first.text) == (True, "1 of 2 have approved.")
    assert (again.done, again.text) == (False, "You said so already. 1 of 2 have approved.")

    await house.vote("U2")
    known = await house.until(State.HEALED, within=60)

    assert known.decided is not None
    assert known.decided.by == ("U1", "U2")


async def test_any_no_wins(house: House) -> None:
    house.library = TWO
    await house.asked()
    await house.vote("U1")
    await house.vote("U2", yes=False)

    assert (await house.until(State.REJECTED)).started is None


async def test_somebody_who_said_yes_may_still_say_no_while_it_is_open(house: House) -> None:
    house.library = TWO
    await house.asked()
    await house.vote("U1")
    await house.vote("U1", yes=False)

    assert (await house.until(State.REJECTED)).started is None


async def test_b05_ten_clicks_at_once_by_five_people_make_one_decision(house: House) -> None:
    await house.asked()
    people = [f"U{1 + number % 5}" for number in range(10)]
    answers = await asyncio.gather(
        *(house.vote(who, yes=number % 3 > 0) for number, who in enumerate(people))
    )
    await house.settle()

    assert len(await house.facts(facts.Decided)) == 1
    assert sum(answer.done for answer in answers) == 1


async def test_two_who_agree_at_once_are_both_told_that_they_counted(house: House) -> None:
    house.library = TWO
    await house.asked()
    answers = await asyncio.gather(house.vote("U1"), house.vote("U2"))

    assert [answer.text for answer in answers] == [
        "1 of 2 have approved.", "Approved. I check the plan once more and begin.",
    ]  # fmt: skip


async def test_of_a_yes_and_a_no_at_once_one_stands(house: House) -> None:
    await house.asked()
    yes, no = await asyncio.gather(house.vote("U1"), house.vote("U2", yes=False))
    known = await house.until(State.HEALED, State.REJECTED, within=60)

    assert {yes.done, no.done} == {True, False}
    assert (known.state is State.HEALED) == yes.done


async def test_a_late_click_is_told_what_happened(house: House) -> None:
    await house.asked()
    await house.vote("U1")
    await house.until(State.HEALED, within=60)
    late = await house.vote("U2", yes=False)

    assert not late.done
    assert late.text.startswith("Not found or already executed: inc-a1 is healed; approved by")


async def test_a_click_on_a_card_that_was_replaced_points_to_the_new_one(house: House) -> None:
    await house.asked()
    house.pool.value = 30
    await house.vote()
    await house.settle()
    late = await house.vote(round_=1)

    assert late.text == "Plan 1 was replaced: look at the newest card of inc-a1."


async def test_a_click_for_an_unknown_incident_is_answered(house: House) -> None:
    answer = await house.requests.vote("inc-zzz", 1, "U1", yes=True, why="")

    assert answer.text == "I know no plan 'inc-zzz'."


async def test_while_membership_cannot_be_read_nobody_decides(house: House) -> None:
    await house.asked()
    house.people.away = True
    answer = await house.vote()

    assert (answer.done, house.incident.state) == (False, WAITING)
    assert answer.text.startswith("I could not check who may decide")
    assert not await house.facts(facts.Voted)


async def test_b02_who_left_the_group_a_moment_ago_may_not_decide(house: House) -> None:
    await house.asked()
    house.people.groups["oncall"] = frozenset({"U2"})

    assert not (await house.vote("U1")).done


async def test_a_cancel_that_comes_after_the_decision_is_told_so(house: House) -> None:
    name = await house.asked()
    _, cancelled = await asyncio.gather(house.vote(), house.requests.cancel(name, "U2", ""))
    known = await house.until(State.HEALED, State.CANCELLED, within=60)

    assert len(await house.facts(facts.Decided)) == 1
    assert cancelled.done == (known.state is State.CANCELLED)


async def test_a_reason_is_kept_without_its_secrets(house: House) -> None:
    await house.asked()
    await house.requests.vote(house.incident.id, 0, "U1", yes=False, why="password=hunter22")
    await house.until(State.REJECTED)

    assert [voted.vote.why for voted in await house.facts(facts.Voted)] == ["password=•••"]


async def test_votes_that_were_enough_before_a_crash_are_counted_after_it(house: House) -> None:
    name = await house.asked()
    vote = facts.Voted(round=1, vote={"who": "U1", "yes": True})
    draft = Draft(at=house.clock.now(), incident=name, actor="U1", kind=vote.kind,
                  key=f"{name}:vote:1:U1:yes", body=vote.body)  # fmt: skip
    await house.ledger.append(draft)
    await house.restart()
    known = await house.until(State.HEALED, within=60)

    assert known.decided is not None
    assert known.decided.ending is Ending.APPROVED


async def test_b09_votes_that_were_enough_are_too_late_when_the_time_ran_out_meanwhile(
    house: House,
) -> None:
    name = await house.asked()
    vote = facts.Voted(round=1, vote={"who": "U1", "yes": True})
    draft = Draft(at=house.clock.now(), incident=name, actor="U1", kind=vote.kind,
                  key=f"{name}:vote:1:U1:yes", body=vote.body)  # fmt: skip
    await house.ledger.append(draft)
    await house.restart(away=300)
    known = await house.until(State.EXPIRED)

    assert (known.decided, house.effects) == (None, [])


async def moved(house: House) -> str:
    """The plan moved after a yes, so that another one is asked about."""
    name = await house.asked()
    house.pool.value = 30
    await house.vote("U1", round_=1)
    await house.until(WAITING)
    request = incident.request_of(house.of(name))
    assert request is not None
    assert request.round == 2
    return name


async def test_a_yes_that_names_no_plan_is_none_once_there_was_another_plan(house: House) -> None:
    name = await moved(house)
    answer = await house.vote("U2", round_=0)
    await house.settle()

    assert (answer.done, house.of(name).state, house.effects) == (False, WAITING, [])
    assert answer.text == (
        f"The plan changed, and your yes does not say which one it means: read the newest card of "
        f"{name}, and press its button or write `approve {name}.2`. Nothing was decided."
    )


async def test_a_no_needs_to_name_no_plan(house: House) -> None:
    name = await moved(house)
    answer = await house.vote("U2", yes=False, round_=0)
    await house.until(State.REJECTED)

    assert (answer.done, house.of(name).state) == (True, State.REJECTED)


async def test_a_yes_to_the_plan_that_was_replaced_is_none(house: House) -> None:
    name = await moved(house)
    answer = await house.vote("U2", round_=1)

    assert (answer.done, answer.text) == (
        False, f"Plan 1 was replaced: look at the newest card of {name}.",
    )  # fmt: skip
