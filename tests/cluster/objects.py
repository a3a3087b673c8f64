"""Objects that tests put into a namespace, beside deployments, and what they ask of them."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.clients.kubernetes import rollouts, selecting
from bot.clients.kubernetes.cluster import Json
from bot.clients.kubernetes.settings import OnWorkload
from tests.cluster.spaces import APPS, WITHIN, Space, template


def image(workload: Json) -> str:
    return str(workload["spec"]["template"]["spec"]["containers"][0]["image"])


async def stateful_set(space: Space, name: str, replicas: int = 2, **container: Any) -> Json:
    spec = {
        "replicas": replicas,
        "serviceName": name,
        "selector": {"matchLabels": {"app": "api"}},
        "template": template("shop:1", **container),
    }
    made = {"metadata": {"name": name}, "spec": spec}
    return await space.admin.post(f"{APPS}/{space.name}/statefulsets", made)


async def daemon_set(space: Space, name: str) -> Json:
    """One pod on each node."""
    spec = {"selector": {"matchLabels": {"app": "api"}}, "template": template("shop:1")}
    made = {"metadata": {"name": name}, "spec": spec}
    return await space.admin.post(f"{APPS}/{space.name}/daemonsets", made)


async def done(space: Space, which: OnWorkload) -> None:
    """Wait until its pods are as its spec says."""
    async with asyncio.timeout(WITHIN):
        while not rollouts.of(which.kind, await space.read(which)).done:
            await asyncio.sleep(0.2)


async def ready(space: Space, kind: str, name: str, count: int) -> Json:
    """Wait until so many pods of a workload are ready."""
    path = f"{APPS}/{space.name}/{kind}/{name}"
    async with asyncio.timeout(WITHIN):
        while (found := await space.admin.get(path))["status"].get("readyReplicas", 0) != count:
            await asyncio.sleep(0.2)
    return found


async def config_map(space: Space, name: str, **data: str) -> Json:
    made = {"metadata": {"name": name}, "data": data}
    return await space.admin.post(f"/api/v1/namespaces/{space.name}/configmaps", made)


async def without_node(space: Space, name: str) -> None:
    """Wait until this pod has no node that would take it."""
    path = f"/api/v1/namespaces/{space.name}/pods"
    async with asyncio.timeout(WITHIN):
        while True:
            for pod in (await space.admin.get(path))["items"]:
                conditions = pod["status"].get("conditions") or ()
                why = {one.get("reason") for one in conditions}
                if selecting.name(pod) == name and "Unschedulable" in why:
                    return
            await asyncio.sleep(0.2)


async def quota(space: Space, **hard: int | str) -> None:
    """Allow no more than so much of each; wait until the server has counted what there is."""
    spec = {"hard": {name: str(most) for name, most in hard.items()}}
    root = f"/api/v1/namespaces/{space.name}/resourcequotas"
    await space.admin.post(root, {"metadata": {"name": "most"}, "spec": spec})
    async with asyncio.timeout(WITHIN):
        while not (await space.admin.get(f"{root}/most")).get("status", {}).get("used"):
            await asyncio.sleep(0.1)
