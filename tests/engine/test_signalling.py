"""Who raised it hears that it recovered: once it is so, until it was heard, and no run waits."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from dataclasses import dataclass, field

import pytest

from bot.core.alert import AlertStatus
from bot.core.errors import PermanentError, TemporaryError
from bot.core.facts import Signalled
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.values import Facts
from bot.engine.signalling import Signalling
from tests import builders
from tests.engine.houses import House

AWAY = TemporaryError("http://gate/x cannot be reached")
EVENT = builders.an_alert(
    source="flexgate",
    labels={"service": "shop", "environment": "production", "upstream": "eu-1", "route": "/a"},
    annotations={"summary": "half of the calls fail", "event_id": "evt_1"},
)
OVER = EVENT.model_copy(update={"status": AlertStatus.RESOLVED})


@dataclass
class Gate:
    """A receiver that says no as long as it is told to; all that was said to it."""

    no: list[Exception] = field(default_factory=list)
    said: list[tuple[str, Facts]] = field(default_factory=list)

    async def post(self, mark: str, told: Facts) -> None:
        self.said.append((mark, told))
        if self.no:
            raise self.no.pop(0)


def of_the_gateway(incident: Incident) -> bool:
    return incident.opened.alert is not None and incident.opened.alert.source == "flexgate"


def listening(house: House, gate: Gate) -> Gate:
    Signalling(house.world, gate.post, of_the_gateway).begin()
    return gate


async def healed(house: House) -> str:
    await house.fire(EVENT)
    await house.until(State.AWAITING_APPROVAL)
    await house.vote()
    return (await house.until(State.HEALED, within=60)).id


async def test_a_replica_that_may_not_act_tells_nobody_that_it_recovered(house: House) -> None:
    gate, seat = Gate(), asyncio.Event()

    async def leave() -> None:
        await seat.wait()

    world = dataclasses.replace(house.world, leave=leave)
    Signalling(world, gate.post, of_the_gateway).begin()
    await healed(house)
    await house.settle()
    before = list(gate.said)
    seat.set()
    await house.settle()

    assert before == []
    assert len(gate.said) == 1


async def test_a_verified_recovery_is_told_with_what_its_receiver_can_join(house: House) -> None:
    gate = listening(house, Gate())
    name = await healed(house)
    await house.settle()
    [(mark, told)] = gate.said

    assert mark == told["id"] == f"recovery-{name}"
    assert told["data"] == {
        "metric": "recovery_status",
        "current_value": 100,
        "threshold": 80,
        "window": "10s",
        "trend": "STABLE",
        "unit": "%",
    }
    assert told["context"] == {
        "source": "heal",
        "incident_id": name,
        "plan_id": name.replace("inc-", "run-"),
        "service": "shop",
        "environment": "production",
        "recovers": EVENT.name,
        "recovered_event_id": "evt_1",
        "upstream": "eu-1",
        "route": "/a",
    }
    assert (told["type"], told["severity"]) == ("RECOVERY_SIGNAL", "INFO")
    assert await house.facts(Signalled) == [Signalled(mark=mark, tries=1)]


async def test_nothing_is_told_before_success_was_verified(house: House) -> None:
    gate = listening(house, Gate())
    await house.fire(EVENT)
    await house.until(State.AWAITING_APPROVAL)
    await house.vote()
    await house.until(State.VERIFYING, within=60)

    assert gate.said == []


async def test_what_did_not_help_is_no_recovery(house: House) -> None:
    gate = listening(house, Gate())
    house.pool.then = lambda: None
    await house.fire(EVENT)
    await house.until(State.AWAITING_APPROVAL)
    await house.vote()
    await house.until(State.ESCALATED, within=600)
    await house.settle()

    assert gate.said == []


async def test_what_others_raised_is_not_told(house: House) -> None:
    gate = listening(house, Gate())
    await house.healed()
    await house.settle()

    assert gate.said == []
    assert await house.facts(Signalled) == []


async def test_who_does_not_hear_is_told_again_under_the_same_mark(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    gate = listening(house, Gate([AWAY, PermanentError("it answered 401"), AWAY]))
    name = await healed(house)
    with caplog.at_level(logging.WARNING):
        await house.pass_(10)

    assert [mark for mark, _ in gate.said] == [f"recovery-{name}"] * 4
    assert await house.facts(Signalled) == [Signalled(mark=f"recovery-{name}", tries=4)]
    assert house.incident.state is State.HEALED


async def test_who_never_hears_is_given_up_after_an_hour_and_the_healing_stands(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    gate = listening(house, Gate([AWAY] * 1000))
    await healed(house)
    await house.fire(OVER)
    with caplog.at_level(logging.WARNING):
        await house.pass_(4000)
    [told] = await house.facts(Signalled)

    assert told.why_not == "http://gate/x cannot be reached"
    assert told.tries == len(gate.said) < 25
    assert house.incident.state is State.RESOLVED
    assert "is not told" in caplog.text


async def test_killed_before_it_was_heard_another_life_tells_it_under_the_same_mark(
    house: House,
) -> None:
    before = listening(house, Gate([AWAY] * 1000))
    name = await healed(house)
    await house.settle()
    await house.restart(away=60)
    after = listening(house, Gate())
    await house.settle()

    assert before.said[0] == after.said[0]
    assert [mark for mark, _ in after.said] == [f"recovery-{name}"]


async def test_what_was_heard_is_not_told_by_another_life(house: House) -> None:
    listening(house, Gate())
    await healed(house)
    await house.settle()
    await house.restart()
    gate = listening(house, Gate())
    await house.settle()

    assert gate.said == []


async def test_what_recovered_long_ago_is_no_news(house: House) -> None:
    await healed(house)
    await house.restart(away=3601)
    gate = listening(house, Gate())
    await house.settle()

    assert gate.said == []


async def test_what_came_back_meanwhile_is_not_called_recovered(house: House) -> None:
    gate = listening(house, Gate([AWAY] * 1000))
    await healed(house)
    await house.fire(OVER)
    await house.until(State.RESOLVED)
    await house.fire(EVENT.model_copy(update={"starts_at": house.clock.now()}))
    tried = len(gate.said)
    await house.pass_(10)
    [told] = await house.facts(Signalled)

    assert told.why_not == "it is not fixed by now"
    assert len(gate.said) <= tried + 1
