"""A group that is named twice, by handle and by id, is called once."""

from __future__ import annotations

from datetime import timedelta

from bot.core import facts
from bot.core.approval import Request
from bot.slack import naming
from bot.slack.cards import notes, root
from tests import builders
from tests.slack.cards import stories


def test_a_group_named_by_handle_and_by_id_is_called_once() -> None:
    request = Request(
        round=1,
        plan_digest="c" * 64,
        quorum=1,
        groups=("oncall", "@oncall", "S0ONCALL"),
        expires_at=builders.START + timedelta(minutes=10),
    )
    story = (*stories.STORIES["awaiting"]()[:-1], facts.Asked(request=request))
    known = naming.with_ids(builders.an_incident(*story), {"oncall": "S0ONCALL"})

    shown = str(root.card(known, builders.START).blocks)

    assert shown.count("<!subteam^S0ONCALL>") == 2, "who is waited for, and who may approve"
    assert "Waits for <!subteam^S0ONCALL> to decide" in shown
    assert "may approve: <!subteam^S0ONCALL>'" in shown


def test_a_role_that_is_called_mentions_its_groups_and_people() -> None:
    called = facts.Escalated(to="shop", why="it did not help", calls=("leads", "U0SAM"))
    known = naming.with_ids(
        builders.an_incident(builders.an_opening(), called), {"leads": "S0LEADS"}
    )
    (note,) = [one for one in notes.notes(known) if one.slot == "escalated"]

    assert "<!subteam^S0LEADS> and <@U0SAM>" in str(note.message.blocks)
