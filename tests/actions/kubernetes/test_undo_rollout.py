"""`kubernetes.undo_rollout` on a real control plane, with the role that deploy/kubernetes gives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.actions.kubernetes.restart import Restart
from bot.actions.kubernetes.undo_rollout import PLUGIN, UndoRollout
from bot.clients.kubernetes.settings import Kind, KubernetesSettings, OnWorkload
from bot.core.deployment import Stage
from bot.core.errors import AlreadyThere, PermanentError
from tests.clients import rigs
from tests.cluster import objects
from tests.cluster.spaces import WITHIN, Space, template


@pytest.fixture
async def undo(kubernetes: KubernetesSettings) -> AsyncIterator[UndoRollout]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


def api(space: Space) -> OnWorkload:
    return OnWorkload(namespace=space.name, name="api")


async def image(space: Space) -> str:
    found = await space.read(api(space))
    return str(found["spec"]["template"]["spec"]["containers"][0]["image"])


async def rolled_out(space: Space, *images: str) -> None:
    for one in images:
        await space.deployment("api", 1, template=template(one))
        await space.standing("api")


async def test_it_lands_on_the_last_good_pods_even_after_a_restart_in_between(
    undo: UndoRollout, kubernetes: KubernetesSettings, space: Space
) -> None:
    await rolled_out(space, "shop:1", "shop:2")
    async with rigs.rig() as rig:
        restart = Restart(kubernetes, rig)
        before = (await restart.scope(api(space))).pre_state
        await restart.execute(api(space), before, "inc-1:1")
    scope = await undo.scope(api(space))

    done = await undo.execute(api(space), scope.pre_state, "inc-2:1")

    assert scope.says.endswith(": shop:1")
    assert done.endswith(": 1 of 1 pods are new and available")
    assert await image(space) == "shop:1"


async def test_a_second_time_never_returns_to_the_bad_pods(undo: UndoRollout, space: Space) -> None:
    await rolled_out(space, "shop:1", "shop:2", "shop:3")
    for number, expected in ((1, "shop:2"), (2, "shop:1")):
        scope = await undo.scope(api(space))
        await undo.execute(api(space), scope.pre_state, f"inc-{number}:1")
        assert await image(space) == expected

    with pytest.raises(PermanentError, match="no earlier revision that differs"):
        await undo.scope(api(space))


async def test_what_was_restarted_before_it_was_left_is_not_returned_to_under_its_older_hash(
    undo: UndoRollout, kubernetes: KubernetesSettings, space: Space
) -> None:
    await rolled_out(space, "shop:1", "shop:2")
    async with rigs.rig() as rig:
        restart = Restart(kubernetes, rig)
        before = (await restart.scope(api(space))).pre_state
        await restart.execute(api(space), before, "inc-1:1")
    scope = await undo.scope(api(space))
    await undo.execute(api(space), scope.pre_state, "inc-2:1")

    with pytest.raises(PermanentError, match="no earlier revision that differs"):
        await undo.scope(api(space))


async def test_the_way_back_puts_the_left_pods_there_again(undo: UndoRollout, space: Space) -> None:
    await rolled_out(space, "shop:1", "shop:2")
    scope = await undo.scope(api(space))
    await undo.execute(api(space), scope.pre_state, "inc-1:1")

    said = [await undo.undo(api(space), scope.pre_state, "inc-1:1") for _ in range(2)]

    assert await image(space) == "shop:2"
    assert len(set(said)) == 1


async def test_what_somebody_else_rolled_out_meanwhile_is_left_alone(
    undo: UndoRollout, space: Space
) -> None:
    await rolled_out(space, "shop:1", "shop:2")
    scope = await undo.scope(api(space))
    await undo.execute(api(space), scope.pre_state, "inc-1:1")
    await rolled_out(space, "shop:4")

    with pytest.raises(PermanentError, match="somebody else has rolled out: left alone"):
        await undo.undo(api(space), scope.pre_state, "inc-1:1")

    assert await image(space) == "shop:4"


async def test_a_deployment_with_one_revision_has_nowhere_to_go(
    undo: UndoRollout, space: Space
) -> None:
    await rolled_out(space, "shop:1")

    with pytest.raises(PermanentError, match="no earlier revision that differs"):
        await undo.scope(api(space))


async def test_what_has_nowhere_else_to_go_can_still_be_taken_back(
    undo: UndoRollout, space: Space
) -> None:
    """Somebody who asks for that later is shown the workload as it is now."""
    await rolled_out(space, "shop:1", "shop:2")
    scope = await undo.scope(api(space))
    await undo.execute(api(space), scope.pre_state, "inc-1:1")

    with pytest.raises(AlreadyThere) as there:
        await undo.scope(api(space))
    await undo.undo(api(space), scope.pre_state, "inc-2:1")

    assert there.value.scope.blast_radius.touched == 1
    assert await image(space) == "shop:2"


@pytest.mark.parametrize("kind", [Kind.STATEFUL_SET, Kind.DAEMON_SET])
async def test_stateful_and_daemon_sets_go_back_to_what_their_records_keep(
    undo: UndoRollout, space: Space, kind: Kind
) -> None:
    """Of a stateful set the broken pod is in the way, and has to go."""
    which = OnWorkload(namespace=space.name, name="api", kind=kind)
    make = objects.stateful_set if kind is Kind.STATEFUL_SET else objects.daemon_set
    await make(space, "api")
    await objects.done(space, which)
    huge = {"requests": {"memory": "90Ti"}}
    broken = template("shop:2", **({"resources": huge} if kind is Kind.STATEFUL_SET else {}))
    changed: dict[str, Any] = {"template": broken}
    if kind is Kind.DAEMON_SET:  # all nodes at once: how fast it goes is not asked here
        changed["updateStrategy"] = {"rollingUpdate": {"maxUnavailable": "100%"}}
    await space.admin.patch(which.path, {"spec": changed})
    if kind is Kind.STATEFUL_SET:
        await objects.without_node(space, "api-1")
    else:
        await objects.done(space, which)
    scope = await undo.scope(which)

    async with asyncio.timeout(WITHIN):
        await undo.execute(which, scope.pre_state, "inc-1:1")

    assert scope.says.endswith(": shop:1")
    assert objects.image(await space.read(which)) == "shop:1"
    with pytest.raises(AlreadyThere):
        await undo.scope(which)


async def test_the_rollout_that_it_ends_does_not_stand_in_its_way(
    undo: UndoRollout, space: Space
) -> None:
    await rolled_out(space, "shop:1")
    shut = {"httpGet": {"host": "127.0.0.1", "port": 1, "path": "/"}, "periodSeconds": 1}
    await space.deployment("api", 1, template=template("shop:2", readinessProbe=shut))
    await space.until("api", lambda one: one["status"].get("unavailableReplicas") == 1)

    (found,) = (await undo.scope(api(space))).blast_radius.deploying

    assert (found.stage, found.ended_here) == (Stage.UNDERWAY, True)
