"""JSM Operations in step: what it took counts as told once it says that it was done."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from bot.core import updates
from bot.core.errors import PermanentError, UncertainError
from bot.core.facts import Escalated, Raised, TicketLinked
from bot.core.facts.fact import Fact
from bot.core.incident import Incident
from bot.core.ladder import Need
from bot.core.updates import Kind, Update
from bot.pagers.jsm import LOOKS, Jsm
from tests import builders
from tests.desks import jsms, stands
from tests.desks.faults import Fault
from tests.desks.jsms import BEA, ESCALATION, OWN, JsmDouble
from tests.slack.cards import stories

ID = "9b251e07-alert"
PAGE = Escalated(to="oncall", why="the restart did not help", need=Need.FAILED, page=True)
SECOND = Raised(level=2, calls=("leads",))
TO = f"other=none, shop={ESCALATION}"
Made = Callable[..., Jsm]


@pytest.fixture
async def double() -> AsyncIterator[JsmDouble]:
    async with jsms.opened() as opened:
        opened.put(ID)
        yield opened


@pytest.fixture
async def made(double: JsmDouble) -> AsyncIterator[Made]:
    async with stands.a_rig() as rig:

        def make(**more: str) -> Jsm:
            pager: Jsm = stands.made("jsm", stands.of_jsm(double, **more), rig, room="pagers")
            return pager

        yield make


def of(incident: Incident) -> list[Update]:
    return list(updates.of(incident, "https://heal.example/incidents/inc-7f3k2m"))


def called(*more: Fact) -> Incident:
    return builders.an_incident(builders.an_opening(), PAGE, *more)


async def tell(pager: Jsm, *told: Update, uncertain: bool = False) -> None:
    for update in told:
        await pager.tell(update, ID, uncertain=uncertain)


async def test_an_incident_that_came_from_there_is_about_that_alert(made: Made) -> None:
    alert = builders.an_alert(source="opsgenie", annotations={"opsgenie_alert": ID})

    assert made().concerns(builders.an_incident(builders.an_opening(alert=alert))) == ID


async def test_r126_it_is_closed_after_the_proof(made: Made, double: JsmDouble) -> None:
    told = of(stories.incident("resolved"))
    [at] = [place for place, update in enumerate(told) if update.resolves]
    await tell(made(), *told[:at])
    before = double.alerts[ID]["status"]
    await tell(made(), *told[at:])

    assert (before, double.alerts[ID]["status"]) == ("open", "closed")
    assert "before:" in double.notes(ID)[at]


async def test_nobody_is_silenced_unless_the_settings_say_so(made: Made, double: JsmDouble) -> None:
    begun = [one for one in of(stories.incident("running")) if one.kind is Kind.STARTED]
    await tell(made(), *begun)
    silent = double.alerts[ID]["acknowledged"]
    await tell(made(acknowledge="true"), *begun)

    assert (silent, double.alerts[ID]["acknowledged"]) == (False, True)


async def test_what_heal_acknowledged_calls_again_when_the_run_failed(
    made: Made, double: JsmDouble
) -> None:
    double.acknowledge(ID, OWN)
    await tell(made(acknowledge="true"), of(called())[-1])

    assert not double.alerts[ID]["acknowledged"]
    assert double.escalated == []


async def test_each_level_takes_the_next_step_of_the_escalation_of_its_service_once(
    made: Made, double: JsmDouble
) -> None:
    await tell(made(escalate_to=TO), of(called())[-1])
    await tell(made(escalate_to=TO), of(called())[-1], uncertain=True)
    once = [*double.escalated]
    await tell(made(escalate_to=TO), of(called(SECOND))[-1])

    assert once == [(ID, ESCALATION)]
    assert double.escalated == [(ID, ESCALATION)] * 2


async def test_an_escalation_whose_answer_was_lost_is_not_taken_twice(
    made: Made, double: JsmDouble
) -> None:
    double.door.faults = [None, Fault.LOST]
    with pytest.raises(UncertainError):
        await tell(made(escalate_to=TO), of(called())[-1])
    await tell(made(escalate_to=TO), of(called())[-1], uncertain=True)

    assert double.escalated == [(ID, ESCALATION)]


async def test_who_acknowledged_it_is_at_work_and_has_it(made: Made, double: JsmDouble) -> None:
    linked = called(TicketLinked(system="jsm", reference=ID))
    nobody = await made().holder(linked, "jsm")
    double.acknowledge(ID)
    await tell(made(escalate_to=TO), *of(called(SECOND))[-2:])

    assert nobody == ""
    assert await made().holder(linked, "jsm") == "Bea"
    assert double.escalated == []


async def test_heals_own_acknowledgement_is_nobody_who_has_it(
    made: Made, double: JsmDouble
) -> None:
    linked = called(TicketLinked(system="jsm", reference=ID))
    found = {}
    for owner in (OWN, None, BEA):
        double.acknowledge(ID, owner)
        found[owner] = [await made(acknowledge=a).holder(linked, "jsm") for a in ("true", "false")]

    assert found == {OWN: ["", "Heal"], None: ["", "somebody"], BEA: ["Bea", "Bea"]}


async def test_what_it_took_and_then_did_not_do_is_not_told(made: Made, double: JsmDouble) -> None:
    double.refuses = "Your account plan does not support it"
    with pytest.raises(PermanentError, match="account plan does not support"):
        await made().tell(of(called())[-1], "", uncertain=False)


async def test_what_it_does_a_moment_later_is_waited_for(made: Made, double: JsmDouble) -> None:
    double.slow = 3
    reference = await made().tell(of(called())[-1], "", uncertain=False)
    asked = [one for one in double.door.asked if "/requests/" in one]

    assert double.records() == [ID, reference]
    assert len(asked) == 4


async def test_what_it_does_not_do_in_time_is_uncertain(made: Made, double: JsmDouble) -> None:
    double.slow = LOOKS + 1
    with pytest.raises(UncertainError, match="does not say that it was done"):
        await made().tell(of(called())[-1], "", uncertain=False)


async def test_r124_a_page_goes_to_the_team_and_says_what_was_tried(
    made: Made, double: JsmDouble
) -> None:
    reference = await made().tell(of(called())[-1], "", uncertain=False)
    sent = double.alerts[reference]["sent"]

    assert sent["responders"] == [{"id": jsms.TEAM, "type": "team"}]
    assert (sent["alias"], sent["priority"]) == ("heal-inc-7f3k2m", "P1")
    assert "the restart did not help" in sent["description"]
    assert sent["extraProperties"]["link"] == "https://heal.example/incidents/inc-7f3k2m"


async def test_without_a_team_for_its_service_nothing_is_paged(made: Made) -> None:
    assert made(teams="other=t").concerns(called()) is None
    assert made().concerns(called()) == ""
    assert made().concerns(stories.incident("resolved")) is None


async def test_what_came_back_is_a_new_alert(made: Made, double: JsmDouble) -> None:
    await tell(made(), *of(stories.incident("resolved")), of(stories.incident("not_fixed"))[-1])

    assert [one["status"] for one in double.alerts.values()] == ["closed", "open"]


async def test_the_doctor_hears_which_setting_is_not_taken(made: Made) -> None:
    assert "HEAL_JSM_USER with HEAL_JSM_TOKEN" in await made(token="wrong-9d2x").why_not()
    assert "wrong-9d2x" not in await made(token="wrong-9d2x").why_not()
    assert not made(cloud="").wanted
