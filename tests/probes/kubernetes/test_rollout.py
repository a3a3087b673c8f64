"""`kubernetes.rollout` on a real control plane."""

from __future__ import annotations

from bot.clients.kubernetes.settings import KubernetesSettings, OnWorkload
from bot.probes.kubernetes.rollout import PLUGIN
from tests.clients import rigs
from tests.cluster.spaces import Space, template


async def test_a_workload_that_stands_has_no_reasons(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    await space.deployment("api", 2)
    await space.standing("api")

    async with rigs.rig() as rig:
        found = await PLUGIN(kubernetes, rig).read(OnWorkload(namespace=space.name, name="api"))

    assert found == {
        "done": True,
        "failed": False,
        "says": "2 of 2 pods are new and available",
        "desired": 2,
        "ready": 2,
        "restarts": 0,
        "paused": False,
        "reasons": [],
    }


async def test_pods_that_are_not_ready_are_counted_out(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    shut = {"httpGet": {"host": "127.0.0.1", "port": 1, "path": "/"}, "periodSeconds": 1}
    await space.deployment("api", 1, template=template("shop:1", readinessProbe=shut))
    await space.until("api", lambda one: one.get("status", {}).get("unavailableReplicas") == 1)

    async with rigs.rig() as rig:
        found = await PLUGIN(kubernetes, rig).read(OnWorkload(namespace=space.name, name="api"))

    assert (found["done"], found["ready"], found["desired"]) == (False, 0, 1)
