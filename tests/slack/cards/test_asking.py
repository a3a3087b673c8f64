"""The request for approval says all that a decision needs, where people look for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core import facts
from bot.core.approval import Request
from bot.slack.cards import root
from tests import builders
from tests.slack.cards import stories

NOW = builders.START + timedelta(minutes=5, seconds=5)


def blocks(name: str) -> list[Any]:
    return root.card(stories.incident(name), NOW).blocks


def fields(name: str) -> dict[str, str]:
    """What stands side by side, by its title."""
    told = [one["text"] for block in blocks(name) for one in block.get("fields", ())]
    return {head.strip("*"): rest for head, _, rest in (one.partition("\n") for one in told)}


def test_the_header_says_what_is_wanted_and_the_title_what_it_is_about() -> None:
    header, title = blocks("awaiting")[:2]

    assert header["text"]["text"] == "🔔 Auto-Recovery Approval Required"
    assert title["text"]["text"] == "*Restart a service that stopped answering*"


def test_event_runbook_confidence_and_time_stand_side_by_side() -> None:
    told = fields("awaiting")

    assert (told["Event"], told["Runbook"], told["Confidence"], told["Est. recovery time"]) == (
        "ServiceDown", "`restart-service`", "95%", "about 45 s",
    )  # fmt: skip


def test_the_problem_is_quoted_and_the_actions_are_numbered_with_their_parameters() -> None:
    card = str(blocks("awaiting"))

    assert "Problem: “ServiceDown: shop answers 502 on web-1”" in card
    assert "*Planned actions*\\n1. `systemctl restart shop on web-1`" in card
    assert "↳ `systemd.restart host=web-1, unit=shop`" in card


@pytest.mark.parametrize(
    ("name", "said"),
    [("awaiting", "⚠️ none: there is nothing"), ("awaiting_two", "🔴 *irreversible*: step 1")],
)
def test_a_rollback_that_is_not_there_warns(name: str, said: str) -> None:
    assert fields(name)["Rollback"].startswith(said)


def test_a_rollback_that_is_there_says_what_it_would_do() -> None:
    said = fields("running")["Rollback"]

    assert said.startswith("✅ available: `kubectl scale deployment/shop --replicas=4`")


def test_the_buttons_are_named_and_styled() -> None:
    row = blocks("awaiting")[-1]
    told = [(one["action_id"], one["text"]["text"], one.get("style")) for one in row["elements"]]

    assert told == [
        ("approve_recovery", "✅ Approve &amp; Execute", "primary"),
        ("reject_recovery", "❌ Reject", "danger"),
        ("view_recovery_details", "🔍 View Details", None),
        ("edit_plan", "✏️ Edit…", None),
    ]


def test_row_and_values_are_the_plans_one_id() -> None:
    row = blocks("awaiting")[-1]

    assert row["block_id"] == "recovery_inc-7f3k2m.1"
    assert {one["value"] for one in row["elements"]} == {"inc-7f3k2m.1"}


def test_the_time_is_counted_from_a_moment_that_is_named() -> None:
    story = stories.STORIES["awaiting"]()[:-1]
    asked_at = builders.entries(*story)[-1].at + timedelta(seconds=1)
    request = Request(
        round=1, plan_digest="c" * 64, quorum=1, people=("U0ANA",),
        expires_at=asked_at + timedelta(minutes=5),
    )  # fmt: skip
    known = builders.an_incident(*story, facts.Asked(request=request))
    said = str(root.card(known, asked_at).blocks)

    assert "⏰ This request will timeout in 5 minutes (asked <!date^" in said


def test_what_the_alert_measured_stands_on_its_card_in_one_line() -> None:
    measured = {"current_value": "2500", "threshold": "100", "unit": "ms", "trend": "RISING"}
    opened = builders.an_opening(alert=builders.an_alert(annotations=measured))
    said = str(root.card(builders.an_incident(opened), NOW).blocks)

    assert "📊 2500 ms against 100 ms, rising" in said


def test_while_it_is_looked_into_people_see_how_bad_it_is_and_what_is_meant() -> None:
    told = fields("looking")

    assert told == {
        "Severity": "🔴 critical",
        "Root cause": "the alert is ServiceDown; shop is a systemd unit",
        "Impact": "shop in production; checkout depends on it",
        "Recommended action": "runbook `restart-service`",
        "Status": "⏳ Analyzing… reading evidence. Nothing has been changed.",
    }


def test_the_first_notice_needs_nothing_but_the_alert() -> None:
    said = str(root.card(builders.an_incident(builders.an_opening()), NOW).blocks)
    wanted = ("🔴 critical", "not known yet", "none yet", "Analyzing…", "https://alerts.example/")

    assert [one for one in wanted if one not in said] == []


@pytest.mark.parametrize(("name", "taken"), [("awaiting", True), ("awaiting_two", False),
                                             ("changed", False)])  # fmt: skip
def test_reactions_are_offered_only_where_they_count(name: str, taken: bool) -> None:
    offer = "or react: ✅ approve · ⏸️ pause and investigate manually · ❌ skip"

    assert (offer in str(blocks(name))) is taken
