"""Each thing that Heal did to a service is one of PagerDuty's recent changes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from bot.core import updates
from bot.core.errors import ActionError, PermanentError
from bot.core.facts import StepEnding, Stepped
from bot.core.incident import Incident
from bot.core.updates import Update
from bot.pagers.changes import Changes
from tests import builders
from tests.desks import pagers, stands
from tests.desks.faults import Fault
from tests.desks.pagers import PagerDutyDouble
from tests.slack.cards import stories

LINK = "https://heal.example/incidents/inc-7f3k2m"
Made = Callable[..., Changes]


@pytest.fixture
async def double() -> AsyncIterator[PagerDutyDouble]:
    async with pagers.opened() as opened:
        yield opened


@pytest.fixture
async def made(double: PagerDutyDouble) -> AsyncIterator[Made]:
    async with stands.a_rig() as rig:

        def make(**more: str) -> Changes:
            told = {
                "events_url": double.url, "url": double.url, "token": pagers.TOKEN,
                "routing_keys": f"*={pagers.ROUTING}", **more,
            }  # fmt: skip
            changes: Changes = stands.made("changes", told, rig, room="pagers")
            return changes

        yield make


def of(incident: Incident) -> list[Update]:
    return list(updates.of(incident, LINK))


def steps(incident: Incident) -> list[Stepped]:
    done = (one.fact for one in incident.story)
    return [one for one in done if isinstance(one, Stepped) and one.applied]


async def insist(changes: Changes, update: Update) -> None:
    """Tell it as the engine does, until it was taken."""
    uncertain = False
    for _ in range(5):
        try:
            await changes.tell(update, "heal-inc-7f3k2m", uncertain=uncertain)
        except ActionError:
            uncertain = True
        else:
            return
    raise AssertionError("it was never taken")


async def test_what_was_done_and_taken_back_is_told_in_order_and_nothing_else(
    made: Made, double: PagerDutyDouble
) -> None:
    incident = stories.incident("rolled_back")
    for update in of(incident):
        await insist(made(), update)
    says = [one.scope.says for one in incident.plan.steps] if incident.plan else []

    assert len(double.recent) == len(steps(incident)) >= 2
    assert double.recent[0]["summary"] == f"Heal: {says[0]}"
    assert double.recent[-1]["summary"].endswith("(taken back)")
    assert [one["links"][0]["href"] for one in double.recent] == [LINK] * len(double.recent)
    assert {one["source"] for one in double.recent} == {"shop"}
    assert double.incidents == {}


@pytest.mark.parametrize("fault", Fault)
async def test_whatever_happens_to_a_request_a_change_stands_there_once(
    made: Made, double: PagerDutyDouble, fault: Fault
) -> None:
    incident = stories.incident("rolled_back")
    for update in of(incident):
        double.fail(fault)
        await insist(made(), update)
        double.door.faults.clear()
    marks = [one["custom_details"]["mark"] for one in double.recent]

    assert len(marks) == len(set(marks)) == len(steps(incident))


async def test_what_failed_says_so_for_its_effect_may_be_there(
    made: Made, double: PagerDutyDouble
) -> None:
    failed = Stepped(number=1, ending=StepEnding.FAILED, says="it answered oddly")
    incident = builders.an_incident(*stories.STORIES["running"](), failed)
    await insist(made(), of(incident)[-1])

    assert double.recent[-1]["summary"].endswith("(failed)")


async def test_only_incidents_in_which_something_ran_and_whose_place_has_a_key(made: Made) -> None:
    other = made(routing_keys=f"other={pagers.ROUTING}")

    assert made().concerns(stories.incident("resolved")) == "heal-inc-7f3k2m"
    assert made().concerns(stories.incident("awaiting")) is None
    assert other.concerns(stories.incident("resolved")) is None
    assert not made(routing_keys="").wanted


async def test_a_key_that_was_taken_away_is_named(made: Made) -> None:
    step = next(one for one in of(stories.incident("resolved")) if isinstance(one.fact, Stepped))
    with pytest.raises(PermanentError, match="HEAL_CHANGES_ROUTING_KEYS"):
        await made(routing_keys=f"other={pagers.ROUTING}").tell(step, "heal", uncertain=False)


async def test_a_token_that_is_not_taken_is_named(made: Made) -> None:
    assert "HEAL_CHANGES_TOKEN" in await made(token="wrong-9d2x").why_not()
    assert await made().why_not() == ""
