"""
`kubernetes.undo_rollout`: put a deployment back to the newest pods that truly differed.

A restart in between does not count, and what Heal has left once is not returned to, so doing it
twice never goes back to what was bad. The way back puts the pods there again that were left.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import field_validator

from bot.clients.kubernetes import radius, revisions, rollouts, workloads, writing
from bot.clients.kubernetes.cluster import JSON_PATCH, Cluster, Clusters, Json
from bot.clients.kubernetes.revisions import Revision
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import Kind, KubernetesSettings, OnWorkload
from bot.clients.kubernetes.surroundings import Surveyors
from bot.clients.rig import Rig
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts


class OnDeployment(OnWorkload):
    """Which deployment; only they keep their revisions as whole sets of pods."""

    @field_validator("kind")
    @classmethod
    def _keeps_revisions(cls, kind: Kind) -> Kind:
        if kind is not Kind.DEPLOYMENT:
            raise ValueError(f"a {kind.value} is not put back by this action, only a deployment is")
        return kind


class UndoRollout:
    """Reversible: undo puts back the pods that were left."""

    config = KubernetesSettings
    params = OnDeployment
    needs: ClassVar[tuple[Right, ...]] = (
        *workloads.CHANGE,
        Right("apps", "replicasets", ("list",)),
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._surveyors = Surveyors(self._clusters)
        self._clock = rig.clock

    def way_back(self, params: OnDeployment) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: OnDeployment) -> Scope:
        around = await self._surveyors.look(params)
        found = around.workload
        workloads.refuse_unmoved(params, found)
        every = await revisions.of(self._clusters.get(params.cluster), params, found)
        now, to = revisions.current(found, every), revisions.before(found, every)
        if to is None:
            raise PermanentError(
                f"{params.short} has no earlier revision that differs by more than a restart and "
                "was not left before"
            )
        return Scope(
            blast_radius=radius.of_rollout(params, around),
            pre_state=writing.state(found) | {"from": now.hash, "to": to.hash},
            says=_says(params, to),
            undo_says=_says(params, now),
        )

    async def execute(self, params: OnDeployment, before: Facts, mark: str = "") -> str:
        cluster = self._clusters.get(params.cluster)

        async def change(found: Json, dry: bool) -> None:  # noqa: FBT001 - the shape of a Change
            workloads.refuse_unmoved(params, found)
            to = await _kept(cluster, params, found, str(before["to"]))
            notes = writing.locked(found, mark)["annotations"]
            notes[revisions.LEFT] = revisions.leaving(found, str(before["from"]))
            body = revisions.put(found, to, notes)
            await cluster.patch(params.path, body, kind=JSON_PATCH, dry=dry)

        stale = rollouts.failed_at(await cluster.get(params.path))
        await writing.once(cluster, params, before, mark, change)
        return f"{params.short} is back at {before['to']}: {await self._there(params, stale)}"

    async def undo(self, params: OnDeployment, before: Facts, mark: str = "") -> str:
        """Only over our own pods: what somebody else has rolled out meanwhile is theirs."""
        cluster = self._clusters.get(params.cluster)
        found = await cluster.get(params.path)
        every = await revisions.of(cluster, params, found)
        now, stale = revisions.current(found, every).hash, rollouts.failed_at(found)
        if now not in {before["from"], before["to"]}:
            raise PermanentError(
                f"{params.short} has pods that somebody else has rolled out: left alone"
            )
        if now == before["to"]:
            back = await _kept(cluster, params, found, str(before["from"]))
            notes = writing.locked(found, f"{mark}:undo")["annotations"]
            body = revisions.put(found, back, notes)
            await cluster.patch(params.path, body, kind=JSON_PATCH)
        there = await self._there(params, stale)
        return f"{params.short} has its pods {before['from']} again: {there}"

    async def landed(self, params: OnDeployment, before: Facts, mark: str = "") -> bool | None:
        return await writing.landed(self._clusters.get(params.cluster), params, before, mark)

    async def _there(self, params: OnDeployment, stale: str) -> str:
        cluster = self._clusters.get(params.cluster)
        return await writing.until_rolled_out(cluster, params, self._clock, stale)


async def _kept(cluster: Cluster, params: OnDeployment, found: Json, hash_: str) -> Revision:
    for one in await revisions.of(cluster, params, found):
        if one.hash == hash_:
            return one
    raise PermanentError(f"{params.short} no longer keeps its pods {hash_} (revisionHistoryLimit)")


def _says(params: OnDeployment, to: Revision) -> str:
    return (
        f"put deployment/{params.name} -n {params.namespace} ({params.cluster}) back to the pods "
        f"{to.hash}: {to.images}"
    )


PLUGIN = UndoRollout
