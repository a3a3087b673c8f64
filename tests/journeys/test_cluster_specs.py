"""What people read when a spec is changed on a real cluster: it helps, or all of it goes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot.clients.kubernetes.refusals import MissingError
from bot.core.lifecycle import State
from tests.cluster import gates, objects
from tests.cluster.plane import Plane
from tests.cluster.spaces import Space, template
from tests.journeys import clusters
from tests.journeys.clusters import Ground

SMALL = {"requests": {"memory": "64Mi"}, "limits": {"memory": "256Mi"}}


@pytest.fixture
async def ground(tmp_path: Path, plane: Plane, space: Space) -> AsyncIterator[Ground]:
    """A deployment of one pod, whose container the catalogue names."""
    async with (
        gates.a_gate() as gate,
        clusters.opened(tmp_path, plane, space, gate) as made,
    ):
        listed = made.scene.directory / "runbooks" / "policy" / "services.yaml"
        told = json.loads(listed.read_text())
        told["services"][0]["facts"]["container"] = "api"
        listed.write_text(json.dumps(told))
        shown = template("shop:1", resources=SMALL)
        await space.deployment("api", 1, template=shown, progressDeadlineSeconds=3)
        await space.standing("api")
        yield made


@asynccontextmanager
async def killed_for_memory(ground: Ground) -> AsyncIterator[None]:
    """Show its pod as one that the kernel ended, as its kubelet would."""
    (pod,) = await ground.space.pods()
    path = f"/api/v1/namespaces/{ground.space.name}/pods/{pod}"
    container = {
        "name": "api", "image": "shop:1", "imageID": "", "ready": True, "restartCount": 3,
        "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
    }  # fmt: skip

    async def show() -> None:
        with suppress(MissingError):
            while True:
                await ground.space.admin.patch(
                    f"{path}/status", {"status": {"containerStatuses": [container]}}
                )
                await asyncio.sleep(0.2)

    showing = asyncio.create_task(show())
    yield
    showing.cancel()


async def memory(ground: Ground) -> str:
    found = await ground.space.read(ground.api)
    container = found["spec"]["template"]["spec"]["containers"][0]
    return str(container["resources"]["limits"]["memory"])


async def test_a_container_that_is_killed_gets_a_quarter_more(ground: Ground) -> None:
    await ground.scene.start()
    async with killed_for_memory(ground):
        await ground.alert("KubeContainerOOMKilled")
        card = await ground.asked()
        asked = ground.told(card)
        ended = await ground.approved(State.HEALED, State.ESCALATED)

    assert "limits memory 256Mi → 320Mi in each of 1 pods" in asked
    assert ended.state is State.HEALED
    assert await memory(ground) == "320Mi"


async def test_pods_that_do_not_come_are_taken_back_to_the_snapshot_and_told(
    ground: Ground,
) -> None:
    """A quota stands against the larger pods; no dry run sees that, only the rollout's deadline."""
    await objects.quota(ground.space, **{"limits.memory": "300Mi"})
    first = await ground.space.read(ground.api)
    await ground.scene.start()
    async with killed_for_memory(ground):
        await ground.alert("KubeContainerOOMKilled")
        card = await ground.asked()
        ended = await ground.approved(State.ESCALATED, State.HEALED)

    assert ended.acted is not None
    assert "has timed out progressing" in ended.acted.failed
    assert ended.rolled_back is not None
    assert ended.rolled_back.clean, ended.rolled_back
    assert "set limits/memory 256Mi in container api" in ended.rolled_back.says
    assert ended.escalated is not None
    assert ended.escalated.say.startswith("A quarter more memory did not help")
    assert (await ground.space.read(ground.api))["spec"] == first["spec"]
    assert "has timed out progressing" in ground.told(card)
