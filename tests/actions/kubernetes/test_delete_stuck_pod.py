"""`kubernetes.delete_stuck_pod` on a real control plane, with the roles of deploy/kubernetes."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.actions.kubernetes.delete_stuck_pod import PLUGIN, DeleteStuckPod, Stuck
from bot.clock import Clock
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility
from tests.clients import rigs
from tests.cluster.spaces import Space
from tests.cluster.wards import Ward

STEP = "inc-1:1"
STATEFUL = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "name": "db",
    "uid": "8f1f4c9e-0000-4000-8000-000000000001",
    "controller": True,
}


class Later(Clock):
    """The real clock, two minutes on: by then every grace of these tests is over."""

    def now(self) -> datetime:
        return super().now() + timedelta(minutes=2)


@pytest.fixture
async def delete(ward: Ward, space: Space) -> AsyncIterator[DeleteStuckPod]:
    await ward.admit(space)
    async with rigs.rig() as rig:
        yield PLUGIN(ward.settings, dataclasses.replace(rig, clock=Later()))


@pytest.fixture
async def dead(ward: Ward) -> AsyncIterator[str]:
    async with ward.dead_node() as name:
        yield name


def api(space: Space, **more: Any) -> Stuck:
    return Stuck.model_validate(
        {"cluster": "local", "namespace": space.name, "name": "api", **more}
    )


async def test_a_pod_on_a_silent_node_is_forgotten(
    delete: DeleteStuckPod, space: Space, dead: str
) -> None:
    await space.told_to_go("api", dead)
    scope = await delete.scope(api(space))
    assert await delete.landed(api(space), scope.pre_state, STEP) is False

    done = await delete.execute(api(space), scope.pre_state, STEP)
    again = await delete.execute(api(space), scope.pre_state, STEP)

    assert scope.says == (
        f"kubectl delete pod api -n {space.name} --force --grace-period=0 (local)"
    )
    assert scope.blast_radius.line.startswith(
        f"pod api in {space.name} (local): touches 1 of 1 pod, none down; on node {dead}"
    )
    assert f"its node {dead} is not ready" in scope.blast_radius.notes
    assert done == f"deleted pod api in {space.name}, without asking its kubelet"
    assert again == f"pod api in {space.name} is gone already"
    assert await delete.landed(api(space), scope.pre_state, STEP) is True
    assert delete.way_back(api(space)) is Reversibility.IRREVERSIBLE
    assert await space.every_pod() == []


async def test_a_node_that_is_gone_altogether_is_the_best_proof(
    delete: DeleteStuckPod, space: Space, ward: Ward
) -> None:
    async with ward.dead_node() as name:
        await space.told_to_go("api", name, ownerReferences=[STATEFUL])
    scope = await delete.scope(api(space))

    assert f"its node {name} is gone" in scope.blast_radius.notes


async def test_a_ready_node_is_still_ending_it_unless_somebody_made_sure(
    delete: DeleteStuckPod, space: Space, ward: Ward, dead: str
) -> None:
    await space.told_to_go("api", dead)
    await ward.pretend_ready(dead)

    with pytest.raises(PermanentError, match=r"is ready, so its kubelet is still ending"):
        await delete.scope(api(space))

    sure = api(space, surely_dead=True)
    scope = await delete.scope(sure)
    await delete.execute(sure, scope.pre_state, STEP)
    assert "the runbook says that its containers run no more" in scope.blast_radius.notes
    assert await space.every_pod() == []


async def test_a_node_that_came_back_after_the_plan_is_noticed(
    delete: DeleteStuckPod, space: Space, ward: Ward, dead: str
) -> None:
    await space.told_to_go("api", dead)
    before = (await delete.scope(api(space))).pre_state
    await ward.pretend_ready(dead)

    with pytest.raises(PermanentError, match="is ready, so its kubelet is still ending"):
        await delete.execute(api(space), before, STEP)

    assert await space.every_pod() == ["api"]


async def test_a_pod_with_an_identity_never_gets_a_twin(
    delete: DeleteStuckPod, space: Space, dead: str
) -> None:
    await space.told_to_go("api", dead, ownerReferences=[STATEFUL])

    with pytest.raises(PermanentError, match=r"has an identity, and .* two would write as one"):
        await delete.scope(api(space))

    assert (await delete.scope(api(space, surely_dead=True))).pre_state["owner"] == "statefulset db"


async def test_finalizers_are_named_for_deleting_would_not_help(
    delete: DeleteStuckPod, space: Space, dead: str
) -> None:
    await space.told_to_go("api", dead, finalizers=["example.com/held"])

    with pytest.raises(PermanentError, match=r"waits for example.com/held: whoever put that there"):
        await delete.scope(api(space))

    await space.release("api")


async def test_a_pod_within_its_grace_and_one_that_stays_are_refused(
    ward: Ward, space: Space, dead: str
) -> None:
    await ward.admit(space)
    await space.told_to_go("api", dead)
    await space.bare("web")
    async with rigs.rig() as rig:
        delete = PLUGIN(ward.settings, rig)
        with pytest.raises(PermanentError, match="its grace of 1 s is not over for 30 s yet"):
            await delete.scope(api(space))
        with pytest.raises(PermanentError, match=f"pod web in {space.name} is not terminating"):
            await delete.scope(api(space, name="web"))


async def test_a_selector_means_the_one_that_hangs(
    delete: DeleteStuckPod, space: Space, dead: str
) -> None:
    await space.told_to_go("stuck", dead)
    await space.bare("api")

    scope = await delete.scope(api(space, name=None, selector="app=api"))

    assert scope.pre_state["pod"] == "stuck"


async def test_another_pod_under_the_name_is_not_deleted(
    delete: DeleteStuckPod, space: Space, dead: str
) -> None:
    await space.told_to_go("api", dead)
    before = (await delete.scope(api(space))).pre_state
    await space.gone("api")
    await space.bare("api")

    assert (await delete.execute(api(space), before, STEP)).endswith("is gone already")
    assert await space.every_pod() == ["api"]
