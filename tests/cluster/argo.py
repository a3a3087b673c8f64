"""
Argo Rollouts on the real API server: the kind is real, its controller is played by the test.

The part that is played: a set of pods with a hash and a revision for each template (ReplicaSets
whose pods the real controllers make), and the status that Heal reads. A template whose image is in
`held` stops at a canary pause, with one pod beside the proven ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from bot.clients.kubernetes import argo, selecting
from bot.clients.kubernetes.cluster import MERGE_PLAIN, Json
from bot.clients.kubernetes.refusals import StaleError
from bot.core import values
from tests.cluster import kinds
from tests.cluster.spaces import APPS, WITHIN, Space, template

KIND = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}
CANARY = {"canary": {"steps": [{"setWeight": 20}, {"pause": {}}]}}


class Argo:
    """The namespace's Rollouts, and who plays their controller."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.held: set[str] = set()
        self._root = f"/apis/argoproj.io/v1alpha1/namespaces/{space.name}/rollouts"

    async def deploy(self, image: str, **spec: Any) -> None:
        """Make the Rollout `api`, or give it other pods."""
        pods = template(image)
        if "api" not in await self._names():
            wanted = {
                "replicas": 1,
                "selector": {"matchLabels": {"app": "api"}},
                "strategy": CANARY,
                "template": pods,
                **spec,
            }
            await self.space.admin.post(
                self._root, {**KIND, "metadata": {"name": "api"}, "spec": wanted}
            )
        else:
            await self.space.admin.patch(
                f"{self._root}/api", {"spec": {"template": pods, **spec}}, kind=MERGE_PLAIN
            )
        await self.until("Paused" if image in self.held else "Healthy")

    async def read(self) -> Json:
        return await self.space.admin.get(f"{self._root}/api")

    async def image(self) -> str:
        """Of the pods that its spec wants."""
        found = await self.read()
        return str(found["spec"]["template"]["spec"]["containers"][0]["image"])

    async def until(self, phase: str) -> Json:
        async with asyncio.timeout(WITHIN):
            while True:
                found = await self.read()
                if argo.observed(found) and argo.status(found).get("phase") == phase:
                    return found
                await asyncio.sleep(0.1)

    async def play(self) -> None:
        """What the controller does, again and again."""
        while True:
            for name in await self._names():
                with suppress(StaleError):
                    await self._reconcile(name)
            await asyncio.sleep(0.1)

    async def _names(self) -> set[str]:
        return {selecting.name(one) for one in (await self.space.admin.get(self._root))["items"]}

    async def _reconcile(self, name: str) -> None:
        found = await self.space.admin.get(f"{self._root}/{name}")
        if "template" not in found["spec"]:
            return
        before, wanted = argo.status(found), int(found["spec"]["replicas"])
        hash_, image = _hash(found), found["spec"]["template"]["spec"]["containers"][0]["image"]
        sets = await self._sets(found, hash_)
        proven = before.get("stableRS") or hash_
        aborted = bool(before.get("abort")) and before.get("currentPodHash") == hash_
        waits = hash_ != proven and image in self.held and not aborted
        for one in sets:
            mine = selecting.labels(one)[argo.HASH]
            keeps = proven if aborted or waits else hash_
            replicas = wanted if mine == keeps else int(waits and mine == hash_)
            await self._size(one, replicas)
        ready = sum(int(one["status"].get("availableReplicas") or 0) for one in sets)
        new = next(one for one in sets if selecting.labels(one)[argo.HASH] == hash_)
        there = int(new["status"].get("availableReplicas") or 0) >= wanted
        phase, says = ("Healthy", "") if there else ("Progressing", "more replicas")
        if waits:
            phase, says = "Paused", "CanaryPauseStep"
        if aborted:
            phase, says = "Degraded", "RolloutAborted: Rollout aborted update to revision 2"
        status = {
            "observedGeneration": str(found["metadata"]["generation"]),
            "currentPodHash": hash_,
            "stableRS": hash_ if phase == "Healthy" else proven,
            "availableReplicas": ready,
            "phase": phase,
            "message": says,
            "abort": aborted,
            "abortedAt": "2026-11-21T10:00:00Z" if aborted else None,
        }
        if any(before.get(key) != value for key, value in status.items()):
            lock = {"resourceVersion": found["metadata"]["resourceVersion"]}
            body = {"metadata": lock, "status": status}
            await self.space.admin.patch(f"{self._root}/{name}/status", body, kind=MERGE_PLAIN)

    async def _sets(self, found: Json, hash_: str) -> list[Json]:
        """All of them; the wanted one is made, or made the newest again, when it is not."""
        root = f"{APPS}/{self.space.name}/replicasets"
        uid, name = found["metadata"]["uid"], selecting.name(found)
        sets = [
            one
            for one in (await self.space.admin.get(root))["items"]
            if uid in {each["uid"] for each in one["metadata"].get("ownerReferences") or ()}
        ]
        numbers = {selecting.labels(one)[argo.HASH]: _number(one) for one in sets}
        newest = max(numbers.values(), default=0)
        if hash_ not in numbers:
            pods = found["spec"]["template"]
            labels = {**pods["metadata"]["labels"], argo.HASH: hash_}
            owner = {**KIND, "name": name, "uid": uid, "controller": True}
            metadata = {
                "name": f"{name}-{hash_}",
                "labels": labels,
                "annotations": {argo.REVISION: str(newest + 1)},
                "ownerReferences": [owner],
            }
            body = {**pods, "metadata": {**pods["metadata"], "labels": labels}}
            spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": body}
            sets.append(await self.space.admin.post(root, {"metadata": metadata, "spec": spec}))
        elif numbers[hash_] < newest:
            number = {"annotations": {argo.REVISION: str(newest + 1)}}
            await self.space.admin.patch(f"{root}/{name}-{hash_}", {"metadata": number})
        return sets

    async def _size(self, one: Json, replicas: int) -> None:
        if one["spec"]["replicas"] != replicas:
            path = f"{APPS}/{self.space.name}/replicasets/{selecting.name(one)}/scale"
            await self.space.admin.patch(path, {"spec": {"replicas": replicas}}, kind=MERGE_PLAIN)


def _hash(found: Json) -> str:
    """Of what a template says itself, for the server fills defaults into a ReplicaSet's."""
    pods = found["spec"]["template"]
    notes = pods["metadata"].get("annotations") or {}
    images = [(one["name"], one["image"]) for one in pods["spec"]["containers"]]
    return values.digest([notes, [list(one) for one in images]])[:10]


def _number(one: Json) -> int:
    return int(selecting.notes(one)[argo.REVISION])


@asynccontextmanager
async def playing(space: Space) -> AsyncIterator[Argo]:
    """The controller's part is played while the block lasts."""
    await kinds.install(space.admin, *kinds.ROLLOUTS)
    played = Argo(space)
    task = asyncio.create_task(played.play())
    try:
        yield played
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
