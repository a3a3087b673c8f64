"""How an incident stands is said in one sentence."""

from __future__ import annotations

from bot.core import facts
from bot.core.approval import Ending
from bot.core.lifecycle import Event
from bot.core.outcome import outcome
from tests.builders import an_incident, an_opening
from tests.core.test_incident import APPROVED, ASKED, RAN, YES


def test_an_open_incident_says_its_state() -> None:
    assert outcome(an_incident(*ASKED)) == "inc-7f3k2m is awaiting approval."


def test_a_decided_one_says_by_whom() -> None:
    both = APPROVED.model_copy(update={"by": ("U1", "U2")})

    assert outcome(an_incident(*ASKED, YES, both)) == (
        "inc-7f3k2m is awaiting approval; approved by <@U1> and <@U2>."
    )


def test_a_decision_of_nobody_names_nobody() -> None:
    expired = APPROVED.model_copy(update={"by": (), "ending": Ending.EXPIRED})

    assert outcome(an_incident(*ASKED, expired)).endswith("; expired.")


def test_an_ended_one_says_how_it_ended() -> None:
    closed = facts.Closed(event=Event.NO_PLAN, says="no runbook fits")

    assert outcome(an_incident(an_opening(), closed)) == (
        "inc-7f3k2m is escalated; no runbook fits."
    )


def test_a_healed_one_says_what_proves_it() -> None:
    proof = facts.Verified(passed=True, why="web.status == 200 held for 30 s", checks=7, held=30,
                           seconds=35)  # fmt: skip
    known = an_incident(*RAN, facts.Acted(), proof)

    assert outcome(known).endswith("is healed; approved by <@U1>; web.status == 200 held for 30 s.")
