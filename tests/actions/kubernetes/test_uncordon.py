"""`kubernetes.uncordon` on real nodes, with the role that deploy/kubernetes/nodes.yaml gives."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.actions.kubernetes.uncordon import PLUGIN, Uncordon
from bot.clients.kubernetes import nodes
from bot.clients.kubernetes.nodes import OnNode
from bot.core.errors import PermanentError
from tests.clients import rigs
from tests.cluster.wards import Ward

STEP = "inc-1:1"


@pytest.fixture
async def uncordon(ward: Ward) -> AsyncIterator[Uncordon]:
    async with rigs.rig() as rig:
        yield PLUGIN(ward.settings, rig)


def first(ward: Ward) -> OnNode:
    return OnNode(cluster="local", name=ward.nodes[0])


async def test_a_node_takes_pods_again_and_is_then_closed_as_before(
    uncordon: Uncordon, ward: Ward
) -> None:
    await ward.set(ward.nodes[0], closed=True)
    scope = await uncordon.scope(first(ward))

    assert await uncordon.landed(first(ward), scope.pre_state, STEP) is False
    done = await uncordon.execute(first(ward), scope.pre_state, STEP)
    opened = await ward.read(ward.nodes[0])
    assert await uncordon.landed(first(ward), scope.pre_state, STEP) is True
    back = await uncordon.undo(first(ward), scope.pre_state, STEP)

    assert done == f"node {ward.nodes[0]} takes pods again"
    assert not nodes.closed(opened)
    assert back == f"node {ward.nodes[0]} takes no new pods, as before"
    assert nodes.closed(await ward.read(ward.nodes[0]))


async def test_one_that_takes_pods_already_is_left_as_it_is(uncordon: Uncordon, ward: Ward) -> None:
    scope = await uncordon.scope(first(ward))

    done = await uncordon.execute(first(ward), scope.pre_state, STEP)
    back = await uncordon.undo(first(ward), scope.pre_state, STEP)

    assert scope.blast_radius.touched == 0
    assert done.endswith("takes pods, as before")
    assert back.endswith("takes pods, as before")
    assert not nodes.closed(await ward.read(ward.nodes[0]))


async def test_a_node_that_is_not_ready_stays_closed(uncordon: Uncordon, ward: Ward) -> None:
    async with ward.dead_node() as name:
        with pytest.raises(PermanentError, match="is not ready, so it stays closed"):
            await uncordon.scope(OnNode(cluster="local", name=name))
