"""A ticket that is closed or on hold keeps Heal's hands off; one that is unread, as policy says."""

from __future__ import annotations

from bot.core.objection import Objection
from bot.core.policy import ticket
from bot.core.policy.verdict import Ruling, Verdict
from tests.core.policy.builders import a_case, a_plan, a_rulebook

CLOSED = Objection(system="servicenow", says="INC1 in ServiceNow is closed")
AWAY = Objection(system="servicenow", says="it cannot be reached", unread=True)


def judged(*objections: Objection, **rules: object) -> Verdict:
    plan = a_plan().model_copy(update={"objections": objections})
    return ticket.judge(a_case(plan=plan, rulebook=a_rulebook(**rules)))


def test_no_objection_allows() -> None:
    assert judged().ruling is Ruling.ALLOW


def test_a_ticket_that_is_against_it_denies_and_says_what_to_do() -> None:
    said = judged(CLOSED, AWAY)

    assert said.ruling is Ruling.DENY
    assert said.reason == "INC1 in ServiceNow is closed: mend that there first, then ask again"


def test_a_ticket_system_that_is_away_keeps_nothing_from_being_healed() -> None:
    said = judged(AWAY)

    assert said.ruling is Ruling.ALLOW
    assert "could not be read in servicenow (it cannot be reached)" in said.reason


def test_where_policy_wants_it_an_unread_ticket_is_asked_about() -> None:
    assert judged(AWAY, ticket={"unread": "ask"}).ruling is Ruling.ASK
    assert judged(CLOSED, ticket={"unread": "ask"}).ruling is Ruling.DENY


def test_what_was_read_of_it_is_no_part_of_what_people_approve() -> None:
    assert a_plan().digest == a_plan().model_copy(update={"objections": (AWAY,)}).digest
