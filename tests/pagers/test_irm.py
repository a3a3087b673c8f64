"""Grafana IRM in step: nobody is silenced, and whom its schedule names is paged once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from bot.core import updates
from bot.core.errors import ConfigurationError, PermanentError, TemporaryError, UncertainError
from bot.core.facts import Escalated, Raised, TicketLinked
from bot.core.facts.fact import Fact
from bot.core.incident import Incident
from bot.core.ladder import Need
from bot.core.updates import Kind, Update
from bot.pagers.irm import Irm
from tests import builders
from tests.desks import irms, stands
from tests.desks.faults import Fault
from tests.desks.irms import BEA, OWN, IrmDouble
from tests.slack.cards import stories

ID, SCHEDULE = "I68T24C13IFW1", "SBM7DV7BKFUYU"
PAGE = Escalated(to="oncall", why="the restart did not help", need=Need.FAILED, page=True)
SECOND = Raised(level=2, calls=("leads",))
Made = Callable[..., Irm]


@pytest.fixture
async def double() -> AsyncIterator[IrmDouble]:
    async with irms.opened() as opened:
        opened.put(ID)
        opened.on_call(SCHEDULE, "bea@example.com")
        yield opened


@pytest.fixture
async def made(double: IrmDouble) -> AsyncIterator[Made]:
    async with stands.a_rig() as rig:

        def make(**more: str) -> Irm:
            pager: Irm = stands.made("irm", stands.of_irm(double, **more), rig, room="pagers")
            return pager

        yield make


def of(incident: Incident) -> list[Update]:
    return list(updates.of(incident, "https://heal.example/incidents/inc-7f3k2m"))


def called(*more: Fact) -> Incident:
    return builders.an_incident(builders.an_opening(), PAGE, *more)


async def tell(pager: Irm, *told: Update, uncertain: bool = False) -> None:
    for update in told:
        await pager.tell(update, ID, uncertain=uncertain)


async def test_r126_it_is_resolved_after_the_proof_and_unresolved_when_it_came_back(
    made: Made, double: IrmDouble
) -> None:
    told = of(stories.incident("resolved"))
    [at] = [place for place, update in enumerate(told) if update.resolves]
    states = []
    for part in (told[:at], told[at:], of(stories.incident("not_fixed"))[-1:]):
        await tell(made(), *part)
        states.append(double.groups[ID]["state"])

    assert states == ["firing", "resolved", "firing"]


async def test_nobody_is_silenced_unless_the_settings_say_so(made: Made, double: IrmDouble) -> None:
    begun = [one for one in of(stories.incident("running")) if one.kind is Kind.STARTED]
    await tell(made(), *begun)
    silent = double.groups[ID]["state"]
    await tell(made(acknowledge="true"), *begun)

    assert (silent, double.groups[ID]["state"]) == ("firing", "acknowledged")


async def test_what_heal_acknowledged_calls_again_when_the_run_failed(
    made: Made, double: IrmDouble
) -> None:
    double.acknowledge(ID, OWN)
    await tell(made(acknowledge="true"), of(called())[-1])

    assert double.groups[ID]["state"] == "firing"
    assert double.paged == []


async def test_whoever_is_on_call_by_the_schedule_of_its_service_is_paged_once(
    made: Made, double: IrmDouble
) -> None:
    pager = made(escalate_to=f"other=SNO, shop={SCHEDULE}")
    await tell(pager, of(called())[-1])
    await tell(pager, of(called())[-1], uncertain=True)
    first = [*double.paged]
    await tell(pager, of(called(SECOND))[-1])

    assert first == [(ID, BEA)]
    assert double.paged == [(ID, BEA)] * 2
    assert f"Heal paged bea ({SCHEDULE})" in double.notes(ID)[1]


async def test_nobody_is_left_asleep_because_an_answer_was_lost(
    made: Made, double: IrmDouble
) -> None:
    pager = made(escalate_to=f"*={SCHEDULE}")
    double.door.faults = [None, Fault.BROKEN]
    with pytest.raises(UncertainError):
        await tell(pager, of(called())[-1])
    await tell(pager, of(called())[-1], uncertain=True)

    assert double.paged == [(ID, BEA)]
    assert len(double.notes(ID)) == 2


async def test_who_acknowledged_it_is_at_work_and_has_it(made: Made, double: IrmDouble) -> None:
    linked = called(TicketLinked(system="irm", reference=ID))
    nobody = await made().holder(linked, "irm")
    double.acknowledge(ID, OWN)
    ours = await made().holder(linked, "irm")
    double.acknowledge(ID)
    await tell(made(escalate_to=f"*={SCHEDULE}"), *of(called(SECOND))[-2:])

    assert (nobody, ours) == ("", "")
    assert await made().holder(linked, "irm") == "bea"
    assert double.paged == []


async def test_a_group_that_is_not_there_yet_is_asked_for_and_opened_once(
    made: Made, double: IrmDouble
) -> None:
    double.lag = 2
    update = of(called())[-1]
    with pytest.raises(TemporaryError, match="no alert group of heal-inc-7f3k2m yet"):
        await made().tell(update, "", uncertain=False)
    opened = await made().tell(update, "", uncertain=True)

    assert double.records() == [ID, opened]
    assert "the restart did not help" in double.notes(opened)[0]


async def test_an_hour_of_other_groups_hides_none(made: Made, double: IrmDouble) -> None:
    update = of(called())[-1]
    opened = await made().tell(update, "", uncertain=False)
    for number in range(irms.PAGE + 1):
        double.put(f"IOTHER{number}")

    assert await made().tell(update, "", uncertain=True) == opened


async def test_r53_only_what_heal_could_not_mend_and_has_an_integration_is_paged(
    made: Made, double: IrmDouble
) -> None:
    other = made(integrations=f"other={double.url}{irms.HOOK}")

    assert made().concerns(stories.incident("resolved")) is None
    assert made().concerns(called()) == ""
    assert other.concerns(called()) is None
    assert not made(integrations="").wanted


async def test_a_schedule_that_is_not_there_is_named_by_the_doctor_and_the_update(
    made: Made,
) -> None:
    pager = made(escalate_to="*=SNOTHERE")

    assert "knows no schedule SNOTHERE: set HEAL_IRM_ESCALATE_TO" in await pager.why_not()
    with pytest.raises(PermanentError, match="HEAL_IRM_ESCALATE_TO"):
        await tell(pager, of(called())[-1])


def test_an_integration_that_is_none_is_refused_without_being_told() -> None:
    told = {"integrations": "shop=https://irm.example/s3cret-path"}
    with pytest.raises(ConfigurationError) as refused:
        stands.made("irm", told, None, room="pagers")  # type: ignore[arg-type]

    assert "formatted_webhook" in str(refused.value)
    assert "s3cret" not in str(refused.value)
