"""What becomes of a node of a real cluster that is under pressure, and of the pods on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.clients.kubernetes import nodes
from bot.core.facts import StepEnding
from bot.core.incident import Incident
from bot.core.lifecycle import State
from tests.cluster import gates
from tests.cluster.plane import CONTEXT, Plane
from tests.cluster.spaces import Space
from tests.cluster.wards import Ward
from tests.journeys import clusters, scenes
from tests.journeys.clusters import Ground

ALERT, BOOK = "KubeNodePressure", "drain-pressed-node"


@pytest.fixture
async def ground(tmp_path: Path, plane: Plane, space: Space, ward: Ward) -> AsyncIterator[Ground]:
    """The service owns the nodes of the ward, and Heal has the role for nodes and no other."""
    async with (
        gates.a_gate() as gate,
        clusters.opened(tmp_path, plane, space, gate) as made,
    ):
        _rewrite(
            tmp_path / "runbooks" / "policy" / "services.yaml",
            lambda told: told["services"][0]["facts"].update(
                node_prefix=f"{ward.name}-", targets=f"k8s:{CONTEXT}/node/{ward.name}-*"
            ),
        )
        _rewrite(
            tmp_path / "stage.json",
            lambda told: told["sections"]["kubernetes"].update(kubeconfig=str(ward.kubeconfig)),
        )
        yield made


async def ended(ground: Ground, *states: State) -> Incident:
    """Wait for one of these states; pods take their time, each after the other."""
    async with asyncio.timeout(scenes.PATIENCE):
        while not any(one.state in states for one in ground.scene.incidents()[-1:]):
            await asyncio.sleep(0.2)
    return ground.scene.incidents()[-1]


def _rewrite(file: Path, change: Callable[[Any], None]) -> None:
    told = json.loads(file.read_text())
    change(told)
    file.write_text(json.dumps(told))


@asynccontextmanager
async def pressed(ward: Ward) -> AsyncIterator[None]:
    """Show the first node as short of memory while the block lasts, whatever its kubelet says."""

    async def press() -> None:
        short = {"type": "MemoryPressure", "status": "True", "reason": "x", "message": "x"}
        while True:
            status = {"status": {"conditions": [short]}}
            await ward.admin.patch(f"{nodes.ROOT}/{ward.nodes[0]}/status", status)
            await asyncio.sleep(1)

    pressing = asyncio.create_task(press())
    try:
        yield
    finally:
        pressing.cancel()
        well = {"type": "MemoryPressure", "status": "False", "reason": "x", "message": "x"}
        status = {"status": {"conditions": [well]}}
        await ward.admin.patch(f"{nodes.ROOT}/{ward.nodes[0]}/status", status)


async def test_a_pressed_node_is_emptied_within_its_budgets_and_opened_when_it_recovered(
    ground: Ground, ward: Ward, space: Space
) -> None:
    await ward.filled(space, "api", 2)
    await space.budget("api", 1)
    await space.counted("api")
    await ground.scene.start()
    async with pressed(ward), space.counting_ready() as ready:
        await ground.alert(ALERT, node=ward.nodes[0])
        card = await ground.asked()
        asked = ground.told(card)
        await ground.scene.press("approve_recovery")
        healed = await ended(ground, State.HEALED, State.ESCALATED)
        closed = nodes.closed(await ward.read(ward.nodes[0]))
        await space.standing("api")
    await ground.alert(ALERT, "resolved", node=ward.nodes[0])
    reverted = await ended(ground, State.REVERTED, State.ESCALATED)

    assert "touches 2 of 2 pods, 1 (50 %) down at the worst moment" in asked
    assert "2 of 2 pods of deployment api in shop" in asked
    assert (healed.state, closed) == (State.HEALED, True)
    assert min(ready) == 1
    assert len(await space.on(ward.nodes[1])) == 2
    assert reverted.state is State.REVERTED
    assert not nodes.closed(await ward.read(ward.nodes[0]))
    assert reverted.back_verified is not None
    assert reverted.back_verified.passed


async def test_a_budget_without_headroom_stops_it_and_the_node_is_opened_again(
    ground: Ground, ward: Ward, space: Space
) -> None:
    book = ground.scene.directory / "runbooks" / "kubernetes" / f"{BOOK}.yaml"
    book.write_text(book.read_text().replace("timeout: 5m", "timeout: 8s"))
    await ward.filled(space, "api", 2)
    await space.budget("api", 2)
    await space.counted("api")
    before = sorted(await space.pods())
    await ground.scene.start()
    async with pressed(ward):
        await ground.alert(ALERT, node=ward.nodes[0])
        asked = ground.told(await ground.asked())
        await ground.scene.press("approve_recovery")
        stopped = await ended(ground, State.HEALED, State.ESCALATED)

    assert "budget shop/api lets none go now: it is waited for" in asked
    assert stopped.escalated is not None
    assert "budget api lets none go (2 of 2 pods are healthy, 2 must stay)" in stopped.escalated.why
    assert "rolled back: kubectl uncordon" in stopped.escalated.why
    assert not nodes.closed(await ward.read(ward.nodes[0]))
    assert sorted(await space.pods()) == before


async def test_a_life_that_ends_after_the_first_pod_is_gone_on_with_and_takes_no_other_pod(
    ground: Ground, ward: Ward, space: Space
) -> None:
    await ward.filled(space, "api", 2)
    async with pressed(ward):
        await ground.live_until("after:post")
        await ground.alert(ALERT, node=ward.nodes[0])
        await ground.scene.press("approve_recovery")
        assert await ground.scene.death() == -9
        first = len(await space.on(ward.nodes[0]))
        later = await space.placed("later", ward.nodes[0])
        await ground.scene.start()
        over = await ended(ground, State.HEALED, State.ESCALATED)

    (step,) = over.steps
    assert first == 1
    assert (step.ending, step.uncertain) == (StepEnding.DONE, True)
    assert step.says.startswith(f"drained node {ward.nodes[0]}: 2 of 2 pods are gone")
    assert f"not in the plan and left alone: {space.name}/{later}" in step.says
    assert later in await space.pods()
