"""The ticket is read before anything is done, and again at the click."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from bot.core.errors import TemporaryError
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.policy import ticket
from bot.core.policy.verdict import Ruling, Verdict
from bot.engine.world import Limits
from tests import builders
from tests.desks.fake import REFERENCE, FakeDesk
from tests.engine import libraries
from tests.engine.houses import WAITING, House

CLOSED = "FAKE-1 is closed"


class Objecting(FakeDesk):
    """A desk that objects when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.says: str | Exception = ""
        self.read: list[str] = []

    async def objects(self, incident: Incident, reference: str) -> str:
        self.read.append(reference)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


class Silent(Objecting):
    """One that never answers."""

    async def objects(self, incident: Incident, reference: str) -> str:
        await asyncio.Event().wait()
        return ""


@pytest.fixture
def desk(house: House) -> Objecting:
    house.library = libraries.UNATTENDED
    house.objectors["fake"] = made = Objecting()
    return made


def verdict(house: House) -> Verdict:
    planned = house.incident.planned
    assert planned is not None
    return next(one for one in planned.verdicts if one.rule == ticket.RULE)


async def test_a_ticket_that_nobody_objects_with_lets_it_be_healed(
    house: House, desk: Objecting
) -> None:
    await house.fire()
    await house.until(State.HEALED, within=60)

    assert desk.read == [REFERENCE]
    assert house.effects == ["pool=50"]


async def test_a_closed_ticket_keeps_hands_off_and_a_person_is_told(
    house: House, desk: Objecting
) -> None:
    desk.says = CLOSED
    await house.fire()
    ended = await house.until(State.ESCALATED)

    assert house.effects == []
    assert verdict(house).ruling is Ruling.DENY
    assert ended.escalated is not None
    assert CLOSED in ended.escalated.why


async def test_a_ticket_that_is_closed_between_question_and_click_stops_it(
    house: House, desk: Objecting
) -> None:
    house.library = dataclasses.replace(
        house.library, runbooks=(builders.a_runbook(),), rulebook=builders.a_rulebook()
    )
    await house.fire()
    await house.until(WAITING)
    desk.says = CLOSED
    await house.vote()
    ended = await house.until(State.ESCALATED, within=60)

    assert house.effects == []
    assert CLOSED in str(ended.escalated)


@pytest.mark.parametrize("why", ["on hold, password=hunter22", TemporaryError("password=hunter22")])
async def test_no_secret_of_a_ticket_is_kept(
    house: House, desk: Objecting, why: str | Exception
) -> None:
    desk.says = why
    await house.fire()
    await house.until(State.ESCALATED if isinstance(why, str) else State.HEALED, within=60)
    plan = house.incident.plan
    assert plan is not None
    [objection] = plan.objections

    assert objection.says.endswith("password=•••")


@pytest.mark.parametrize("unread", ["allow", "ask"])
async def test_a_desk_that_is_away_stops_nothing_unless_policy_wants_it_to(
    house: House, desk: Objecting, unread: str
) -> None:
    rules = libraries.UNATTENDED.rulebook.model_copy(
        update={"ticket": builders.a_rulebook(ticket={"unread": unread}).ticket}
    )
    house.library = dataclasses.replace(libraries.UNATTENDED, rulebook=rules)
    desk.says = TemporaryError("it cannot be reached")
    await house.fire()
    ended = await house.until(State.HEALED if unread == "allow" else WAITING, within=60)

    assert "it cannot be reached" in verdict(house).reason
    assert ended.state is (State.HEALED if unread == "allow" else WAITING)


async def test_one_that_never_answers_is_not_waited_for_for_long(house: House) -> None:
    house.limits = Limits(outside=0.01)
    house.library = libraries.UNATTENDED
    house.objectors["fake"] = Silent()
    await house.restart()
    await house.fire()
    await house.slowly(State.APPROVED, State.RUNNING, State.VERIFYING, State.HEALED)

    assert "no answer within" in verdict(house).reason
