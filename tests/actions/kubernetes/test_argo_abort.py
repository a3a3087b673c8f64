"""`kubernetes.argo_abort` on a real API server, where Argo's controller is played by the test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.actions.kubernetes.argo_abort import PLUGIN, ArgoAbort
from bot.clients.kubernetes.cluster import MERGE_PLAIN
from bot.clients.kubernetes.named import OnRollout
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.kubernetes.writing import MARK
from bot.core.deployment import Stage
from bot.core.errors import PermanentError
from tests.clients import rigs
from tests.cluster import argo
from tests.cluster.argo import Argo
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space

STEP = "inc-1:1"


@pytest.fixture
async def action(kubernetes: KubernetesSettings) -> AsyncIterator[ArgoAbort]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


@pytest.fixture
async def played(space: Space) -> AsyncIterator[Argo]:
    """A canary of shop:2 waits beside the proven shop:1."""
    async with argo.playing(space) as controller:
        controller.held.add("shop:2")
        for image in ("shop:1", "shop:2"):
            await controller.deploy(image)
        yield controller


def api(played: Argo) -> OnRollout:
    return OnRollout(cluster=CONTEXT, namespace=played.space.name, name="api")


async def test_a_canary_goes_and_the_proven_pods_serve(action: ArgoAbort, played: Argo) -> None:
    await played.space.service("api")
    scope = await action.scope(api(played))
    before = await action.landed(api(played), scope.pre_state, STEP)

    done = await action.execute(api(played), scope.pre_state, STEP)
    again = await action.execute(api(played), scope.pre_state, STEP)
    found = await played.read()

    assert scope.says == f"kubectl argo rollouts abort api -n {played.space.name} (local)"
    assert scope.blast_radius.line.endswith("serve; behind service api")
    assert done.startswith(f"aborted rollout api in {played.space.name}: 1 of 1 pods")
    assert done == again
    assert found["status"]["abort"] is True
    assert found["metadata"]["annotations"][MARK] == STEP
    assert (before, await action.landed(api(played), scope.pre_state, STEP)) == (False, True)


async def test_a_life_that_ended_between_mark_and_abort_is_no_abort(
    action: ArgoAbort, played: Argo
) -> None:
    scope = await action.scope(api(played))
    noted = {"metadata": {"annotations": {MARK: STEP}}}
    await played.space.admin.patch(api(played).path, noted, kind=MERGE_PLAIN)

    landed = await action.landed(api(played), scope.pre_state, STEP)
    await action.execute(api(played), scope.pre_state, STEP)

    assert landed is False
    assert (await played.until("Degraded"))["status"]["abort"] is True


async def test_another_version_that_is_rolled_out_meanwhile_is_not_aborted(
    action: ArgoAbort, played: Argo
) -> None:
    scope = await action.scope(api(played))
    played.held.add("shop:3")
    await played.deploy("shop:3")

    with pytest.raises(PermanentError, match="changed since it was planned for: pods"):
        await action.execute(api(played), scope.pre_state, STEP)

    assert not (await played.read())["status"]["abort"]
    assert await action.landed(api(played), scope.pre_state, STEP) is None


async def test_nothing_under_way_and_aborted_already_are_refused(
    action: ArgoAbort, played: Argo
) -> None:
    scope = await action.scope(api(played))
    await action.execute(api(played), scope.pre_state, STEP)
    await played.until("Degraded")
    with pytest.raises(PermanentError, match="is aborted already"):
        await action.scope(api(played))

    await played.deploy("shop:1")
    with pytest.raises(PermanentError, match="has nothing under way that could be aborted"):
        await action.scope(api(played))


async def test_heal_never_goes_on_with_what_was_aborted(action: ArgoAbort, played: Argo) -> None:
    scope = await action.scope(api(played))
    await action.execute(api(played), scope.pre_state, STEP)

    said = await action.undo(api(played), scope.pre_state, STEP)

    assert said.endswith("stays aborted: a person decides whether it is tried again")
    assert (await played.read())["status"]["abort"] is True


async def test_the_canary_that_it_aborts_does_not_stand_in_its_way(
    action: ArgoAbort, played: Argo
) -> None:
    (found,) = (await action.scope(api(played))).blast_radius.deploying

    assert found.what == f"rollout api in {played.space.name} (local)"
    assert (found.stage, found.ended_here) == (Stage.UNDERWAY, True)
