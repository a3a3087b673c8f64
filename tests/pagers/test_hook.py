"""The webhook for any other pager: what it says of an incident once that is over."""

from __future__ import annotations

import pytest

from bot.core import updates
from tests.desks import stands
from tests.desks.hooks import Listener
from tests.slack.cards import stories


@pytest.mark.parametrize(
    ("name", "alone"), [("resolved", False), ("resolved_alone", True), ("not_fixed", False)]
)
async def test_r133_figures_of_an_incident_that_ended_are_posted_once(
    name: str, *, alone: bool
) -> None:
    incident = stories.incident(name)
    async with stands.hook() as stand:
        for update in updates.of(incident):
            await stand.opener.tell(update, "", uncertain=False)
            await stand.opener.tell(update, "", uncertain=True)
        assert isinstance(stand.desk, Listener)
        told = [one["metrics"] for one in stand.desk.kept.values() if one["metrics"]]

    assert incident.closed_at is not None
    assert told[-1] == {
        "incident_id": "inc-7f3k2m",
        "duration": (incident.closed_at - incident.opened_at).total_seconds(),
        "severity": "critical",
        "auto_resolved": alone,
    }
