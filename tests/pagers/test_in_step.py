"""PagerDuty in step: nobody is silenced, the proof resolves, what failed wakes the right ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from bot.core import facts, updates
from bot.core.errors import ConfigurationError
from bot.core.facts import Escalated, Raised, TicketLinked
from bot.core.facts.fact import Fact
from bot.core.incident import Incident
from bot.core.ladder import Need
from bot.core.updates import Kind, Update
from bot.pagers.pagerduty import PagerDuty
from tests import builders
from tests.desks import pagers, stands
from tests.desks.pagers import PagerDutyDouble
from tests.slack.cards import stories

ID = "PABC123"
PAGE = Escalated(to="oncall", why="the restart did not help", need=Need.FAILED, page=True)
SECOND = Raised(level=2, calls=("leads",))
Made = Callable[..., PagerDuty]


@pytest.fixture
async def double() -> AsyncIterator[PagerDutyDouble]:
    async with pagers.opened() as opened:
        opened.put(ID)
        yield opened


@pytest.fixture
async def made(double: PagerDutyDouble) -> AsyncIterator[Made]:
    async with stands.a_rig() as rig:

        def make(**more: str) -> PagerDuty:
            told = stands.of_pagerduty(double, **more)
            pager: PagerDuty = stands.made("pagerduty", told, rig, room="pagers")
            return pager

        yield make


def of(incident: Incident) -> list[Update]:
    return list(updates.of(incident, "https://heal.example/incidents/inc-7f3k2m"))


def called(*more: Fact) -> Incident:
    return builders.an_incident(builders.an_opening(), PAGE, *more)


def from_pagerduty() -> Incident:
    alert = builders.an_alert(source="pagerduty", annotations={"pagerduty_incident": ID})
    return builders.an_incident(builders.an_opening(alert=alert))


async def tell(pager: PagerDuty, *told: Update, uncertain: bool = False) -> None:
    for update in told:
        await pager.tell(update, ID, uncertain=uncertain)


async def test_an_incident_that_came_from_pagerduty_is_about_that_one(made: Made) -> None:
    assert made().concerns(from_pagerduty()) == ID


async def test_r126_it_is_resolved_after_the_proof_with_what_was_seen(
    made: Made, double: PagerDutyDouble
) -> None:
    told = of(stories.incident("resolved"))
    [at] = [place for place, update in enumerate(told) if update.resolves]
    await tell(made(), *told[:at])
    before = [*double.changes]
    await tell(made(), *told[at:])

    assert before == []
    [change] = double.changes
    assert (change["id"], change["status"]) == (ID, "resolved")
    assert "verified" in change["resolution"]
    assert "before:" in change["resolution"]


async def test_nobody_is_silenced_unless_the_settings_say_so(
    made: Made, double: PagerDutyDouble
) -> None:
    begun = [one for one in of(stories.incident("running")) if one.kind is Kind.STARTED]
    await tell(made(), *begun)
    silent = double.incidents[ID]["status"]
    await tell(made(acknowledge="true"), *begun)

    assert len(begun) == 1
    assert silent == "triggered"
    assert double.incidents[ID]["status"] == "acknowledged"


async def test_what_heal_acknowledged_rings_again_when_the_run_failed(
    made: Made, double: PagerDutyDouble
) -> None:
    double.acknowledge(ID, pagers.SENDER)
    await tell(made(acknowledge="true"), of(called())[-1])

    assert double.incidents[ID]["status"] == "triggered"


async def test_what_rings_already_is_left_to_its_policy(
    made: Made, double: PagerDutyDouble
) -> None:
    await tell(made(), of(called())[-1])

    assert double.changes == []
    assert "the restart did not help" in double.notes(ID)[-1]


async def test_what_failed_goes_to_the_policy_that_is_named_for_its_service(
    made: Made, double: PagerDutyDouble
) -> None:
    await tell(made(escalate_to="other=PNO, shop=PPOLICY"), of(called())[-1])
    [change] = double.changes

    assert change["escalation_policy"] == {"id": "PPOLICY", "type": "escalation_policy_reference"}


async def test_the_next_level_is_woken_once_however_often_it_is_said(
    made: Made, double: PagerDutyDouble
) -> None:
    last = of(called(SECOND))[-1]
    await tell(made(), last)
    await tell(made(), last, uncertain=True)

    assert [one["escalation_level"] for one in double.changes] == [2]


async def test_who_acknowledged_it_is_at_work_and_has_it(
    made: Made, double: PagerDutyDouble
) -> None:
    double.acknowledge(ID)
    await tell(made(escalate_to="*=PPOLICY"), *of(called(SECOND))[-2:])
    linked = called(TicketLinked(system="pagerduty", reference=ID))

    assert double.changes == []
    assert await made().holder(linked, "pagerduty") == "Bea"


async def test_heals_own_acknowledgement_is_nobody_who_has_it(
    made: Made, double: PagerDutyDouble
) -> None:
    linked = called(TicketLinked(system="pagerduty", reference=ID))
    nobody = await made().holder(linked, "pagerduty")
    double.acknowledge(ID, pagers.SENDER)

    assert nobody == ""
    assert await made().holder(linked, "pagerduty") == ""


async def test_r53_only_what_heal_could_not_mend_is_paged(made: Made) -> None:
    quiet = called().model_copy(
        update={"quiet": facts.Quiet(until=builders.START, why="it settles")}
    )
    refused = PAGE.model_copy(update={"page": False})

    assert made().concerns(stories.incident("resolved")) is None
    assert made().concerns(stories.incident("awaiting")) is None
    assert made().concerns(builders.an_incident(builders.an_opening(), refused)) is None
    assert made().concerns(quiet) is None
    assert made().concerns(called()) == ""


async def test_r124_a_page_says_what_was_tried_and_leads_to_all_of_it(
    made: Made, double: PagerDutyDouble
) -> None:
    incident = called()
    reference = await made().tell(of(incident)[-1], "", uncertain=False)
    page = double.named(reference)
    assert page is not None
    payload = page["payload"]

    assert payload["severity"] == "critical"
    assert payload["summary"].startswith("Heal could not mend shop in production: ")
    assert payload["custom_details"]["why"] == "the restart did not help"
    assert "https://heal.example/incidents/inc-7f3k2m" in payload["custom_details"]["update"]


async def test_without_a_key_for_its_service_nothing_is_paged(made: Made) -> None:
    assert made(routing_keys=f"other={pagers.ROUTING}").concerns(called()) is None


async def test_with_a_key_alone_it_is_paged_and_resolved_by_events(
    made: Made, double: PagerDutyDouble
) -> None:
    pager = made(token="", sender="")
    told = of(stories.incident("resolved"))
    reference = await pager.tell(told[0], "", uncertain=False)
    for update in told[1:]:
        await pager.tell(update, reference, uncertain=False)

    assert double.resolved(reference)


async def test_what_came_back_is_triggered_anew(made: Made, double: PagerDutyDouble) -> None:
    await tell(made(), *of(stories.incident("resolved")), of(stories.incident("not_fixed"))[-1])

    assert double.incidents[ID]["status"] == "resolved"
    assert [one["status"] for one in double.incidents.values()] == ["resolved", "triggered"]


async def test_a_sender_whom_pagerduty_does_not_know_is_told(made: Made) -> None:
    assert "knows no user nobody@example.com" in await made(sender="nobody@example.com").why_not()


def test_a_key_that_is_none_is_refused_without_being_told() -> None:
    told = {"routing_keys": "shop=abcdefghij-secret"}
    with pytest.raises(ConfigurationError) as refused:
        stands.made("pagerduty", told, None, room="pagers")  # type: ignore[arg-type]

    assert "32 signs" in str(refused.value)
    assert "abcdefghij" not in str(refused.value)


def gathered() -> Incident:
    """Its own page was held back, and one tells of it with two others."""
    held = PAGE.model_copy(update={"page": False, "held": True})
    names, lines = ("inc-7f3k2m", "inc-a1", "inc-a2"), ("inc-7f3k2m: shop", "inc-a1: db")
    one = facts.Gathered(incidents=names, lines=lines)
    return builders.an_incident(builders.an_opening(), held, one)


async def test_one_page_for_many_says_how_many_and_lists_them(
    made: Made, double: PagerDutyDouble
) -> None:
    pager, incident = made(), gathered()
    before = builders.an_incident(*(one.fact for one in incident.story[:-1]))
    reference = await pager.tell(of(incident)[0], "", uncertain=False)
    opened = double.named(reference)
    assert opened is not None
    payload = opened["payload"]

    assert pager.concerns(before) is None
    assert pager.concerns(incident) == ""
    assert reference == "heal-inc-7f3k2m"
    assert payload["summary"].startswith("Heal could not mend 3 incidents, the worst: ")
    assert payload["custom_details"]["incidents"] == [
        "inc-7f3k2m: shop", "inc-a1: db", "and 1 more",
    ]  # fmt: skip


async def test_one_page_for_many_goes_to_the_policy_as_each_of_them_would(
    made: Made, double: PagerDutyDouble
) -> None:
    *_, update = of(gathered())
    await tell(made(escalate_to="*=PPOLICY"), update)
    [change] = double.changes

    assert change["escalation_policy"]["id"] == "PPOLICY"
    assert "inc-a1: db" in double.notes(ID)[-1]
    assert "and 1 more: inc-a2" in double.notes(ID)[-1]


async def test_what_rings_at_other_people_is_never_told_of_with_it(made: Made) -> None:
    pager = made(routing_keys=f"shop={'s' * 32}, *={pagers.ROUTING}", escalate_to="db=PDB")
    openings = [builders.an_opening(service=one) for one in ("shop", "db", "cart", "mail")]
    routes = [pager.route(builders.an_incident(one)) for one in openings]

    assert routes[2] == routes[3]
    assert len(set(routes)) == 3
    assert ID in pager.route(from_pagerduty()), "Heal may have silenced it: it rings by itself"
