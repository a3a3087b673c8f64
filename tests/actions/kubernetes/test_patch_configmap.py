"""`kubernetes.patch_configmap` on a real control plane, with the role in deploy/kubernetes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.actions.kubernetes.patch_configmap import PLUGIN, Mapped, PatchConfigmap
from bot.clients.kubernetes.cluster import MERGE_PLAIN, Json
from bot.clients.kubernetes.restarts import DATE
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.kubernetes.writing import MARK
from bot.core.errors import AlreadyThere, PermanentError
from tests.clients import rigs
from tests.cluster import objects
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space, template

STEP = "inc-1:1"


@pytest.fixture
async def action(kubernetes: KubernetesSettings) -> AsyncIterator[PatchConfigmap]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


def to(
    space: Space, values: Json | None = None, *, restart: bool = False, add: bool = False
) -> Mapped:
    where = {"cluster": CONTEXT, "namespace": space.name, "name": "api", "add": add}
    also = {"restart": {"name": "api"}} if restart else {}
    return Mapped.model_validate({**where, "values": values or {"pool": "50"}, **also})


async def kept(space: Space) -> Json:
    found = await space.admin.get(f"/api/v1/namespaces/{space.name}/configmaps/api")
    data: Json = found["data"]
    return data


async def restarted(space: Space) -> str:
    found = await space.admin.get(f"/apis/apps/v1/namespaces/{space.name}/deployments/api")
    notes = found["spec"]["template"]["metadata"].get("annotations") or {}
    return str(notes.get(DATE, ""))


async def test_a_value_is_set_its_reader_restarted_and_both_go_back(
    action: PatchConfigmap, space: Space
) -> None:
    await objects.config_map(space, "api", pool="20", other="x")
    await space.deployment("api", 2)
    await space.standing("api")
    which = to(space, restart=True)
    scope = await action.scope(which)

    done = [await action.execute(which, scope.pre_state, STEP) for _ in range(2)]
    there, first = await kept(space), await restarted(space)
    pods = await space.pods()
    back = [await action.undo(which, scope.pre_state, STEP) for _ in range(2)]

    map_, reader = f"configmap api in {space.name}", f"deployment api in {space.name}"
    assert scope.says == f"set pool=50 in {map_} ({CONTEXT}), then restart {reader}"
    assert scope.undo_says == f"set pool=20 in {map_} ({CONTEXT}), then restart {reader}"
    assert scope.blast_radius.line.startswith(
        f"{map_} ({CONTEXT}), {reader} ({CONTEXT}): touches 2 of 2 pods, none down; pool 20 → 50"
    )
    assert (
        done
        == [f"set pool in {map_}, and restarted {reader}: 2 of 2 pods are new and available"] * 2
    )
    assert there == {"pool": "50", "other": "x"}
    assert first
    assert back[0].startswith(f"{map_} has its former values again, and restarted {reader}: 2 of")
    assert await kept(space) == {"pool": "20", "other": "x"}
    assert not {*pods} & {*await space.pods()}
    assert (await action.scope(which)).pre_state == scope.pre_state


async def test_a_crash_between_map_and_restart_is_made_up_for(
    action: PatchConfigmap, space: Space
) -> None:
    await objects.config_map(space, "api", pool="20")
    await space.deployment("api", 1)
    await space.standing("api")
    scope = await action.scope(to(space, restart=True))
    await action.execute(to(space), scope.pre_state, STEP)
    assert not await restarted(space)

    landed = await action.landed(to(space, restart=True), scope.pre_state, STEP)
    await action.execute(to(space, restart=True), scope.pre_state, STEP)

    assert landed is False
    assert await restarted(space)
    assert await action.landed(to(space, restart=True), scope.pre_state, STEP) is True


async def test_a_way_back_that_stopped_before_its_restart_is_finished(
    action: PatchConfigmap, space: Space
) -> None:
    await objects.config_map(space, "api", pool="20")
    await space.deployment("api", 1)
    await space.standing("api")
    scope = await action.scope(to(space, restart=True))
    await action.execute(to(space, restart=True), scope.pre_state, STEP)
    await action.undo(to(space), scope.pre_state, STEP)
    pods = await space.pods()

    await action.undo(to(space, restart=True), scope.pre_state, STEP)

    assert not {*pods} & {*await space.pods()}


async def test_what_never_was_written_restarts_nobody(action: PatchConfigmap, space: Space) -> None:
    await objects.config_map(space, "api", pool="20")
    await space.deployment("api", 1)
    await space.standing("api")
    scope = await action.scope(to(space, restart=True))

    await action.undo(to(space, restart=True), scope.pre_state, STEP)

    assert not await restarted(space)


async def test_what_somebody_else_wrote_is_left_alone(action: PatchConfigmap, space: Space) -> None:
    await objects.config_map(space, "api", pool="20", size="1")
    scope = await action.scope(to(space))
    path = f"/api/v1/namespaces/{space.name}/configmaps/api"
    await space.admin.patch(path, {"data": {"pool": "30"}}, kind=MERGE_PLAIN)
    with pytest.raises(PermanentError, match=r"changed since it was planned for.*'20'.*'30'"):
        await action.execute(to(space), scope.pre_state, STEP)

    scope = await action.scope(to(space))
    await action.execute(to(space), scope.pre_state, STEP)
    assert (await space.admin.get(path))["metadata"]["annotations"][MARK] == STEP
    await space.admin.patch(path, {"data": {"size": "2"}}, kind=MERGE_PLAIN)
    with pytest.raises(PermanentError, match="by somebody else since: left alone"):
        await action.undo(to(space), scope.pre_state, STEP)


async def test_an_added_key_is_taken_away_again(action: PatchConfigmap, space: Space) -> None:
    await objects.config_map(space, "api", pool="20")
    with pytest.raises(PermanentError, match=r"key 'size' is unknown.*say add: true"):
        await action.scope(to(space, {"size": "3"}))
    which = to(space, {"size": "3", "pool": "20"}, add=True)
    scope = await action.scope(which)

    await action.execute(which, scope.pre_state, STEP)
    await action.undo(which, scope.pre_state, STEP)

    assert "size=nothing" in scope.undo_says
    assert await kept(space) == {"pool": "20"}


async def test_secrets_binary_and_immutable_maps_are_refused(
    action: PatchConfigmap, space: Space
) -> None:
    url = "postgres://app:hunter22@db/shop"
    await objects.config_map(space, "api", **{"db-password": "x", "url": url, "pool": "20"})
    path = f"/api/v1/namespaces/{space.name}/configmaps/api"
    await space.admin.patch(path, {"binaryData": {"logo": "eHg="}}, kind=MERGE_PLAIN)

    for values, why in (
        ({"db-password": "y"}, "looks like the name of a secret"),
        ({"url": "postgres://db/shop"}, "the value of url looks like a secret"),
        ({"pool": "token=abcdefgh"}, "the value of pool looks like a secret"),
        ({"pool": "x" * 9000}, "is longer than 8192 characters"),
        ({"logo": "x"}, "key logo of configmap api .* is binary"),
    ):
        with pytest.raises(PermanentError, match=why):
            await action.scope(to(space, values, add=True))
    with pytest.raises(AlreadyThere):
        await action.scope(to(space, {"pool": "20"}))
    await space.admin.patch(path, {"immutable": True}, kind=MERGE_PLAIN)
    with pytest.raises(PermanentError, match="is immutable: make a new one"):
        await action.scope(to(space))


async def test_what_heals_own_pod_reads_is_never_touched(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await objects.config_map(space, "api", pool="20")
    reads = template("shop:1", envFrom=[{"configMapRef": {"name": "api"}}])
    await space.deployment("heal", 1, template=reads)
    await space.standing("heal")
    (pod,) = await space.pods()
    inside = kubernetes.model_copy(
        update={"pod": pod, "pod_namespace": space.name, "namespaces": (space.name,)}
    )

    async with rigs.rig() as rig:
        with pytest.raises(PermanentError, match=r"configmap api in .* is Heal's own, which is ne"):
            await PLUGIN(inside, rig).scope(to(space))
