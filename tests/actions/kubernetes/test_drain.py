"""`kubernetes.drain` on real nodes, with the role that deploy/kubernetes/nodes.yaml gives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from bot.actions.kubernetes.drain import PLUGIN, Drain, Drained
from bot.clients.kubernetes import nodes
from bot.core.errors import PermanentError, TemporaryError
from bot.core.facts import StepEnding
from tests.clients import rigs
from tests.cluster import patience
from tests.cluster.spaces import Space
from tests.cluster.wards import Ward

STEP = "inc-1:1"


@pytest.fixture
async def drain(ward: Ward) -> AsyncIterator[Drain]:
    async with rigs.rig() as rig:
        yield PLUGIN(ward.settings, rig)


def first(ward: Ward, **more: Any) -> Drained:
    return Drained.model_validate(
        {"cluster": "local", "name": ward.nodes[0], "most_away": 100, **more}
    )


async def test_with_headroom_of_one_it_completes_and_the_budget_is_kept(
    drain: Drain, ward: Ward, space: Space
) -> None:
    await ward.filled(space, "api", 3)
    await space.budget("api", 2)
    await space.counted("api")
    scope = await drain.scope(first(ward))
    async with space.counting_ready() as ready:
        ending, said = await patience.attempt(
            90, lambda: drain.execute(first(ward), scope.pre_state, STEP)
        )

    await space.standing("api")
    assert (ending, said) == (
        StepEnding.DONE,
        f"drained node {ward.nodes[0]}: 3 of 3 pods are gone from {ward.nodes[0]}",
    )
    assert min(ready) == 2
    assert len(await space.on(ward.nodes[1])) == 3
    assert nodes.closed(await ward.read(ward.nodes[0]))
    assert scope.blast_radius.line == (
        f"node {ward.nodes[0]} (local): touches 3 of 3 pods, 1 (33.3 %) down at the worst moment; "
        f"3 of 3 pods of deployment api in {space.name}"
    )


async def test_without_headroom_it_stops_and_says_which_budget_and_opens_the_node_again(
    drain: Drain, ward: Ward, space: Space
) -> None:
    await ward.filled(space, "api", 2)
    await space.budget("api", 2)
    await space.counted("api")
    before = await space.pods()
    scope = await drain.scope(first(ward))

    ending, said = await patience.attempt(
        8, lambda: drain.execute(first(ward), scope.pre_state, STEP)
    )
    closed = nodes.closed(await ward.read(ward.nodes[0]))
    back = await drain.undo(first(ward), scope.pre_state, STEP)

    assert f"budget {space.name}/api lets none go now: it is waited for" in (
        scope.blast_radius.notes
    )
    assert ending is StepEnding.FAILED
    assert "0 of 2 pods are gone" in said
    assert "budget api lets none go (2 of 2 pods are healthy, 2 must stay)" in said
    assert closed
    assert back == f"node {ward.nodes[0]} takes pods again; no pod was evicted"
    assert not nodes.closed(await ward.read(ward.nodes[0]))
    assert sorted(await space.pods()) == sorted(before)


async def test_a_half_done_one_is_gone_on_with_and_takes_nothing_that_was_not_planned(
    drain: Drain, ward: Ward, space: Space
) -> None:
    await ward.filled(space, "api", 2)
    before = (await drain.scope(first(ward))).pre_state
    with pytest.raises(TemporaryError, match=r"0 of 2 pods are gone.*is on its way out"):
        await drain.execute(first(ward), before, STEP)  # and here the first life ends
    later = await space.placed("later", ward.nodes[0])

    assert await drain.landed(first(ward), before, STEP) is False
    ending, said = await patience.attempt(60, lambda: drain.execute(first(ward), before, STEP))

    assert ending is StepEnding.DONE
    assert said.endswith(f"; not in the plan and left alone: {space.name}/{later}")
    assert await drain.landed(first(ward), before, STEP) is True
    assert later in await space.pods()


async def test_going_back_lists_what_does_not_return(
    drain: Drain, ward: Ward, space: Space
) -> None:
    await ward.filled(space, "api", 2)
    scope = await drain.scope(first(ward))
    with pytest.raises(TemporaryError):
        await drain.execute(first(ward), scope.pre_state, STEP)

    back = await drain.undo(first(ward), scope.pre_state, STEP)

    gone = {f"{place}" for place in cast(dict[str, str], scope.pre_state["pods"])} - {
        f"{space.name}/{one}" for one in await space.pods()
    }
    assert len(gone) == 1
    assert back == f"node {ward.nodes[0]} takes pods again; evicted and not returning: {gone.pop()}"
    assert "evicted pods do not return" in scope.undo_says


async def test_a_node_that_somebody_opened_meanwhile_stops_it(
    drain: Drain, ward: Ward, space: Space
) -> None:
    await ward.filled(space, "api", 2)
    before = (await drain.scope(first(ward))).pre_state
    with pytest.raises(TemporaryError):
        await drain.execute(first(ward), before, STEP)
    await ward.set(ward.nodes[0], closed=False)

    with pytest.raises(PermanentError, match="opened again by somebody after Heal had closed it"):
        await drain.execute(first(ward), before, STEP)


async def test_a_ready_pod_stays_until_those_elsewhere_are_ready(
    drain: Drain, ward: Ward, space: Space
) -> None:
    await ward.filled(space, "api", 2)
    before = (await drain.scope(first(ward))).pre_state
    await ward.set(ward.nodes[1], closed=True)
    await ward.set(ward.nodes[0], closed=True)
    await space.scale("api", 3)  # the third has nowhere to go, so it is not ready
    await space.until("api", lambda one: one["status"].get("replicas") == 3)
    await ward.set(ward.nodes[0], closed=False)
    await nodes.close(ward.admin, first(ward), before, STEP)

    with pytest.raises(TemporaryError, match=r"stays until .* is ready"):
        await drain.execute(first(ward), before, STEP)

    assert len(await space.on(ward.nodes[0])) == 2


async def test_what_would_be_lost_is_refused_before_anybody_is_asked(
    drain: Drain, ward: Ward, space: Space
) -> None:
    kept = [{"name": "cache", "emptyDir": {}}]
    await ward.filled(space, "api", 1, volumes=kept)
    with pytest.raises(PermanentError, match=r"emptyDir, which would be lost: .*/api-"):
        await drain.scope(first(ward))

    bare = await space.placed("bare", ward.nodes[0])
    with pytest.raises(PermanentError, match=f"would be lost: {space.name}/bare; the runbook"):
        await drain.scope(first(ward, local_storage=True))

    radius = (await drain.scope(first(ward, local_storage=True, unowned=True))).blast_radius
    assert f"lost: {space.name}/{bare}" in radius.notes
    assert f"the only pod of deployment api in {space.name}" in radius.notes
    assert radius.touched == radius.total == 2


async def test_pods_of_the_node_itself_stay(drain: Drain, ward: Ward, space: Space) -> None:
    await space.daemons("agent", ward.template())

    scope = await drain.scope(first(ward))
    done = await drain.execute(first(ward), scope.pre_state, STEP)

    assert scope.pre_state["pods"] == {}
    assert "1 pod that belongs to the node stays" in scope.blast_radius.notes
    assert done.startswith(f"drained node {ward.nodes[0]}: 0 of 0 pods")


async def test_two_budgets_over_one_pod_refuse_it(drain: Drain, ward: Ward, space: Space) -> None:
    await ward.filled(space, "api", 2)
    for each in ("one", "two"):
        await space.budget(each, 1)

    with pytest.raises(PermanentError, match="held by the budgets one and two"):
        await drain.scope(first(ward))


async def test_a_namespace_that_no_setting_names_is_never_drained(ward: Ward, space: Space) -> None:
    await ward.filled(space, "api", 1)
    narrow = ward.settings.model_copy(update={"namespaces": ("shop",)})
    async with rigs.rig() as rig:
        with pytest.raises(PermanentError, match=f"may not touch namespace {space.name}"):
            await PLUGIN(narrow, rig).scope(first(ward))


async def test_the_node_that_runs_heal_is_never_drained(ward: Ward, space: Space) -> None:
    await space.placed("bot", ward.nodes[0])
    await ward.admit(space)
    mine = ward.settings.model_copy(update={"pod": "bot", "pod_namespace": space.name})
    async with rigs.rig() as rig:
        with pytest.raises(PermanentError, match=f"node {ward.nodes[0]} runs Heal itself"):
            await PLUGIN(mine, rig).scope(first(ward, unowned=True))


async def test_under_a_silent_kubelet_it_is_enough_that_pods_were_asked(
    drain: Drain, ward: Ward, space: Space
) -> None:
    async with ward.dead_node() as name:
        await space.placed("api", name, running=False)
        asked = first(ward, name=name, unowned=True)
        scope = await drain.scope(asked)
        ending, said = await patience.attempt(
            20, lambda: drain.execute(asked, scope.pre_state, STEP)
        )

    assert "it is not ready: pods end there only when it returns" in scope.blast_radius.notes
    assert ending is StepEnding.DONE
    assert said == (
        f"drained node {name}: 1 of 1 pods are gone from {name}; its kubelet is silent, and 1 of "
        "them ends only when it returns"
    )


async def test_a_pod_that_hangs_is_named_when_the_time_is_up(
    drain: Drain, ward: Ward, space: Space
) -> None:
    await space.placed("api", ward.nodes[0], finalizers=["example.com/held"])
    asked = first(ward, unowned=True)
    before = (await drain.scope(asked)).pre_state

    ending, said = await patience.attempt(4, lambda: drain.execute(asked, before, STEP))

    await space.release("api")
    assert ending is StepEnding.FAILED
    assert said == (
        f"not done within 4 s: 0 of 1 pods are gone from {ward.nodes[0]}; pod {space.name}/api is "
        "on its way out"
    )
