"""`kubernetes.cordon` on real nodes, with the role that deploy/kubernetes/nodes.yaml gives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.actions.kubernetes.cordon import PLUGIN, Cordon
from bot.clients.kubernetes import nodes
from bot.clients.kubernetes.nodes import Closing
from bot.clients.kubernetes.writing import MARK
from bot.core.errors import PermanentError
from tests.clients import rigs
from tests.cluster.wards import Ward

STEP = "inc-1:1"


@pytest.fixture
async def cordon(ward: Ward) -> AsyncIterator[Cordon]:
    async with rigs.rig() as rig:
        yield PLUGIN(ward.settings, rig)


def first(ward: Ward, **more: Any) -> Closing:
    return Closing.model_validate(
        {"cluster": "local", "name": ward.nodes[0], "most_away": 100, **more}
    )


async def test_a_node_takes_no_new_pods_and_then_takes_them_again(
    cordon: Cordon, ward: Ward
) -> None:
    scope = await cordon.scope(first(ward))

    done = await cordon.execute(first(ward), scope.pre_state, STEP)
    closed = await ward.read(ward.nodes[0])
    back = await cordon.undo(first(ward), scope.pre_state, STEP)

    assert scope.says == f"kubectl cordon {ward.nodes[0]} (local)"
    assert f"node {ward.nodes[0]} (local): touches 1 of " in scope.blast_radius.line
    assert scope.blast_radius.line.endswith("nodes, none down; the pods on it stay")
    assert done == f"node {ward.nodes[0]} takes no new pods"
    assert nodes.closed(closed)
    assert closed["metadata"]["annotations"][MARK] == STEP
    assert back == f"node {ward.nodes[0]} takes pods again"
    assert not nodes.closed(await ward.read(ward.nodes[0]))


async def test_an_undo_that_is_asked_for_later_opens_it_too(cordon: Cordon, ward: Ward) -> None:
    before = (await cordon.scope(first(ward))).pre_state
    await cordon.execute(first(ward), before, STEP)

    back = await cordon.undo(first(ward), before, "inc-2:1")
    again = await cordon.undo(first(ward), before, "inc-2:1")

    assert back == f"node {ward.nodes[0]} takes pods again"
    assert again == f"node {ward.nodes[0]} takes pods, as before"


async def test_an_earlier_life_that_closed_it_is_recognised(cordon: Cordon, ward: Ward) -> None:
    before = (await cordon.scope(first(ward))).pre_state
    assert await cordon.landed(first(ward), before, STEP) is False
    await cordon.execute(first(ward), before, STEP)

    assert await cordon.landed(first(ward), before, STEP) is True
    assert await cordon.landed(first(ward), before, "inc-2:1") is False


async def test_a_node_that_somebody_had_closed_stays_closed(cordon: Cordon, ward: Ward) -> None:
    await ward.set(ward.nodes[0], closed=True)
    scope = await cordon.scope(first(ward))

    done = await cordon.execute(first(ward), scope.pre_state, STEP)
    back = await cordon.undo(first(ward), scope.pre_state, STEP)

    assert "it is closed already" in scope.blast_radius.notes
    assert done == f"node {ward.nodes[0]} takes no new pods, as before"
    assert "somebody had closed it before Heal did" in back
    assert nodes.closed(await ward.read(ward.nodes[0]))


async def test_what_somebody_opened_after_us_is_not_closed_again(
    cordon: Cordon, ward: Ward
) -> None:
    before = (await cordon.scope(first(ward))).pre_state
    await cordon.execute(first(ward), before, STEP)
    await ward.set(ward.nodes[0], closed=False)

    with pytest.raises(PermanentError, match="opened again by somebody after Heal had closed it"):
        await cordon.execute(first(ward), before, STEP)


async def test_what_somebody_closed_after_us_is_not_opened(cordon: Cordon, ward: Ward) -> None:
    before = (await cordon.scope(first(ward))).pre_state
    await cordon.execute(first(ward), before, STEP)
    await ward.set(ward.nodes[0], closed=False)
    await ward.set(ward.nodes[0], closed=True)

    with pytest.raises(PermanentError, match="closed by somebody else: left alone"):
        await cordon.undo(first(ward), before, STEP)

    assert nodes.closed(await ward.read(ward.nodes[0]))


async def test_another_node_under_the_same_name_is_not_closed(cordon: Cordon, ward: Ward) -> None:
    before = (await cordon.scope(first(ward))).pre_state | {"uid": "another"}

    with pytest.raises(PermanentError, match="another one than when this was planned"):
        await cordon.execute(first(ward), before, STEP)

    assert not nodes.closed(await ward.read(ward.nodes[0]))


def node(name: str, *, ready: bool = True, closed: bool = False) -> dict[str, Any]:
    status = [{"type": "Ready", "status": "True" if ready else "Unknown"}]
    return {
        "metadata": {"name": name},
        "spec": {"unschedulable": closed},
        "status": {"conditions": status},
    }


@pytest.mark.parametrize(
    ("others", "most", "why"),
    [
        ([], 100, "the last that takes pods"),
        ([node("b", ready=False), node("c", closed=True)], 100, "the last that takes pods"),
        ([node("b"), node("c")], 33, "1 of 3 nodes would be closed or not ready, and most_away"),
        ([node("b"), node("c", ready=False)], 50, "2 of 3 nodes"),
        ([node("b"), node("c")], 34, ""),
        ([node("b"), node("c", closed=True)], 67, ""),
    ],
)
def test_never_the_last_node_and_never_one_too_many(
    others: list[dict[str, Any]], most: int, why: str
) -> None:
    which, every = Closing(cluster="local", name="a", most_away=most), [node("a"), *others]
    if not why:
        nodes.refuse_too_many(which, node("a"), every)
        return

    with pytest.raises(PermanentError, match=why):
        nodes.refuse_too_many(which, node("a"), every)


async def test_too_many_by_now_are_noticed_before_it_is_closed(cordon: Cordon, ward: Ward) -> None:
    before = (await cordon.scope(first(ward))).pre_state

    with pytest.raises(PermanentError, match="most_away allows 1 %"):
        await cordon.execute(first(ward, most_away=1), before, STEP)

    assert not nodes.closed(await ward.read(ward.nodes[0]))
