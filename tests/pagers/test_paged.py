"""Whoever is paged can begin at once, whichever pager woke them."""

from __future__ import annotations

import pytest

from bot.core import updates
from bot.core.facts import Escalated
from bot.core.ladder import Need
from bot.core.updates import Kind
from tests import builders
from tests.desks import stands
from tests.desks.faults import Open
from tests.slack.cards import stories

PAGERS: dict[str, Open] = {
    "pagerduty": stands.pagerduty,
    "jsm": stands.jsm,
    "irm": stands.irm,
    "hook": stands.hook,
}
CALLED = {"need": Need.FAILED, "page": True}
LINK = "https://heal.example/incidents/inc-7f3k2m"


@pytest.mark.parametrize("name", PAGERS)
async def test_r124_who_is_paged_reads_what_was_tried_what_came_of_it_and_of_the_way_back(
    name: str,
) -> None:
    told = stories.STORIES["rolled_back"]()
    known = builders.an_incident(
        *(one.model_copy(update=CALLED) if isinstance(one, Escalated) else one for one in told)
    )
    [call] = [one for one in updates.of(known, LINK) if one.kind is Kind.ESCALATED]
    async with PAGERS[name]() as stand:
        assert stand.correspondent.concerns(known) == ""
        reference = await stand.correspondent.tell(call, "", uncertain=False)
        note = stand.desk.notes(reference)[-1]

    assert "Escalated to S0ONCALL: it did not help: step 2: the breaker's page answered" in note
    assert "Tried: Step 1 done after 2.1 s: 4 → 6 replicas, all ready." in note
    assert "Tried: Step 2 failed after 1.2 s" in note
    assert "Tried: Rollback of step 1 done after 2 s: 6 → 4 replicas." in note
    assert "The way back was taken: rolled back" in note
    assert LINK in note
