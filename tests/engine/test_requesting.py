"""What people ask for is done, or answered with why it is not."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.facts import Wish
from bot.core.lifecycle import State
from tests import builders
from tests.engine.houses import WAITING, House

PLACE = {"service": "shop", "environment": "production"}


async def test_a_wish_is_planned_judged_and_asked_for_like_an_alert(house: House) -> None:
    answer = await house.requests.wish(Wish(by="U1", runbook="raise-pool", given=PLACE), "C7", "9")
    known = await house.until(WAITING)

    assert (answer.done, answer.incident) == (True, known.id)
    assert (known.opened.channel, known.opened.thread) == ("C7", "9")


async def test_a_wish_names_its_place_or_is_asked_for_it(house: House) -> None:
    answer = await house.requests.wish(Wish(by="U1", runbook="raise-pool"), "", "")

    assert answer.text == (
        "Say which service and environment: service=… environment=… "
        "(no service in no environment is not known)."
    )


async def test_who_asks_for_a_sleeping_runbook_is_told_how_to_wake_it(house: House) -> None:
    house.library = replace(house.library, asleep={"drain-node": "kubernetes"})
    answer = await house.requests.wish(Wish(by="U1", runbook="drain-node", given=PLACE), "", "")

    assert answer.text == "drain-node sleeps: set HEAL_KUBERNETES_… to wake it."


async def test_a_runbook_for_one_place_only_need_not_be_told_it(house: House) -> None:
    place = [{"service": "shop", "environment": "production"}]
    house.library = builders.a_library(builders.a_runbook(approved_for=place))
    await house.requests.wish(Wish(by="U1", runbook="raise-pool"), "", "")

    assert (await house.until(WAITING)).service == "shop"


async def test_a_wish_for_an_unknown_runbook_is_told_what_there_is(house: House) -> None:
    answer = await house.requests.wish(Wish(by="U1", runbook="raise-pol", given=PLACE), "", "")

    assert (answer.done, "raise-pool" in answer.text) == (False, True)


async def test_a_runbook_that_vanished_after_the_wish_is_said_with_its_nearest(
    house: House,
) -> None:
    await house.requests.wish(Wish(by="U1", runbook="raise-pool", given=PLACE), "", "")
    house.library = builders.a_library(builders.a_runbook(runbook="raise-pools"))
    known = await house.until(State.ESCALATED)

    assert known.closed is not None
    assert "raise-pools" in known.closed.says


async def test_a_wish_may_give_a_parameter_and_it_is_checked(house: House) -> None:
    house.library = builders.a_library(
        builders.a_runbook(
            parameters={"to": {"type": "integer", "value": 50, "max": 80}},
            steps=[{"do": "fake.pool", "with": {"to": "${params.to}"}}],
        )
    )
    wish = Wish(by="U1", runbook="raise-pool", given={**PLACE, "to": "60"})
    await house.requests.wish(wish, "", "")
    known = await house.until(WAITING)

    assert known.plan is not None
    assert known.plan.steps[0].params == {"to": 60}


@pytest.mark.parametrize("word", ["wish", "undo", "cancel", "keep", "halt", "resume"])
async def test_f08_a_stranger_may_do_nothing(house: House, word: str) -> None:
    name, requests = await house.asked(), house.requests
    asked = {
        "wish": lambda: requests.wish(Wish(by="U7", runbook="raise-pool", given=PLACE), "", ""),
        "undo": lambda: requests.undo(name, "U7", "", ""),
        "cancel": lambda: requests.cancel(name, "U7", ""),
        "keep": lambda: requests.keep(name, "U7"),
        "halt": lambda: house.orders.halt("U7", ""),
        "resume": lambda: house.orders.resume("U7", ""),
    }
    answer = await asked[word]()

    assert (answer.done, answer.text[:14]) == (False, "Only @oncall m")


async def test_while_membership_cannot_be_read_nobody_may_do_anything(house: House) -> None:
    house.people.away = True
    answer = await house.orders.halt("U1", "")

    assert (answer.done, house.cases.standing().halted) == (False, None)
    assert answer.text.startswith("I could not check who may do this")


@pytest.mark.parametrize("word", ["undo", "cancel", "keep"])
async def test_an_unknown_run_is_said_to_be_unknown(house: House, word: str) -> None:
    requests = house.requests
    asked = {
        "undo": lambda: requests.undo("inc-zzz", "U1", "", ""),
        "cancel": lambda: requests.cancel("inc-zzz", "U1", ""),
        "keep": lambda: requests.keep("inc-zzz", "U1"),
    }
    answer = await asked[word]()

    assert answer.text == "I know no run 'inc-zzz'. /heal status lists what is open."


async def test_an_open_question_can_be_cancelled(house: House) -> None:
    name = await house.asked()
    answer = await house.requests.cancel(name, "U2", "token=abcdefgh")
    known = await house.until(State.CANCELLED)

    assert (answer.text, house.effects) == ("Cancelled: nothing was executed.", [])
    assert known.closed is not None
    assert known.closed.says == "cancelled: nothing was executed (token=•••)"


async def test_who_asked_for_it_may_cancel_it_without_being_an_operator(house: House) -> None:
    house.people.groups["oncall"] = frozenset({"U1", "U8"})
    await house.requests.wish(Wish(by="U8", runbook="raise-pool", given=PLACE), "", "")
    await house.until(WAITING)
    house.people.groups["oncall"] = frozenset({"U1"})
    answer = await house.requests.cancel(house.incident.id, "U8", "")

    assert answer.done


async def test_what_is_cancelled_before_the_question_is_not_asked_any_more(house: House) -> None:
    house.pool.gate = asyncio.Event()
    name = await house.fire()
    answer = await house.requests.cancel(name, "U1", "false alarm")
    house.pool.gate.set()
    await house.until(State.CANCELLED)

    assert (answer.done, house.effects) == (True, [])


async def test_a_cancel_after_a_decision_is_too_late(house: House) -> None:
    name = await house.asked()
    await house.vote(yes=False)
    await house.until(State.REJECTED)
    answer = await house.requests.cancel(name, "U1", "")

    assert (answer.done, answer.text.startswith("Too late to cancel")) == (False, True)


async def test_there_is_nothing_to_keep_before_it_is_healed(house: House) -> None:
    answer = await house.requests.keep(await house.asked(), "U1")

    assert answer.text.startswith("There is nothing to keep: inc-a1 is awaiting approval")


async def test_the_runbooks_are_those_of_the_library(house: House) -> None:
    assert [book.runbook for book in house.requests.runbooks()] == ["raise-pool"]


async def test_a_wish_whose_name_another_run_bears_is_not_taken_for_that_run(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await house.asked()
    monkeypatch.setitem(vars(house.world), "new_id", lambda _: first)
    asked = Wish(by="U1", runbook="raise-pool", given=PLACE)
    answer = await house.requests.wish(asked, "", "", "event-1")

    assert (answer.done, answer.text) == (False, "inc-a1 is another run already: ask once more.")
