"""`kubernetes.argo_undo` on a real API server, where Argo's controller is played by the test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.actions.kubernetes.argo_undo import PLUGIN, ArgoUndo
from bot.clients.kubernetes.argo import HASH
from bot.clients.kubernetes.cluster import MERGE_PLAIN
from bot.clients.kubernetes.named import OnRollout
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.kubernetes.writing import MARK
from bot.core.errors import AlreadyThere, PermanentError
from tests.clients import rigs
from tests.cluster import argo
from tests.cluster.argo import Argo
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space

STEP = "inc-1:1"


@pytest.fixture
async def action(kubernetes: KubernetesSettings) -> AsyncIterator[ArgoUndo]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


@pytest.fixture
async def played(space: Space) -> AsyncIterator[Argo]:
    async with argo.playing(space) as controller:
        yield controller


def api(played: Argo) -> OnRollout:
    return OnRollout(cluster=CONTEXT, namespace=played.space.name, name="api")


async def test_it_lands_on_the_last_good_pods_even_after_a_restart_in_between(
    action: ArgoUndo, played: Argo
) -> None:
    for image in ("shop:1", "shop:2"):
        await played.deploy(image)
    restarted = {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}
    path = f"{api(played).path}"
    await played.space.admin.patch(path, {"spec": {"template": restarted}}, kind=MERGE_PLAIN)
    await played.until("Healthy")
    scope = await action.scope(api(played))

    done = await action.execute(api(played), scope.pre_state, STEP)
    found = await played.read()

    assert scope.says.endswith(": shop:1")
    assert "from shop:2 to shop:1" in scope.blast_radius.line
    assert done.endswith(": 1 of 1 pods are new and available")
    assert await played.image() == "shop:1"
    assert found["metadata"]["annotations"][MARK] == STEP
    assert HASH not in found["spec"]["template"]["metadata"]["labels"]


async def test_a_bad_canary_is_replaced_by_the_proven_pods(action: ArgoUndo, played: Argo) -> None:
    played.held.add("shop:2")
    for image in ("shop:1", "shop:2"):
        await played.deploy(image)
    scope = await action.scope(api(played))

    await action.execute(api(played), scope.pre_state, STEP)

    assert (await played.until("Healthy"))["status"]["stableRS"] == scope.pre_state["to"]
    assert await played.image() == "shop:1"


async def test_a_second_time_never_returns_to_the_bad_pods(action: ArgoUndo, played: Argo) -> None:
    for image in ("shop:1", "shop:2", "shop:3"):
        await played.deploy(image)
    for number, expected in ((1, "shop:2"), (2, "shop:1")):
        scope = await action.scope(api(played))
        await action.execute(api(played), scope.pre_state, f"inc-{number}:1")
        assert await played.image() == expected

    with pytest.raises(AlreadyThere, match="no earlier revision that differs"):
        await action.scope(api(played))


async def test_the_way_back_puts_the_left_pods_there_again(action: ArgoUndo, played: Argo) -> None:
    for image in ("shop:1", "shop:2"):
        await played.deploy(image)
    scope = await action.scope(api(played))
    await action.execute(api(played), scope.pre_state, STEP)

    said = [await action.undo(api(played), scope.pre_state, STEP) for _ in range(2)]
    after = await action.scope(api(played))

    assert await played.image() == "shop:2"
    assert len(set(said)) == 1
    assert after.pre_state == scope.pre_state


async def test_what_somebody_else_rolled_out_meanwhile_is_left_alone(
    action: ArgoUndo, played: Argo
) -> None:
    for image in ("shop:1", "shop:2"):
        await played.deploy(image)
    scope = await action.scope(api(played))
    await played.deploy("shop:4")

    with pytest.raises(PermanentError, match="changed since it was planned for: pods"):
        await action.execute(api(played), scope.pre_state, STEP)
    with pytest.raises(PermanentError, match="somebody else has rolled out: left alone"):
        await action.undo(api(played), scope.pre_state, STEP)

    assert await action.landed(api(played), scope.pre_state, STEP) is None
    assert await played.image() == "shop:4"


async def test_older_pods_that_wait_at_a_step_of_the_strategy_end_the_step(
    action: ArgoUndo, played: Argo
) -> None:
    for image in ("shop:1", "shop:2"):
        await played.deploy(image)
    played.held.add("shop:1")
    scope = await action.scope(api(played))

    done = await action.execute(api(played), scope.pre_state, STEP)

    assert done.endswith("it waits at a pause of its own strategy (CanaryPauseStep)")


async def test_pods_that_come_from_another_object_are_refused(
    action: ArgoUndo, played: Argo
) -> None:
    spec = {"replicas": 1, "workloadRef": {"kind": "Deployment", "name": "api"}}
    root = api(played).path.rpartition("/")[0]
    made = {**argo.KIND, "metadata": {"name": "api"}, "spec": spec}
    await played.space.admin.post(root, made)

    with pytest.raises(PermanentError, match=r"from another object \(workloadRef\)"):
        await action.scope(api(played))
