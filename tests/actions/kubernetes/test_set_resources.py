"""`kubernetes.set_resources` on a real control plane, with the role in deploy/kubernetes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import ValidationError

from bot.actions.kubernetes.set_resources import PLUGIN, Resourced, SetResources
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.core.errors import PermanentError
from tests.clients import rigs
from tests.cluster import objects
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import WITHIN, Space, template

STEP = "inc-1:1"
SMALL = {"requests": {"memory": "64Mi", "cpu": "10m"}, "limits": {"memory": "128Mi"}}
HUGE = {"requests": {"memory": "90Ti"}, "limits": {"memory": "90Ti"}, "most": {"memory": "99Ti"}}
"""More than any node has, so its pods wait for ever."""


@pytest.fixture
async def action(kubernetes: KubernetesSettings) -> AsyncIterator[SetResources]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


def to(space: Space, **more: object) -> Resourced:
    said = {"cluster": CONTEXT, "namespace": space.name, "name": "api", "container": "api", **more}
    return Resourced.model_validate(said)


async def small(space: Space, replicas: int = 1, **more: object) -> dict[str, object]:
    made = await space.deployment(
        "api", replicas, template=template("shop:1", resources=SMALL), **more
    )
    await space.standing("api")
    spec: dict[str, object] = made["spec"]
    return spec


async def resources(space: Space) -> object:
    found = await space.read(to(space, **HUGE))
    return found["spec"]["template"]["spec"]["containers"][0]["resources"]


async def test_a_quarter_more_memory_up_to_the_bound_and_back_again(
    action: SetResources, space: Space
) -> None:
    first = await small(space, 2)
    more = to(
        space,
        requests={"memory": "+100%"},
        limits={"memory": "+25%", "cpu": "1"},
        most={"memory": "100Mi", "cpu": "2"},
    )
    bound = to(space, limits={"memory": "+25%"}, most={"memory": "150Mi"})
    with pytest.raises(PermanentError, match="the request is larger than the limit"):
        await action.scope(to(space, requests={"memory": "+150%"}, most={"memory": "1Gi"}))
    scope = await action.scope(bound)

    done = await action.execute(bound, scope.pre_state, STEP)
    there = await resources(space)
    await action.undo(bound, scope.pre_state, STEP)

    assert scope.blast_radius.notes[0] == "limits memory 128Mi → 150Mi in each of 2 pods"
    assert done.endswith("has its new resources: 2 of 2 pods are new and available")
    assert there == {**SMALL, "limits": {"memory": "150Mi"}}
    assert (await space.read(bound))["spec"] == first
    said = (await action.scope(more)).says
    assert said.startswith("set requests/memory 100Mi, limits/cpu 1 in container api of")


async def test_pods_that_fit_on_no_node_fail_the_step_and_the_way_back_works_meanwhile(
    action: SetResources, space: Space
) -> None:
    first = await small(space, 1, progressDeadlineSeconds=3)
    huge = to(space, **HUGE)
    scope = await action.scope(huge)

    with pytest.raises(PermanentError, match="has timed out progressing"):
        await action.execute(huge, scope.pre_state, STEP)
    back = [await action.undo(huge, scope.pre_state, STEP) for _ in range(2)]

    assert [one.rpartition(": ")[2] for one in back] == ["1 of 1 pods are new and available"] * 2
    assert (await space.read(huge))["spec"] == first
    assert (await action.scope(huge)).pre_state == scope.pre_state


async def test_a_stateful_set_that_waits_for_a_broken_pod_is_set_free(
    action: SetResources, space: Space
) -> None:
    """Left to itself it would wait for that pod for ever, with the good template in its spec."""
    first = await objects.stateful_set(space, "api", 2)
    await objects.ready(space, "statefulsets", "api", 2)
    huge = to(space, kind="statefulset", **HUGE)
    scope = await action.scope(huge)
    run = asyncio.create_task(action.execute(huge, scope.pre_state, STEP))
    await objects.without_node(space, "api-1")
    run.cancel()

    async with asyncio.timeout(WITHIN):
        back = await action.undo(huge, scope.pre_state, STEP)

    assert back.endswith("has its former resources again: 2 of 2 pods are ready")
    assert (await space.read(huge))["spec"] == first["spec"]


async def test_a_stateful_set_that_is_broken_already_gets_its_good_spec(
    action: SetResources, space: Space
) -> None:
    """Its broken pod would hold up every later change as well."""
    too_much = {"requests": {"memory": "90Ti"}, "limits": {"memory": "90Ti"}}
    await objects.stateful_set(space, "api", 1, resources=too_much)
    await objects.without_node(space, "api-0")
    less = {"requests": {"memory": "64Mi"}, "limits": {"memory": "64Mi"}, "most": {"memory": "1Gi"}}
    which = to(space, kind="statefulset", **less)
    scope = await action.scope(which)

    async with asyncio.timeout(WITHIN):
        done = await action.execute(which, scope.pre_state, STEP)

    assert scope.blast_radius.notes[-1].startswith("a pod of it that is not ready is evicted")
    assert done.endswith("has its new resources: 1 of 1 pods are ready")


async def test_what_is_too_much_or_changes_nothing_is_refused(
    action: SetResources, space: Space
) -> None:
    await small(space)

    with pytest.raises(PermanentError, match=r"limits/memory 2Gi .* more than the 1Gi that"):
        await action.scope(to(space, limits={"memory": "2Gi"}, most={"memory": "1Gi"}))
    with pytest.raises(PermanentError, match="has it already: set limits/memory 128Mi"):
        await action.scope(to(space, limits={"memory": "+25%"}, most={"memory": "0.125Gi"}))
    with pytest.raises(PermanentError, match=r"has no limits/cpu, and \+25% of nothing"):
        await action.scope(to(space, limits={"cpu": "+25%"}, most={"cpu": "2"}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"limits": {"memory": "+25%"}, "most": {}},
        {"most": {"memory": "1Gi"}},
        {"limits": {"memory": "lots"}, "most": {"memory": "1Gi"}},
        {"limits": {"memory": "-25%"}, "most": {"memory": "1Gi"}},
        {"limits": {"gpu": "1"}, "most": {"gpu": "1"}},
    ],
)
def test_an_amount_without_a_bound_or_a_meaning_is_a_mistake(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Resourced.model_validate({"namespace": "shop", "name": "api", "container": "api", **wrong})
