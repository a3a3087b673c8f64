"""`kubernetes.scale` on a real control plane, with the role that deploy/kubernetes gives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError

from bot.actions.kubernetes.scale import PLUGIN, Scale, Scaled
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.core.errors import AlreadyThere, PermanentError
from tests.clients import rigs
from tests.cluster import kinds
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space, template

STEP = "inc-1:1"


@pytest.fixture
async def scale(kubernetes: KubernetesSettings) -> AsyncIterator[Scale]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


def to(space: Space, replicas: int | None, most: int = 12, **more: Any) -> Scaled:
    named = {
        "cluster": CONTEXT,
        "namespace": space.name,
        "name": "api",
        "replicas": replicas,
        "most": most,
    }
    return Scaled.model_validate({**named, **more})


async def wanted(space: Space) -> int:
    return int((await space.read(to(space, 1)))["spec"]["replicas"])


async def test_more_pods_come_and_go_again(scale: Scale, space: Space) -> None:
    await space.deployment("api", 2)
    await space.standing("api")
    scope = await scale.scope(to(space, 4))

    done = await scale.execute(to(space, 4), scope.pre_state, STEP)
    pods = len(await space.pods())
    back = await scale.undo(to(space, 4), scope.pre_state, STEP)

    assert scope.blast_radius.line == (
        f"deployment api in {space.name} (local): touches 2 of 2 pods, none down; from 2 to 4"
    )
    assert done.startswith(f"scaled deployment api in {space.name} from 2 to 4: 4 of 4")
    assert pods == 4
    assert back.startswith(f"scaled deployment api in {space.name} back to 2: 2 of 2")


async def test_a_second_increment_stands_on_our_own_first(scale: Scale, space: Space) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    scopes = [await scale.scope(to(space, count)) for count in (2, 3)]

    await scale.execute(to(space, 2), scopes[0].pre_state, "inc-1:1")
    before = await scale.landed(to(space, 3), scopes[1].pre_state, "inc-1:2")
    await scale.execute(to(space, 3), scopes[1].pre_state, "inc-1:2")

    assert before is False
    assert await wanted(space) == 3


async def test_an_increment_that_was_never_written_goes_back_over_the_one_before_it(
    scale: Scale, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    scopes = [await scale.scope(to(space, count)) for count in (2, 3)]
    await scale.execute(to(space, 2), scopes[0].pre_state, "inc-1:1")

    with pytest.raises(PermanentError, match="which somebody else has set"):
        await scale.undo(to(space, 3), scopes[1].pre_state, "inc-2:2")
    await scale.undo(to(space, 3), scopes[1].pre_state, "inc-1:2")

    assert await wanted(space) == 1
    assert "has 1 pods, as before" in await scale.undo(to(space, 2), scopes[0].pre_state, "inc-1:1")


async def test_what_another_incident_did_is_no_step_of_ours(scale: Scale, space: Space) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    scopes = [await scale.scope(to(space, count)) for count in (2, 3)]
    await scale.execute(to(space, 2), scopes[0].pre_state, "inc-2:1")

    with pytest.raises(PermanentError, match="changed since it was planned for"):
        await scale.execute(to(space, 3), scopes[1].pre_state, "inc-1:2")

    assert await wanted(space) == 2


async def test_a_number_that_somebody_else_set_meanwhile_is_left_alone(
    scale: Scale, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    scope = await scale.scope(to(space, 2))
    await scale.execute(to(space, 2), scope.pre_state, STEP)
    await space.scale("api", 3)

    with pytest.raises(PermanentError, match="has 3 pods, which somebody else has set: left alone"):
        await scale.undo(to(space, 2), scope.pre_state, STEP)

    assert await wanted(space) == 3


async def test_an_autoscaler_is_not_fought_with(scale: Scale, space: Space) -> None:
    await space.deployment("api", 1)
    await space.autoscaler("api", 1, 3)

    with pytest.raises(PermanentError, match="would overwrite another: change its limits instead"):
        await scale.scope(to(space, 2))


async def test_more_than_the_runbook_allows_and_the_same_again_are_refused(
    scale: Scale, space: Space
) -> None:
    await space.deployment("api", 2)

    with pytest.raises(PermanentError, match=r"9 pods of deployment api .* more than the 8"):
        await scale.scope(to(space, 9, most=8))
    with pytest.raises(PermanentError, match="has 2 pods already"):
        await scale.scope(to(space, 2))


async def test_increments_follow_each_other_when_the_last_one_is_ready(
    scale: Scale, space: Space
) -> None:
    await space.deployment("api", 2)
    await space.standing("api")
    slowly = to(space, 6, increment=2, settle="1s")
    scope = await scale.scope(slowly)
    generation = (await space.read(slowly))["metadata"]["generation"]

    done = await scale.execute(slowly, scope.pre_state, STEP)
    again = await scale.execute(slowly, scope.pre_state, STEP)
    found = await space.read(slowly)
    back = await scale.undo(slowly, scope.pre_state, STEP)

    assert scope.says.endswith(f"--replicas=6 -n {space.name} ({CONTEXT}), in increments to 4, 6")
    assert scope.blast_radius.becomes == 6
    assert done == again
    assert found["metadata"]["generation"] == generation + 2
    assert back.startswith(f"scaled deployment api in {space.name} back to 2: 2 of 2")


async def test_the_first_increment_that_is_not_ready_is_the_last_one(
    scale: Scale, space: Space
) -> None:
    await space.deployment("api", 2)
    await space.standing("api")
    await space.make("api/v1", "resourcequotas", "few", {"hard": {"pods": "3"}})
    quota = f"/api/v1/namespaces/{space.name}/resourcequotas/few"
    while not (await space.admin.get(quota)).get("status", {}).get("used"):
        await asyncio.sleep(0.1)  # until it is counted, it limits nothing
    slowly = to(space, 8, increment=2, within="3s")
    scope = await scale.scope(slowly)

    with pytest.raises(PermanentError, match=r"did not get 4 pods in 3 s: 3 of 4 pods are new"):
        await scale.execute(slowly, scope.pre_state, STEP)

    assert await wanted(space) == 4
    assert await scale.landed(slowly, scope.pre_state, STEP) is False
    await scale.undo(slowly, scope.pre_state, STEP)
    assert await wanted(space) == 2


async def test_a_life_that_ended_between_two_increments_is_taken_up_there(
    scale: Scale, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    slowly = to(space, 3, increment=1)
    scope = await scale.scope(slowly)
    first = to(space, 2)
    await scale.execute(first, {**scope.pre_state, "to": 2}, f"{STEP}.2")

    landed = await scale.landed(slowly, scope.pre_state, STEP)
    await scale.execute(slowly, scope.pre_state, STEP)

    assert landed is False
    assert await wanted(space) == 3


async def test_somebody_who_scales_between_two_increments_is_not_fought_with(
    scale: Scale, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    slowly = to(space, 3, increment=1)
    scope = await scale.scope(slowly)
    await scale.execute(to(space, 2), {**scope.pre_state, "to": 2}, f"{STEP}.2")
    await space.scale("api", 5)

    with pytest.raises(PermanentError, match="changed since it was planned for: replicas 1 → 5"):
        await scale.execute(slowly, scope.pre_state, STEP)

    assert await wanted(space) == 5


@pytest.mark.parametrize(("percent", "most", "becomes"), [(25, 12, 5), (100, 6, 6)])
async def test_a_share_counts_from_now_and_stops_at_the_cap(
    scale: Scale, space: Space, percent: int, most: int, becomes: int
) -> None:
    await space.deployment("api", 4)

    scope = await scale.scope(to(space, None, percent=percent, most=most))

    assert scope.blast_radius.becomes == becomes
    assert f"--replicas={becomes} " in scope.says


async def test_what_is_there_already_is_no_plan_but_can_be_taken_back(
    scale: Scale, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    scope = await scale.scope(to(space, 3))
    await scale.execute(to(space, 3), scope.pre_state, STEP)

    with pytest.raises(AlreadyThere, match="has 3 pods already") as there:
        await scale.scope(to(space, 3))

    assert there.value.scope.blast_radius.down_at_once == 2
    assert there.value.scope.blast_radius.becomes == 1


async def test_pods_that_say_what_they_request_have_a_price(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    requests = {"requests": {"cpu": "500m", "memory": "1Gi"}}
    await space.deployment("api", 2, template=template("shop:1", resources=requests))
    prices = {"price_cpu_hour": 0.04, "price_gb_hour": 0.005, "currency": "€"}
    async with rigs.rig() as rig:
        priced = PLUGIN(kubernetes.model_copy(update=prices), rig)
        free = PLUGIN(kubernetes, rig)
        costs = [(await one.scope(to(space, 6))).cost for one in (priced, free)]

    assert costs == ["about 0.10 €/h more: 4 pods with 0.5 CPU at 0.04 € and 1 GiB at 0.005 €", ""]


async def test_kedas_objects_are_not_fought_with_either(scale: Scale, space: Space) -> None:
    await space.deployment("api", 1)
    spec = {"scaleTargetRef": {"name": "api"}, "maxReplicaCount": 4}
    await kinds.scaled_object(space, "queue", spec)

    with pytest.raises(PermanentError, match=r"KEDA's ScaledObject queue .*kubernetes\.hpa_limits"):
        await scale.scope(to(space, 2))


async def test_fewer_than_the_runbook_allows_are_refused(scale: Scale, space: Space) -> None:
    await space.deployment("api", 4)

    with pytest.raises(PermanentError, match=r"2 pods of deployment api .* fewer than the 3"):
        await scale.scope(to(space, 2, least=3))


async def test_no_pods_at_all_are_possible_when_they_are_meant(scale: Scale, space: Space) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    nothing = to(space, 0, allow_zero=True)
    scope = await scale.scope(nothing)

    await scale.execute(nothing, scope.pre_state, STEP)

    assert scope.blast_radius.line.endswith(
        ", all down at the worst moment; from 1 to 0; a single replica"
    )
    assert await wanted(space) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"replicas": 0},
        {"replicas": 1001},
        {"kind": "daemonset"},
        {"percent": 5},
        {"replicas": None},
    ],
)
def test_nothing_is_scaled_to_nothing_and_no_daemonset_at_all(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Scaled.model_validate(
            {"namespace": "shop", "name": "api", "replicas": 2, "most": 12, **wrong}
        )
