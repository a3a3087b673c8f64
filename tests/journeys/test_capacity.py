"""A busy workload of a real cluster gets more pods, by increments that stand, when people agree."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.core.incident import Incident
from bot.core.lifecycle import State
from tests.clients.servers import Recorder, recorder
from tests.cluster import gates
from tests.cluster.observed import Observed
from tests.cluster.plane import Plane
from tests.cluster.spaces import Space, template
from tests.journeys import clusters
from tests.journeys.clusters import Ground

BUSY, LESS, CALM = 0.97, 0.9, 0.52
WANTED = (
    "--replicas=9",
    "--replicas=12",
    "touches 6 of 6 pods, none down; from 6 to 12",
    "then `rollout.done",
    "or everything goes back",
    "capacity changes by 100 %, above 50 %; what it costs: about 1.20 €/h more",
)
WITHIN = 120.0
ALERT = "ServiceCpuSaturated"


def measured(share: float) -> dict[str, Any]:
    """What Prometheus answers; its part is played, for no pod here uses any CPU."""
    answer = {"resultType": "scalar", "result": [1000.0, str(share)]}
    return {"status": "success", "data": answer}


@pytest.fixture
async def prometheus() -> AsyncIterator[Recorder]:
    async with recorder() as played:
        played.kept["/api/v1/query"] = measured(BUSY)
        yield played


@pytest.fixture
async def ground(
    tmp_path: Path, plane: Plane, space: Space, prometheus: Recorder
) -> AsyncIterator[Ground]:
    """The service has six pods and says what its peak needs; pods have a price."""
    async with gates.a_gate() as gate, clusters.opened(tmp_path, plane, space, gate) as made:
        told = made.scene.directory / "stage.json"
        known = json.loads(told.read_text())
        known["sections"]["prometheus"] = {"url": prometheus.url("")}
        prices = {"price_cpu_hour": "4", "currency": "€"}
        known["sections"]["kubernetes"] |= prices
        told.write_text(json.dumps(known))
        listed = made.scene.directory / "runbooks" / "policy" / "services.yaml"
        services = json.loads(listed.read_text())
        services["services"][0]["facts"] |= {
            "peak_replicas": 12,
            "cpu_query": "scalar(shop:cpu:share)",
        }
        listed.write_text(json.dumps(services))
        rewrite(made, "lately: 5m", "lately: 0s")
        rewrite(made, "hold: 10s", "hold: 1s")
        rewrite(made, "every: 5s", "every: 500ms")
        yield made


def rewrite(ground: Ground, old: str, new: str) -> None:
    """Change the runbook's own words before the bot reads them."""
    path = ground.scene.directory / "runbooks" / "kubernetes" / "scale-out-busy-workload.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


async def busy(ground: Ground) -> str:
    """Six pods that are busy, and the card that asks for more of them."""
    wants = {"requests": {"cpu": "50m", "memory": "16Mi"}}
    await ground.space.deployment("api", 6, template=template("shop:1", resources=wants))
    await ground.space.standing("api")
    await ground.scene.start()
    await ground.alert(ALERT)
    return await ground.asked()


async def ended(ground: Ground) -> Incident:
    """Say yes, and wait for the end; twelve pods take their time."""
    await ground.scene.press("approve_recovery")
    async with asyncio.timeout(WITHIN):
        while ground.scene.incidents()[-1].state not in {State.HEALED, State.ESCALATED}:
            await asyncio.sleep(0.2)
    return ground.scene.incidents()[-1]


async def sizes(space: Space) -> list[str]:
    """To how many pods the real controller scaled, in its own words and order."""
    found = await space.admin.get(f"/api/v1/namespaces/{space.name}/events")
    scaled = [one for one in found["items"] if one["reason"] == "ScalingReplicaSet"]
    scaled.sort(key=lambda one: int(one["metadata"]["resourceVersion"]))
    return [one["message"].rpartition(" to ")[2] for one in scaled]


async def shares(ground: Ground, prometheus: Recorder, loads: dict[int, float]) -> None:
    """The load of each pod once there are so many of them."""
    for count, share in loads.items():
        while (await ground.space.read(ground.api))["spec"]["replicas"] != count:
            await asyncio.sleep(0.2)
        prometheus.kept["/api/v1/query"] = measured(share)


async def helped(ground: Ground, prometheus: Recorder, loads: dict[int, float]) -> Incident:
    """Say yes, and let so many pods help so much."""
    calming = asyncio.create_task(shares(ground, prometheus, loads))
    known = await ended(ground)
    calming.cancel()
    return known


async def test_six_pods_become_twelve_in_two_increments_that_each_stand(
    ground: Ground, plane: Plane, prometheus: Recorder
) -> None:
    card = await busy(ground)
    asked = ground.told(card)
    observed = Observed(plane, ground.space)
    known = await helped(ground, prometheus, {9: LESS, 12: CALM})

    assert known.state is State.HEALED, known.closed
    for said in WANTED:
        assert said in asked
    assert [(one.number, one.passed) for one in known.proofs] == [(1, True)]
    assert await sizes(ground.space) == ["6", "9", "12"]
    assert len(observed.writes) == 2


async def test_an_increment_that_does_not_stand_is_the_last_and_all_go_back(
    ground: Ground,
) -> None:
    rewrite(ground, "within: 90s", "within: 5s")
    await busy(ground)
    await ground.space.make("api/v1", "resourcequotas", "few", {"hard": {"pods": "8"}})
    known = await ended(ground)

    assert known.state is State.ESCALATED
    assert known.escalated is not None
    assert "did not get 9 pods in" in known.escalated.why
    assert await sizes(ground.space) == ["6", "9", "6"]


async def test_an_increment_that_does_not_help_is_the_last_and_all_go_back(
    ground: Ground,
) -> None:
    rewrite(ground, "within: 1m", "within: 3s")
    await busy(ground)
    known = await ended(ground)

    assert known.state is State.ESCALATED
    assert known.escalated is not None
    assert "step 1 was done, but rollout.done && cpu.value < 0.95" in known.escalated.why
    assert [one.seen["value"] for one in known.proofs[0].readings if one.name == "cpu"] == [BUSY]
    assert await sizes(ground.space) == ["6", "9", "6"]


async def test_twelve_pods_that_do_not_help_go_back_to_six(
    ground: Ground, prometheus: Recorder
) -> None:
    await busy(ground)
    known = await helped(ground, prometheus, {9: LESS})

    assert known.state is State.ESCALATED
    assert await sizes(ground.space) == ["6", "9", "12", "6"]
