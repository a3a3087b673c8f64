"""`kubernetes.evict_pod` on a real control plane, with the role that deploy/kubernetes gives."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError

from bot.actions.kubernetes.evict_pod import PLUGIN, Evicted, EvictPod
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clock import Clock
from bot.core.errors import PermanentError, TemporaryError
from bot.core.plan import Reversibility
from tests.clients import rigs
from tests.cluster.spaces import Space, template

STEP = "inc-1:1"


@pytest.fixture
async def evict(kubernetes: KubernetesSettings) -> AsyncIterator[EvictPod]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


def pod(space: Space, **more: Any) -> Evicted:
    named = {} if "selector" in more else {"name": "api"}
    return Evicted.model_validate({"cluster": "local", "namespace": space.name, **named, **more})


async def standing(space: Space, replicas: int, **more: Any) -> str:
    """A deployment whose pods are all ready; the name of one of them."""
    await space.deployment("api", replicas, **more)
    await space.standing("api")
    return min(await space.pods())


async def test_one_pod_goes_and_its_owner_makes_another(evict: EvictPod, space: Space) -> None:
    name = await standing(space, 3)
    asked = pod(space, name=name)
    scope = await evict.scope(asked)
    assert await evict.landed(asked, scope.pre_state, STEP) is False

    done = await evict.execute(asked, scope.pre_state, STEP)
    again = await evict.execute(asked, scope.pre_state, STEP)

    node = scope.pre_state["node"]
    assert scope.blast_radius.line == (
        f"pod {name} of deployment api in {space.name} (local): touches 1 of 3 pods, 1 "
        f"(33.3 %) down at the worst moment; on node {node}"
    )
    assert scope.blast_radius.targets[0].key == f"k8s:local/{space.name}/deployment/api"
    assert scope.says == f"evict pod {name} -n {space.name} from node {node} (local)"
    assert done == f"evicted pod {name} of deployment api in {space.name}; it is gone"
    assert again == f"pod {name} in {space.name} is gone already"
    assert await evict.landed(asked, scope.pre_state, STEP) is True
    await space.standing("api")
    assert name not in await space.pods()
    assert len(await space.pods()) == 3


async def test_a_budget_without_headroom_is_explained_and_nothing_is_deleted(
    evict: EvictPod, space: Space
) -> None:
    name = await standing(space, 2)
    await space.budget("api", 2)
    await space.counted("api")

    with pytest.raises(PermanentError) as refused:
        await evict.scope(pod(space, name=name))

    assert str(refused.value) == (
        f"pod {space.name}/{name} may not be evicted now: budget api lets none go "
        "(2 of 2 pods are healthy, 2 must stay)"
    )
    assert name in await space.pods()


async def test_headroom_that_went_after_the_plan_stops_the_step_and_nothing_is_deleted(
    evict: EvictPod, space: Space
) -> None:
    name = await standing(space, 2)
    await space.budget("api", 1)
    await space.counted("api")
    scope = await evict.scope(pod(space, name=name))
    await space.change_budget("api", 2)

    with pytest.raises(PermanentError, match="budget api lets none go"):
        await evict.execute(pod(space, name=name), scope.pre_state, STEP)

    assert "budget api lets it go" in scope.blast_radius.notes
    assert name in await space.pods()


async def test_two_budgets_over_one_pod_are_named(evict: EvictPod, space: Space) -> None:
    name = await standing(space, 2)
    for each in ("one", "two"):
        await space.budget(each, 1)

    with pytest.raises(PermanentError, match="held by the budgets one and two: no API server"):
        await evict.scope(pod(space, name=name))


async def test_a_second_budget_that_came_after_the_plan_is_named_too(
    evict: EvictPod, space: Space
) -> None:
    name = await standing(space, 2)
    scope = await evict.scope(pod(space, name=name))
    for each in ("one", "two"):
        await space.budget(each, 1)
        await space.counted(each)

    with pytest.raises(PermanentError, match="held by the budgets one and two: no API server"):
        await evict.execute(pod(space, name=name), scope.pre_state, STEP)

    assert name in await space.pods()


async def test_a_pod_that_nothing_makes_again_is_refused_unless_the_runbook_says_so(
    evict: EvictPod, space: Space
) -> None:
    await space.bare("api")

    with pytest.raises(PermanentError, match=r"has no owner that makes it again.*unowned: true"):
        await evict.scope(pod(space))

    asked = pod(space, unowned=True)
    scope = await evict.scope(asked)
    await evict.execute(asked, scope.pre_state, STEP)
    assert "nothing makes it again" in scope.blast_radius.notes
    assert scope.blast_radius.line.startswith(
        f"pod api in {space.name} (local): touches 1 of 1 pod"
    )
    assert evict.way_back(asked) is Reversibility.IRREVERSIBLE
    assert evict.way_back(pod(space)) is Reversibility.SELF_RESTORING
    assert await space.pods() == []


async def test_a_selector_must_mean_exactly_one(evict: EvictPod, space: Space) -> None:
    await standing(space, 2)
    await space.bare("odd", labels={"app": "odd"})

    with pytest.raises(PermanentError, match=r"app=api in .* means 2 pods .*; name the pod"):
        await evict.scope(pod(space, selector="app=api"))
    with pytest.raises(PermanentError, match=r"means 0 pods that are running or waiting.*: none"):
        await evict.scope(pod(space, selector="app=other"))

    scope = await evict.scope(pod(space, selector="app=odd", unowned=True))
    assert scope.pre_state["pod"] == "odd"


async def test_a_pod_made_anew_under_the_name_is_not_taken_for_the_old_one(
    evict: EvictPod, space: Space
) -> None:
    first = await space.bare("api")
    asked = pod(space, unowned=True)
    before = (await evict.scope(asked)).pre_state
    await space.gone("api")
    await space.bare("api")

    done = await evict.execute(asked, before, STEP)

    assert before["uid"] == first["metadata"]["uid"]
    assert done == f"pod api in {space.name} is gone already"
    assert await space.pods() == ["api"]


async def test_a_wrong_name_is_said_with_cluster_and_namespace(
    evict: EvictPod, space: Space
) -> None:
    with pytest.raises(PermanentError, match=f"cluster local: there is no pod api in {space.name}"):
        await evict.scope(pod(space))


class Hasty(Clock):
    """A watch that runs a hundred times too fast."""

    def monotonic(self) -> float:
        return super().monotonic() * 100


async def test_a_pod_that_hangs_past_its_grace_is_told_so_while_it_is_waited_for(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await space.bare("api", finalizers=["example.com/held"])
    asked = pod(space, unowned=True)
    async with rigs.rig() as rig:
        evict = PLUGIN(kubernetes, dataclasses.replace(rig, clock=Hasty()))
        before = (await evict.scope(asked)).pre_state
        with pytest.raises(TemporaryError, match=r"still terminating well past its grace of 1 s"):
            await evict.execute(asked, before, STEP)

    await space.release("api")


async def test_what_it_keeps_and_who_reaches_it_is_named(evict: EvictPod, space: Space) -> None:
    kept = template("shop:1")
    kept["spec"]["volumes"] = [{"name": "cache", "emptyDir": {}}]
    name = await standing(space, 1, template=kept)
    await space.service("api")

    radius = (await evict.scope(pod(space, name=name))).blast_radius

    assert radius.line.endswith(
        "the only one; what it keeps in an emptyDir is lost; behind service api"
    )
    assert "touches 1 of 1 pod, all down" in radius.line


async def test_heal_does_not_evict_itself(kubernetes: KubernetesSettings, space: Space) -> None:
    await space.bare("api")
    mine = kubernetes.model_copy(
        update={"pod": "api", "pod_namespace": space.name, "namespaces": (space.name,)}
    )
    async with rigs.rig() as rig:
        with pytest.raises(PermanentError, match="api runs Heal itself"):
            await PLUGIN(mine, rig).scope(pod(space, unowned=True))


@pytest.mark.parametrize("wrong", [{}, {"name": "a", "selector": "app=a"}, {"selector": "a=$(b)"}])
def test_a_name_or_a_selector_is_given_and_never_both(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Evicted.model_validate({"namespace": "shop", **wrong})
