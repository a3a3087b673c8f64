"""`kubernetes.node` on real nodes, with the role that deploy/kubernetes/nodes.yaml gives."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.clients.kubernetes import nodes
from bot.clients.kubernetes.nodes import OnNode
from bot.core.errors import PermanentError
from bot.probes.kubernetes.node import PLUGIN, Node
from tests.clients import rigs
from tests.cluster.spaces import Space
from tests.cluster.wards import Ward


@pytest.fixture
async def probe(ward: Ward) -> AsyncIterator[Node]:
    async with rigs.rig() as rig:
        yield PLUGIN(ward.settings, rig)


async def test_a_node_that_is_well(probe: Node, ward: Ward, space: Space) -> None:
    await ward.filled(space, "api", 2)
    await ward.set(ward.nodes[0], closed=True)

    found = await probe.read(OnNode(cluster="local", name=ward.nodes[0]))

    age = found.pop("heartbeat_age")
    assert isinstance(age, float)
    assert -5 < age < 60
    assert found == {
        "ready": True,
        "why": "kubelet is posting ready status",
        "pressure": [],
        "unknown": [],
        "unschedulable": True,
        "pods": 2,
        "movable": 2,
    }


async def test_a_node_whose_kubelet_never_spoke_is_not_ready_and_nothing_is_known(
    probe: Node, ward: Ward
) -> None:
    async with ward.dead_node() as name:
        found = await probe.read(OnNode(cluster="local", name=name))

    assert found["ready"] is False
    assert found["unknown"] == ["Memory", "Disk", "PID"]
    assert found["pressure"] == []
    assert "heartbeat_age" not in found


async def test_pressure_is_named(probe: Node, ward: Ward) -> None:
    pressed = {"type": "MemoryPressure", "status": "True", "reason": "x", "message": "x"}
    async with ward.dead_node() as name:
        status = {"status": {"conditions": [pressed]}}
        await ward.admin.patch(f"{nodes.ROOT}/{name}/status", status)
        found = await probe.read(OnNode(cluster="local", name=name))

    assert found["pressure"] == ["Memory"]


async def test_a_node_that_is_not_there_is_an_error(probe: Node) -> None:
    with pytest.raises(PermanentError, match="cluster local: read nodes/none: there is none"):
        await probe.read(OnNode(cluster="local", name="none"))
