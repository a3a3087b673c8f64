"""`kubernetes.restart` on a real control plane, with the role that deploy/kubernetes gives."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.actions.kubernetes.restart import PLUGIN, Restart
from bot.clients.kubernetes.restarts import DATE
from bot.clients.kubernetes.settings import Kind, KubernetesSettings, OnWorkload
from bot.clients.kubernetes.writing import MARK
from bot.core.deployment import Stage
from bot.core.errors import PermanentError, TemporaryError
from tests.clients import rigs
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space, one_is_new, template

STEP = "inc-1:1"


@pytest.fixture
async def restart(kubernetes: KubernetesSettings) -> AsyncIterator[Restart]:
    async with rigs.rig() as rig:
        yield PLUGIN(kubernetes, rig)


def api(space: Space) -> OnWorkload:
    return OnWorkload(cluster=CONTEXT, namespace=space.name, name="api")


SHUT = {"httpGet": {"host": "127.0.0.1", "port": 1, "path": "/"}, "periodSeconds": 1}
"""A new pod that never gets ready."""


async def test_a_rollout_of_somebody_else_stands_in_the_plan_with_its_beginning(
    restart: Restart, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    calm = await restart.scope(api(space))
    await space.deployment("api", 1, template=template("shop:2", readinessProbe=SHUT))
    await space.until("api", one_is_new)

    (found,) = (await restart.scope(api(space))).blast_radius.deploying

    assert calm.blast_radius.deploying == ()
    assert found.what == f"deployment api in {space.name} (local)"
    assert (found.stage, found.ended_here) == (Stage.UNDERWAY, False)
    assert found.says == "its rollout is on its way (1 pods are going)"
    made = await space.read(api(space))
    assert found.since is not None
    assert found.since.isoformat() >= made["metadata"]["creationTimestamp"].replace("Z", "+00:00")


async def test_a_rollout_that_was_given_up_stands_there_as_that(
    restart: Restart, space: Space
) -> None:
    await space.deployment("api", 1, progressDeadlineSeconds=2)
    await space.standing("api")
    bad = template("shop:2", readinessProbe=SHUT)
    await space.deployment("api", 1, template=bad, progressDeadlineSeconds=2)
    await space.until("api", lambda one: "ProgressDeadlineExceeded" in str(one["status"]))

    (found,) = (await restart.scope(api(space))).blast_radius.deploying

    assert found.stage is Stage.GIVEN_UP
    assert "has timed out progressing" in found.says


async def test_a_deployment_gets_new_pods_and_keeps_the_old_ones_until_then(
    restart: Restart, space: Space
) -> None:
    await space.deployment("api", 3)
    await space.standing("api")
    scope = await restart.scope(api(space))

    done = await restart.execute(api(space), scope.pre_state, STEP)

    found = await space.read(api(space))
    assert scope.blast_radius.line == (
        f"deployment api in {space.name} (local): touches 3 of 3 pods, none down"
    )
    assert scope.says == f"kubectl rollout restart deployment/api -n {space.name} (local)"
    assert done == f"restarted deployment api in {space.name}: 3 of 3 pods are new and available"
    assert found["metadata"]["annotations"][MARK] == STEP
    assert DATE in found["spec"]["template"]["metadata"]["annotations"]
    assert {one["manager"] for one in found["metadata"]["managedFields"]} >= {"heal"}


async def test_what_changed_since_it_was_planned_for_is_not_touched(
    restart: Restart, space: Space
) -> None:
    await space.deployment("api", 1)
    scope = await restart.scope(api(space))
    await space.scale("api", 2)

    with pytest.raises(
        PermanentError, match="changed since it was planned for: replicas 1 → 2, spec"
    ):
        await restart.execute(api(space), scope.pre_state, STEP)

    assert await restart.landed(api(space), scope.pre_state, STEP) is None
    assert MARK not in (await space.read(api(space)))["metadata"].get("annotations", {})


async def test_an_earlier_life_that_wrote_is_recognised_and_nothing_is_written_again(
    restart: Restart, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    scope = await restart.scope(api(space))
    assert await restart.landed(api(space), scope.pre_state, STEP) is False
    await restart.execute(api(space), scope.pre_state, STEP)
    written = (await space.read(api(space)))["metadata"]["generation"]

    landed = await restart.landed(api(space), scope.pre_state, STEP)
    await restart.execute(api(space), scope.pre_state, STEP)

    assert landed is True
    assert (await space.read(api(space)))["metadata"]["generation"] == written


async def test_pods_that_do_not_come_up_fail_the_step_with_the_servers_words(
    restart: Restart, space: Space
) -> None:
    shut = {"httpGet": {"host": "127.0.0.1", "port": 1, "path": "/"}, "periodSeconds": 1}
    await space.deployment("api", 1, progressDeadlineSeconds=2)
    await space.standing("api")
    await space.deployment(
        "api", 1, template=template("shop:2", readinessProbe=shut), progressDeadlineSeconds=2
    )
    scope = await restart.scope(api(space))

    with pytest.raises(PermanentError, match="has timed out progressing"):
        await restart.execute(api(space), scope.pre_state, STEP)


async def test_a_paused_deployment_is_refused(restart: Restart, space: Space) -> None:
    await space.deployment("api", 1, paused=True)

    with pytest.raises(PermanentError, match=r"is paused.*resume it first"):
        await restart.scope(api(space))


async def test_what_stands_around_it_is_named(restart: Restart, space: Space) -> None:
    await space.deployment("api", 2, strategy={"type": "Recreate"})
    await space.standing("api")
    await space.service("api")
    await space.budget("api", 2)

    radius = (await restart.scope(api(space))).blast_radius

    assert radius.line == (
        f"deployment api in {space.name} (local): touches 2 of 2 pods, all down at the worst "
        "moment; budget api limits evictions, but no rollout; behind service api"
    )
    assert radius.seen["pods"] == "2 of 2 ready"
    assert re.fullmatch(r"node-\d \(\d\)(, node-\d \(\d\))*", radius.seen["nodes"])
    assert radius.seen["services"] == "api"
    assert "may be evicted now" in radius.seen["budget api"]


async def test_a_wrong_name_is_said_with_cluster_and_object(restart: Restart, space: Space) -> None:
    with pytest.raises(PermanentError) as refused:
        await restart.scope(api(space))

    assert str(refused.value) == (
        f"cluster local: read deployments/api in {space.name}: there is none; "
        "check cluster, namespace and name"
    )


async def test_a_namespace_without_the_role_is_forbidden_by_name(restart: Restart) -> None:
    elsewhere = OnWorkload(namespace="elsewhere", kind=Kind.DAEMON_SET, name="proxy")

    with pytest.raises(PermanentError, match="daemonsets/proxy in elsewhere: forbidden; give"):
        await restart.scope(elsewhere)


async def test_a_cluster_that_no_setting_names_is_refused(restart: Restart, space: Space) -> None:
    with pytest.raises(PermanentError, match="HEAL_KUBERNETES_CONTEXTS"):
        await restart.scope(api(space).model_copy(update={"cluster": "prod"}))


async def test_a_server_that_is_not_there_is_worth_another_try(
    kubernetes: KubernetesSettings, tmp_path: Path
) -> None:
    told = Path(kubernetes.kubeconfig).read_text()
    (server,) = re.findall(r"https://[0-9.:]+", told)
    (tmp_path / "config").write_text(told.replace(server, "https://127.0.0.1:1"))
    async with rigs.rig() as rig:
        away = PLUGIN(kubernetes.model_copy(update={"kubeconfig": str(tmp_path / "config")}), rig)
        with pytest.raises(TemporaryError, match="local cannot be reached"):
            await away.scope(OnWorkload(namespace="shop", name="api"))


async def test_heal_does_not_restart_itself(kubernetes: KubernetesSettings, space: Space) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    (pod,) = await space.pods()
    async with rigs.rig() as rig:
        inside = PLUGIN(kubernetes.model_copy(update={"pod": pod}), rig)
        with pytest.raises(PermanentError, match="runs Heal itself"):
            await inside.scope(api(space))
