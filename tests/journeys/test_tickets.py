"""The ticket of an incident, from its first note to its state, beside the real bot as a process."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.core import updates
from bot.core.lifecycle import State
from tests.desks import servicenow
from tests.desks.faults import Fault
from tests.desks.servicenow import PASSWORD, REFERENCE, ServiceNowDesk
from tests.journeys import scenes, test_flapping
from tests.journeys.scenes import Scene, one_alert

MARK = re.compile(r"\[(inc-[a-z0-9]+\.\d+)\]$")


class Shop(NamedTuple):
    """The bot, the town it heals, and the ticket system that it keeps in step."""

    scene: Scene
    desk: ServiceNowDesk

    async def fires(self, minute: int, status: str = "firing") -> None:
        """A P2 of ServiceNow's monitoring: it names the incident that was opened for it."""
        alert = one_alert("ServiceDown", "shop", status, ticket=REFERENCE)
        await self.scene.send({**alert, "startsAt": f"2026-11-20T10:{minute:02}:00Z"})

    async def clears(self, minute: int) -> None:
        known = len(self.scene.entries())
        await self.fires(minute, "resolved")
        await self.scene.until(
            lambda: "alert.joined" in [entry.kind for entry in self.scene.entries()[known:]]
        )

    @property
    def marks(self) -> list[str]:
        """What stands in the ticket, in its order."""
        return [found[1] for note in self.desk.notes(REFERENCE) if (found := MARK.search(note))]

    def wanted(self) -> list[str]:
        """All that there is to tell, incident by incident."""
        known = sorted(self.scene.incidents(), key=lambda one: one.opened_at)
        return [update.mark for one in known for update in updates.of(one)]

    async def in_step(self) -> None:
        """Wait until everything was told."""
        await self.scene.until(lambda: set(self.wanted()) <= set(self.marks))


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with servicenow.running() as (desk, url), scenes.opened(tmp_path) as scene:
        test_flapping.furnish(tmp_path)
        scene.tell(servicenow=servicenow.told(url))
        yield Shop(scene, desk)


async def test_r23_a_flapping_p2_is_restarted_once_and_its_ticket_has_evidence_and_run_history(
    shop: Shop,
) -> None:
    scene, desk = shop
    await scene.start()
    for number, minute in enumerate((0, 5), 1):
        await shop.fires(minute)
        await test_flapping.opened(scene, number)
        await scene.reached(State.ALREADY_HEALTHY)
        await shop.clears(minute)
    await scene.town.crash("shop")
    await shop.fires(10)
    healed = await scene.reached(State.HEALED)
    await shop.in_step()
    resolved = desk.resolved(REFERENCE)
    await shop.clears(10)
    await scene.reached(State.RESOLVED)
    await scene.town.crash("shop")
    await shop.fires(15)
    await scene.reached(State.ESCALATED)
    await shop.in_step()

    notes = desk.notes(REFERENCE)
    assert [entry.kind for entry in scene.entries()].count("run.started") == 1
    assert "approval.asked" not in [entry.kind for entry in scene.entries()]
    assert resolved
    assert len(shop.marks) == len(set(shop.marks)) == len(notes)
    for each in scene.incidents():
        own = [mark for mark in shop.marks if mark.startswith(f"{each.id}.")]
        assert own == [update.mark for update in updates.of(each)]
    [proof] = [note for note in notes if f"[{healed.id}." in note and "healed: verified" in note]
    assert "before: " in proof
    assert "after: " in proof
    assert any("step 1 done" in note for note in notes)
    assert any(name.startswith(healed.run) and name.endswith(".md") for name in desk.files)


async def test_r17_killed_in_the_middle_every_update_stands_in_the_ticket_once_and_in_order(
    shop: Shop,
) -> None:
    scene, desk = shop
    desk.fail(Fault.LOST, Fault.AWAY, Fault.LATE, Fault.BROKEN)
    await scene.start()
    await scene.town.crash("shop")
    await shop.fires(0)
    await scene.until(lambda: "run.started" in [entry.kind for entry in scene.entries()])
    scene.kill()
    await scene.start()
    await scene.reached(State.HEALED)
    scene.kill()
    await scene.start()
    await shop.clears(0)
    await scene.reached(State.RESOLVED)
    await shop.in_step()

    assert shop.marks == shop.wanted()
    assert desk.resolved(REFERENCE)


async def test_a_ticket_system_that_is_away_for_all_of_a_run_delays_nothing_and_is_caught_up(
    shop: Shop,
) -> None:
    scene, desk = shop
    desk.lock()
    await scene.start()
    await scene.town.crash("shop")
    await shop.fires(0)
    await scene.reached(State.HEALED)
    await shop.clears(0)
    await scene.reached(State.RESOLVED)
    silent = list(shop.marks)
    scene.kill()
    desk.password = PASSWORD
    await scene.start()
    await shop.in_step()

    assert silent == []
    assert shop.marks == shop.wanted()
    assert desk.resolved(REFERENCE)


async def test_r4_a_ticket_on_hold_is_read_first_and_nothing_is_done(shop: Shop) -> None:
    scene, desk = shop
    desk.row("incident", number=REFERENCE).update(state="3", hold_reason="Awaiting Change")
    await scene.start()
    await scene.town.crash("shop")
    await shop.fires(0)
    ended = await scene.reached(State.ESCALATED, State.HEALED)

    assert ended.escalated is not None
    assert f"{REFERENCE} in ServiceNow is on hold (Awaiting Change)" in ended.escalated.why
    assert "run.started" not in [entry.kind for entry in scene.entries()]


async def test_r22_a_problem_that_somebody_proposes_is_a_record_to_which_the_ticket_is_linked(
    shop: Shop,
) -> None:
    scene, desk = shop
    address = json.loads((scene.directory / "stage.json").read_text())["sections"]["servicenow"]
    scene.tell(servicenow={**address, "problems": "true"})
    desk.fail(Fault.AWAY, Fault.LOST)
    await scene.start()
    alert = one_alert("Unheard", "shop", "firing", ticket=REFERENCE)
    await scene.send(alert)
    ended = await scene.reached(State.ESCALATED)
    await scene.order("olivia", f"problem {ended.id}")
    await scene.until(lambda: desk.tables["problem"])
    await shop.in_step()

    [problem] = desk.tables["problem"]
    assert desk.row("incident", number=REFERENCE)["problem_id"] == problem["sys_id"]
    assert ended.id in problem["description"]
    assert shop.marks == shop.wanted()
