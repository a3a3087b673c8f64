"""`kubernetes.deploying` on a real control plane."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.actions.kubernetes.restart import Restart
from bot.clients.kubernetes.cluster import MERGE_PLAIN, Json
from bot.clients.kubernetes.settings import Kind, KubernetesSettings, OnWorkload
from bot.clock import Clock
from bot.core.values import Facts
from bot.probes.kubernetes.deploying import PLUGIN, Around
from tests.clients import rigs
from tests.cluster import kinds
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import APPS, WITHIN, Space, one_is_new, template

SHUT = {"httpGet": {"host": "127.0.0.1", "port": 1, "path": "/"}, "periodSeconds": 1}


class Later(Clock):
    """An hour ahead, so that what was done just now is long ago."""

    def now(self) -> datetime:
        return super().now() + timedelta(hours=1)


async def read(
    kubernetes: KubernetesSettings, space: Space, *, later: bool = False, **more: Any
) -> Facts:
    named = {"cluster": CONTEXT, "namespace": space.name, "name": "api", **more}
    async with rigs.rig() as rig:
        at = dataclasses.replace(rig, clock=Later()) if later else rig
        return await PLUGIN(kubernetes, at).read(Around.model_validate(named))


async def test_new_pods_that_come_are_a_deploy_and_long_ago_they_are_none(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")

    just_now = await read(kubernetes, space)
    long_ago = await read(kubernetes, space, later=True)

    assert just_now["deploying"] is True
    assert str(just_now["why"]).startswith("['deployment api changed ")
    assert long_ago["deploying"] is False
    assert (long_ago["rolling"], long_ago["why"]) == (0, [])
    assert 3600 <= float(str(long_ago["changed_ago"])) < 4200


async def test_a_rollout_on_its_way_is_one_however_long_it_takes(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    await space.deployment("api", 1, template=template("shop:2", readinessProbe=SHUT))
    await space.until("api", one_is_new)

    found = await read(kubernetes, space, later=True)

    assert (found["deploying"], found["rolling"]) == (True, 1)
    assert found["why"] == ["deployment api: its rollout is on its way (1 pods are going)"]


async def test_a_rollout_that_was_given_up_is_over(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    bad = template("shop:2", readinessProbe=SHUT)
    await space.deployment("api", 1, template=bad, progressDeadlineSeconds=2)
    await space.until("api", lambda one: "ProgressDeadlineExceeded" in str(one["status"]))

    found = await read(kubernetes, space, later=True)

    assert (found["deploying"], found["failed"], found["rolling"]) == (False, 1, 0)


async def test_more_pods_or_pods_that_break_are_no_deploy(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    await space.make("api/v1", "resourcequotas", "few", {"hard": {"pods": "1"}})
    await space.scale("api", 3)
    await space.until("api", lambda one: one["status"].get("unavailableReplicas") == 2)

    found = await read(kubernetes, space, later=True)

    assert (found["deploying"], found["rolling"]) == (False, 0)


async def test_a_restart_is_one_and_a_pause_is_as_well(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await space.deployment("api", 1)
    await space.standing("api")
    which = OnWorkload(cluster=CONTEXT, namespace=space.name, name="api")
    async with rigs.rig() as rig:
        restart = Restart(kubernetes, dataclasses.replace(rig, clock=Later()))
        await restart.execute(which, (await restart.scope(which)).pre_state, "inc-1:1")
    restarted = await read(kubernetes, space, later=True)
    await space.deployment("api", 1, paused=True)
    await space.until("api", _observed)
    paused = await read(kubernetes, space, later=True)

    assert restarted["deploying"] is True
    assert paused["why"] == ["deployment api is paused"]
    assert paused["paused"] == 1


async def test_without_a_name_every_workload_of_the_namespace_is_looked_at(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await space.deployment("api", 1)
    await _stateful(space)
    await space.standing("api")

    found = await read(kubernetes, space, name=None)

    assert {str(one).partition(" changed")[0] for one in _list(found["why"])} == {
        "deployment api",
        "statefulset db",
    }


@pytest.mark.parametrize(("image", "rolling"), [("db:1", 0), ("db:2", 1)])
async def test_a_stateful_set_is_rolled_out_pod_by_pod(
    kubernetes: KubernetesSettings, space: Space, image: str, rolling: int
) -> None:
    await _stateful(space)
    path = f"{APPS}/{space.name}/statefulsets/db"
    await space.admin.patch(path, {"spec": {"template": _pods(image)}})
    await _until_observed(space)

    found = await read(kubernetes, space, later=True, name="db", kind=Kind.STATEFUL_SET)

    assert found["rolling"] == rolling


async def test_a_sync_of_argo_cd_is_one_and_unread_until_heal_may_read_it(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await kinds.install(space.admin, "argoproj.io", "v1alpha1", "Application")
    root = f"/apis/argoproj.io/v1alpha1/namespaces/{space.name}/applications"
    running = {"operationState": {"phase": "Running", "startedAt": "2026-11-21T15:00:00Z"}}
    app = {"metadata": {"name": "shop"}, "spec": {}}
    made = await space.admin.post(
        root, {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", **app}
    )
    body = {"metadata": {"resourceVersion": made["metadata"]["resourceVersion"]}}
    await space.admin.patch(f"{root}/shop/status", {**body, "status": running}, kind=MERGE_PLAIN)
    await space.deployment("api", 1)
    path = f"{APPS}/{space.name}/deployments/api"
    labels = {"argocd.argoproj.io/instance": "shop"}
    await space.admin.patch(path, {"metadata": {"labels": labels}}, kind=MERGE_PLAIN)
    await space.standing("api")
    homed = kubernetes.model_copy(update={"argocd": space.name})

    hidden = await read(homed, space, later=True)
    admin = kubernetes.model_copy(
        update={"argocd": space.name, "kubeconfig": space.admin.settings.kubeconfig}
    )
    seen = await read(admin, space, later=True)

    assert (hidden["deploying"], hidden["syncing"]) == (False, 0)
    assert 'cannot get resource "applications"' in str(hidden["unread"])
    assert (seen["syncing"], seen["unread"]) == (1, [])
    assert seen["why"] == [f"Argo CD application shop in {space.name} (local): its sync is running"]


def _pods(image: str) -> Json:
    pods = template(image, readinessProbe=SHUT)
    pods["metadata"]["labels"] = {"app": "db"}
    return pods


async def _stateful(space: Space) -> None:
    """One whose pod never gets ready, so that its rollout takes for ever."""
    spec = {
        "replicas": 1,
        "serviceName": "db",
        "selector": {"matchLabels": {"app": "db"}},
        "template": _pods("db:1"),
    }
    await space.make("apis/apps/v1", "statefulsets", "db", spec)
    await _until_observed(space)


async def _until_observed(space: Space) -> None:
    path = f"{APPS}/{space.name}/statefulsets/db"
    async with asyncio.timeout(WITHIN):
        while not _observed(await space.admin.get(path)):
            await asyncio.sleep(0.1)


def _observed(found: Json) -> bool:
    """Whether its controller has taken notice of what is wanted now."""
    seen = (found.get("status") or {}).get("observedGeneration")
    return bool(seen == found["metadata"]["generation"])


def _list(found: object) -> list[object]:
    assert isinstance(found, list)
    return found
