"""`kubernetes.hpa_limits` on a real control plane; nobody measures anything there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError

from bot.actions.kubernetes.hpa_limits import PLUGIN, HpaLimits, Limited
from bot.clients.kubernetes.cluster import MERGE_PLAIN, Json
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.kubernetes.writing import MARK
from bot.core.errors import AlreadyThere, PermanentError
from tests.clients import rigs
from tests.cluster import kinds
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space, template

STEP = "inc-1:1"
ROOT = "/apis/autoscaling/v1/namespaces"


@pytest.fixture
async def action(kubernetes: KubernetesSettings) -> AsyncIterator[HpaLimits]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


@pytest.fixture
async def scaled(space: Space) -> Space:
    """A deployment of two pods whose autoscaler may choose 2 to 8."""
    await space.deployment("api", 2)
    await space.standing("api")
    await space.autoscaler("api", 2, 8)
    return space


def to(space: Space, **limits: Any) -> Limited:
    return Limited.model_validate(
        {"cluster": CONTEXT, "namespace": space.name, "name": "api", "most": 12, **limits}
    )


async def read(space: Space) -> Json:
    return await space.admin.get(f"{ROOT}/{space.name}/horizontalpodautoscalers/api")


async def limits(space: Space) -> tuple[int, int]:
    spec = (await read(space))["spec"]
    return spec["minReplicas"], spec["maxReplicas"]


async def change(space: Space, body: Json) -> None:
    path = f"{ROOT}/{space.name}/horizontalpodautoscalers/api"
    await space.admin.patch(path, body, kind=MERGE_PLAIN)


async def test_the_limits_are_raised_and_put_back(action: HpaLimits, scaled: Space) -> None:
    scope = await action.scope(to(scaled, percent=25))

    done = await action.execute(to(scaled, percent=25), scope.pre_state, STEP)
    raised = await read(scaled)
    back = await action.undo(to(scaled, percent=25), scope.pre_state, STEP)

    assert scope.blast_radius.line == (
        f"deployment api in {scaled.name} ({CONTEXT}): touches 2 of 8 pods, none down; "
        f"autoscaler api in {scaled.name} may choose 2 to 10 pods, was 2 to 8; "
        "autoscaler api sets its number of pods"
    )
    assert (scope.blast_radius.becomes, scope.blast_radius.total) == (10, 8)
    assert scope.undo_says == (
        f"let autoscaler api -n {scaled.name} ({CONTEXT}) choose 2 to 8 pods"
    )
    assert done == f"autoscaler api in {scaled.name} may choose 2 to 10 pods, was 2 to 8"
    assert raised["spec"]["maxReplicas"] == 10
    assert raised["metadata"]["annotations"][MARK] == STEP
    assert {one["manager"] for one in raised["metadata"]["managedFields"]} >= {"heal"}
    assert back == f"autoscaler api in {scaled.name} may choose 2 to 8 pods again"
    assert await limits(scaled) == (2, 8)


async def test_an_earlier_life_that_wrote_is_recognised_and_nothing_is_written_again(
    action: HpaLimits, scaled: Space
) -> None:
    wanted = to(scaled, maximum=9)
    scope = await action.scope(wanted)
    before = await action.landed(wanted, scope.pre_state, STEP)
    await action.execute(wanted, scope.pre_state, STEP)
    version = (await read(scaled))["metadata"]["resourceVersion"]

    landed = await action.landed(wanted, scope.pre_state, STEP)
    await action.execute(wanted, scope.pre_state, STEP)

    assert (before, landed) == (False, True)
    assert (await read(scaled))["metadata"]["resourceVersion"] == version


async def test_limits_that_changed_since_they_were_planned_for_are_not_touched(
    action: HpaLimits, scaled: Space
) -> None:
    wanted = to(scaled, by=2)
    scope = await action.scope(wanted)
    await change(scaled, {"spec": {"maxReplicas": 11}})

    with pytest.raises(PermanentError, match="changed since it was planned for: maximum 8 → 11"):
        await action.execute(wanted, scope.pre_state, STEP)

    assert await action.landed(wanted, scope.pre_state, STEP) is None
    assert await limits(scaled) == (2, 11)


async def test_limits_that_somebody_else_set_meanwhile_are_left_alone(
    action: HpaLimits, scaled: Space
) -> None:
    wanted = to(scaled, maximum=10)
    scope = await action.scope(wanted)
    await action.execute(wanted, scope.pre_state, STEP)
    await change(scaled, {"spec": {"maxReplicas": 11}})

    with pytest.raises(PermanentError, match="2 to 11 pods, which somebody else has set"):
        await action.undo(wanted, scope.pre_state, STEP)

    assert await limits(scaled) == (2, 11)


async def test_one_that_keda_keeps_is_refused_with_the_remedy(
    action: HpaLimits, scaled: Space
) -> None:
    """KEDA's part is played: the object that it makes is owned by its own kind."""
    made = await kinds.scaled_object(scaled, "queue", {"scaleTargetRef": {"name": "other"}})
    owner = {"name": "queue", "uid": made["metadata"]["uid"]}
    owner |= {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject"}
    await change(scaled, {"metadata": {"ownerReferences": [owner]}})

    with pytest.raises(
        PermanentError, match=r"KEDA's ScaledObject queue.*change minReplicaCount and maxReplica"
    ):
        await action.scope(to(scaled, maximum=10))


async def test_more_than_the_runbook_allows_is_refused_and_a_share_stops_there(
    action: HpaLimits, scaled: Space
) -> None:
    with pytest.raises(PermanentError, match=r"13 pods of autoscaler api .* more than the 12"):
        await action.scope(to(scaled, by=5))

    assert (await action.scope(to(scaled, percent=100))).blast_radius.becomes == 12


async def test_what_is_so_already_is_no_plan_but_can_be_taken_back(
    action: HpaLimits, scaled: Space
) -> None:
    scope = await action.scope(to(scaled, maximum=10))
    await action.execute(to(scaled, maximum=10), scope.pre_state, STEP)

    with pytest.raises(AlreadyThere, match="may choose 2 to 10 pods already") as there:
        await action.scope(to(scaled, maximum=10))

    assert there.value.scope.blast_radius.becomes == 8
    assert there.value.scope.blast_radius.down_at_once == 2


async def test_the_least_can_be_raised_alone_and_not_above_the_most(
    action: HpaLimits, scaled: Space
) -> None:
    scope = await action.scope(to(scaled, minimum=4))
    await action.execute(to(scaled, minimum=4), scope.pre_state, STEP)

    assert (scope.blast_radius.total, scope.blast_radius.becomes) == (2, 4)
    assert await limits(scaled) == (4, 8)
    with pytest.raises(PermanentError, match="cannot choose at least 9 and at most 8"):
        await action.scope(to(scaled, minimum=9))


async def test_what_it_might_add_has_a_price(kubernetes: KubernetesSettings, space: Space) -> None:
    requests = {"requests": {"cpu": "1", "memory": "2Gi"}}
    await space.deployment("api", 1, template=template("shop:1", resources=requests))
    await space.autoscaler("api", 2, 8)
    prices = {"price_cpu_hour": 0.03, "price_gb_hour": 0.01}
    async with rigs.rig() as rig:
        scope = await PLUGIN(kubernetes.model_copy(update=prices), rig).scope(to(space, by=4))

    assert (
        scope.cost == "up to 0.20 EUR/h more: 4 pods with 1 CPU at 0.03 EUR and 2 GiB at 0.01 EUR"
    )


async def test_one_that_scales_a_kind_heal_does_not_know_is_named_by_it(
    action: HpaLimits, space: Space
) -> None:
    target = {"apiVersion": "example.com/v1", "kind": "Fleet", "name": "ships"}
    spec = {"scaleTargetRef": target, "maxReplicas": 8}
    await space.make("apis/autoscaling/v1", "horizontalpodautoscalers", "api", spec)

    radius = (await action.scope(to(space, maximum=9))).blast_radius

    assert radius.targets[0].key == f"k8s:{CONTEXT}/{space.name}/fleet/ships"


@pytest.mark.parametrize("wrong", [{}, {"maximum": 3, "by": 1}, {"maximum": 0}, {"minimum": 0}])
def test_exactly_one_way_to_say_the_most(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Limited.model_validate({"namespace": "shop", "name": "api", "most": 12, **wrong})
