"""A namespace of a real cluster, with what a test puts there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from bot.clients.kubernetes import budgets, selecting
from bot.clients.kubernetes.cluster import MERGE_PLAIN, Cluster, Json
from bot.clients.kubernetes.settings import OnWorkload

APPS = "/apis/apps/v1/namespaces"
WITHIN = 120.0
"""Seconds until something that should have come is given up: many tests share the machine."""
ROLE = Path(__file__).parents[2] / "deploy" / "kubernetes" / "role.yaml"
"""The very role that an operator gives Heal."""
HEAL = {"kind": "Group", "name": "heal", "apiGroup": "rbac.authorization.k8s.io"}
"""Who is Heal here, where no pod has a service account."""


def template(image: str, **spec: Any) -> Json:
    return {
        "metadata": {"labels": {"app": "api"}},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "containers": [{"name": "api", "image": image, **spec}],
        },
    }


class Space:
    """Named objects are made by an administrator; Heal's own calls are the test's."""

    def __init__(self, admin: Cluster, name: str) -> None:
        self.admin = admin
        self.name = name

    async def open(self) -> None:
        await self.admin.post("/api/v1/namespaces", {"metadata": {"name": self.name}})
        for each in yaml.safe_load_all(ROLE.read_text()):
            kind = f"{each['kind'].lower()}s"
            if each["metadata"].get("namespace"):
                each["metadata"]["namespace"] = self.name
                if "subjects" in each:
                    each["subjects"] = [HEAL]
                root = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{self.name}"
                await self.admin.post(f"{root}/{kind}", each)

    def anew(self) -> Space:
        """The same one, for another event loop."""
        return Space(Cluster(self.admin.name, self.admin.settings), self.name)

    async def close(self) -> None:
        """Take all of it away, or the nodes are full after a hundred tests; nobody waits for it."""
        await self.admin.delete(f"/api/v1/namespaces/{self.name}", {})

    async def deployment(self, name: str, replicas: int = 3, **more: Any) -> Json:
        """Make one, or change the one that is there; `more` goes into its spec."""
        spec = {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "api"}},
            "template": template("shop:1"),
            **more,
        }
        made = {"metadata": {"name": name}, "spec": spec}
        there = await self.admin.get(f"{APPS}/{self.name}/deployments")
        if name in {one["metadata"]["name"] for one in there["items"]}:
            return await self.admin.patch(f"{APPS}/{self.name}/deployments/{name}", made)
        return await self.admin.post(f"{APPS}/{self.name}/deployments", made)

    async def scale(self, name: str, replicas: int) -> None:
        path = f"{APPS}/{self.name}/deployments/{name}/scale"
        await self.admin.patch(path, {"spec": {"replicas": replicas}}, kind=MERGE_PLAIN)

    async def waiting(self, name: str) -> None:
        """A pod that no node takes: the only one whose log, an empty one, can be had here."""
        spec = {"nodeSelector": {"no": "such"}, "containers": [{"name": "a", "image": "shop:1"}]}
        made = {"metadata": {"name": name}, "spec": spec}
        await self.admin.post(f"/api/v1/namespaces/{self.name}/pods", made)

    async def service(self, name: str) -> None:
        spec = {"selector": {"app": "api"}, "ports": [{"port": 80}]}
        made = {"metadata": {"name": name}, "spec": spec}
        await self.admin.post(f"/api/v1/namespaces/{self.name}/services", made)

    async def budget(self, name: str, least: int) -> None:
        spec = {"minAvailable": least, "selector": {"matchLabels": {"app": "api"}}}
        made = {"metadata": {"name": name}, "spec": spec}
        root = f"/apis/policy/v1beta1/namespaces/{self.name}"
        await self.admin.post(f"{root}/poddisruptionbudgets", made)

    async def change_budget(self, name: str, least: int) -> None:
        """Another number, counted by the cluster already."""
        path = f"/apis/policy/v1beta1/namespaces/{self.name}/poddisruptionbudgets/{name}"
        await self.admin.patch(path, {"spec": {"minAvailable": least}}, kind=MERGE_PLAIN)
        await self.counted(name)

    async def counted(self, name: str) -> None:
        """Wait until the cluster knows how many pods a budget has."""
        path = f"/apis/policy/v1beta1/namespaces/{self.name}/poddisruptionbudgets/{name}"
        async with asyncio.timeout(WITHIN):
            while not budgets.counted(found := await self.admin.get(path)) or not found[
                "status"
            ].get("expectedPods"):
                await asyncio.sleep(0.1)

    async def bare(self, name: str, *, labels: dict[str, str] | None = None, **more: Any) -> Json:
        """A pod that nothing makes again, running; `more` goes into its metadata."""
        made = template("shop:1")
        made["metadata"] |= {"name": name, **({"labels": labels} if labels else {}), **more}
        path = f"/api/v1/namespaces/{self.name}/pods"
        await self.admin.post(path, made)
        async with asyncio.timeout(WITHIN):
            while not selecting.ready(found := await self.admin.get(f"{path}/{name}")):
                await asyncio.sleep(0.1)
        return found

    async def unschedulable(self, selector: str) -> None:
        """Wait until the scheduler has said of a pod that no node takes it."""
        path = f"/api/v1/namespaces/{self.name}/pods"
        async with asyncio.timeout(WITHIN):
            while not any(
                (one.get("status") or {}).get("conditions")
                for one in (await self.admin.get(path, {"labelSelector": selector}))["items"]
            ):
                await asyncio.sleep(0.1)

    async def gone(self, name: str) -> None:
        """Delete a pod, and wait until it is no more."""
        path = f"/api/v1/namespaces/{self.name}/pods"
        await self.admin.delete(f"{path}/{name}", {"gracePeriodSeconds": 0})
        async with asyncio.timeout(WITHIN):
            while name in map(selecting.name, (await self.admin.get(path))["items"]):
                await asyncio.sleep(0.1)

    async def placed(self, name: str, node: str, *, running: bool = True, **more: Any) -> str:
        """A pod that nothing makes again, on this very node, whether it takes pods or not."""
        made = template("shop:1")
        made["metadata"] = {"name": name, **more}
        made["spec"] |= {"nodeName": node, "tolerations": [{"operator": "Exists"}]}
        path = f"/api/v1/namespaces/{self.name}/pods"
        await self.admin.post(path, made)
        async with asyncio.timeout(WITHIN):
            while running and not selecting.ready(await self.admin.get(f"{path}/{name}")):
                await asyncio.sleep(0.1)
        return name

    async def daemons(self, name: str, made: Json) -> None:
        """A daemon set of these pods, as many as it wants by now."""
        spec = {"selector": {"matchLabels": {"app": "api"}}, "template": made}
        path = f"{APPS}/{self.name}/daemonsets"
        await self.admin.post(path, {"metadata": {"name": name}, "spec": spec})
        async with asyncio.timeout(WITHIN):
            while not (await self.admin.get(f"{path}/{name}"))["status"].get("numberReady"):
                await asyncio.sleep(0.1)

    @asynccontextmanager
    async def counting_ready(self) -> AsyncIterator[list[int]]:
        """How many pods are ready, looked at all the time while the block lasts."""
        seen: list[int] = []

        async def look() -> None:
            while True:
                found = await self.admin.get(f"/api/v1/namespaces/{self.name}/pods")
                seen.append(sum(map(selecting.ready, found["items"])))
                await asyncio.sleep(0.3)

        looking = asyncio.create_task(look())
        yield seen
        looking.cancel()

    async def on(self, node: str) -> list[Json]:
        """The pods on a node that stay."""
        found = await self.admin.get(f"/api/v1/namespaces/{self.name}/pods")
        return [
            one
            for one in found["items"]
            if not selecting.leaving(one) and one["spec"].get("nodeName") == node
        ]

    async def told_to_go(self, name: str, node: str, **more: Any) -> None:
        """A pod on a node without a kubelet that was deleted, and so never ends."""
        made = template("shop:1")
        made["metadata"] |= {"name": name, **more}
        made["spec"]["nodeName"] = node
        path = f"/api/v1/namespaces/{self.name}/pods"
        await self.admin.post(path, made)
        await self.admin.delete(f"{path}/{name}", {"gracePeriodSeconds": 1})

    async def every_pod(self) -> list[str]:
        """The names of all, also of those on their way out."""
        found = await self.admin.get(f"/api/v1/namespaces/{self.name}/pods")
        return [selecting.name(one) for one in found["items"]]

    async def release(self, name: str) -> None:
        """Take away whatever holds a pod back from going."""
        path = f"/api/v1/namespaces/{self.name}/pods/{name}"
        await self.admin.patch(path, {"metadata": {"finalizers": None}}, kind=MERGE_PLAIN)

    async def autoscaler(self, name: str, least: int, most: int) -> None:
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
        spec = {"scaleTargetRef": target, "minReplicas": least, "maxReplicas": most}
        made = {"metadata": {"name": name}, "spec": spec}
        root = f"/apis/autoscaling/v1/namespaces/{self.name}"
        await self.admin.post(f"{root}/horizontalpodautoscalers", made)

    async def make(self, root: str, plural: str, name: str, spec: Json, **metadata: Any) -> Json:
        """Any other object, under the root of its group: apis/batch/v1."""
        made = {"metadata": {"name": name, **metadata}, "spec": spec}
        return await self.admin.post(f"/{root}/namespaces/{self.name}/{plural}", made)

    async def read(self, which: OnWorkload) -> Json:
        return await self.admin.get(which.path)

    async def pods(self) -> list[str]:
        """The names of those that stay."""
        found = await self.admin.get(f"/api/v1/namespaces/{self.name}/pods")
        return [selecting.name(one) for one in found["items"] if not selecting.leaving(one)]

    async def until(self, name: str, holds: Callable[[Json], bool]) -> Json:
        """Wait until a deployment is as the test wants it."""
        path = f"{APPS}/{self.name}/deployments/{name}"
        async with asyncio.timeout(WITHIN):
            while not holds(found := await self.admin.get(path)):
                await asyncio.sleep(0.2)
        return found

    async def standing(self, name: str) -> Json:
        return await self.until(name, stands)


def one_is_new(found: Json) -> bool:
    """Whether its controller has counted one new pod, which does not serve beside the old ones."""
    status = found.get("status") or {}
    return bool(status.get("updatedReplicas") == 1 and status.get("unavailableReplicas") == 1)


def stands(found: Json) -> bool:
    """Whether all of its pods are new and available."""
    status, wanted = found.get("status") or {}, found["spec"]["replicas"]
    counted = {status.get(f"{word}Replicas") for word in ("updated", "available")}
    seen = status.get("observedGeneration") == found["metadata"]["generation"]
    return bool(seen and counted | {status.get("replicas")} == {wanted})
