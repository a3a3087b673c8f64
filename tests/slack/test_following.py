"""While runs go on their progress is told anew, where something moved, and nothing else is."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.core import facts
from bot.core.facts import StepEnding
from bot.core.headway import Headway
from bot.core.incident import Incident
from bot.slack.following import BEAT, Following
from tests import builders
from tests.fakes import FakeClock
from tests.slack import tales
from tests.slack.house import House

RUNNING = tales.healed()[: -len((facts.Stepped, facts.Acted, facts.Verified))]


def far(ready: int) -> Headway:
    return Headway(says=f"{ready} of 12 pods are ready", at=builders.START)


async def turns(clock: FakeClock, beats: int) -> None:
    for _ in range(beats):
        for _ in range(10):
            await asyncio.sleep(0)
        clock.advance(BEAT)
    for _ in range(10):
        await asyncio.sleep(0)


async def test_only_what_moved_is_told_anew_and_nothing_once_it_is_over() -> None:
    said: dict[str, Headway | None] = {"inc-a": far(1), "inc-b": far(1)}
    renewed: list[list[str]] = []
    clock = FakeClock()

    def renew(incidents: Any) -> None:
        renewed.append([one.id for one in incidents])

    following = Following(said.get, renew, clock)
    going = asyncio.create_task(following.run())
    incidents: list[Incident] = [builders.an_incident(*RUNNING, name=name) for name in said]
    for one in incidents:
        following.told(one)
    await turns(clock, 1)
    said["inc-b"] = far(2)
    await turns(clock, 1)
    await turns(clock, 1)
    told = [names for names in renewed if names]
    following.told(builders.an_incident(*tales.resolved(), name="inc-a"))
    following.told(builders.an_incident(*tales.resolved(), name="inc-b"))
    await turns(clock, 1)
    after = len(renewed)
    said["inc-b"] = far(3)
    await turns(clock, 5)
    going.cancel()

    assert told == [["inc-a", "inc-b"], ["inc-b"]]
    assert len(renewed) == after, "nobody looks any more"


async def test_a_count_of_a_run_reaches_its_plan_block_and_the_end_takes_its_place(
    house: House,
) -> None:
    name = builders.INCIDENT
    house.cases.underway[name] = far(8)
    house.cases.tell(*RUNNING)
    card = await house.card()

    def block() -> str:
        return str([m.get("blocks") for m in house.workspace.thread("alerts", card)])

    await house.workspace.until(lambda: "8 of 12 pods are ready" in block())
    house.cases.tell(*RUNNING, facts.Stepped(number=1, ending=StepEnding.DONE, says="all ready"))
    house.cases.underway.clear()
    house.cases.tell(*tales.resolved())
    await house.workspace.until(lambda: "all ready" in block() or "shop is active" in block())
    await house.idle()

    assert "8 of 12 pods" not in block()
