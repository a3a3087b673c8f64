"""
`kubernetes.undo_rollout`: put a workload back to the newest pods that truly differed.

A restart in between does not count, and what Heal has left once is not returned to, so doing it
twice never goes back to what was bad. The way back puts the pods there again that were left.
"""

from __future__ import annotations

from typing import ClassVar

from bot.clients.kubernetes import radius, revisions, rollouts, stuck, workloads, writing
from bot.clients.kubernetes.cluster import JSON_PATCH, Cluster, Clusters, Json
from bot.clients.kubernetes.revisions import Revision
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings, OnWorkload
from bot.clients.kubernetes.surroundings import Surveyors
from bot.clients.rig import Rig
from bot.core.errors import AlreadyThere, PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts


class UndoRollout:
    """Reversible: undo puts back the pods that were left."""

    config = KubernetesSettings
    params = OnWorkload
    needs: ClassVar[tuple[Right, ...]] = (
        *workloads.CHANGE,
        *revisions.NEEDS,
        *stuck.NEEDS,
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._surveyors = Surveyors(self._clusters)
        self._clock = rig.clock

    def way_back(self, params: OnWorkload) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: OnWorkload) -> Scope:
        around = await self._surveyors.look(params)
        found = around.workload
        workloads.refuse_unmoved(params, found)
        every = await revisions.of(self._clusters.get(params.cluster), params, found)
        now, to = revisions.current(found, every), revisions.before(found, every)
        scope = Scope(
            blast_radius=radius.of_rollout(params, around).ending(*stuck.notes(params)),
            pre_state=writing.state(found) | {"from": now.hash, "to": (to or now).hash},
            says=_says(params, to or now),
            undo_says=_says(params, now),
        )
        if to is None:
            raise AlreadyThere(
                f"{params.short} has no earlier revision that differs by more than a restart and "
                "was not left before",
                scope,
            )
        return scope

    async def execute(self, params: OnWorkload, before: Facts, mark: str = "") -> str:
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

    async def undo(self, params: OnWorkload, before: Facts, mark: str = "") -> str:
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

    async def landed(self, params: OnWorkload, before: Facts, mark: str = "") -> bool | None:
        return await writing.landed(self._clusters.get(params.cluster), params, before, mark)

    async def _there(self, params: OnWorkload, stale: str) -> str:
        cluster = self._clusters.get(params.cluster)
        await stuck.release(cluster, params, self._clock)
        return await writing.until_rolled_out(cluster, params, self._clock, stale)


async def _kept(cluster: Cluster, params: OnWorkload, found: Json, hash_: str) -> Revision:
    for one in await revisions.of(cluster, params, found):
        if one.hash == hash_:
            return one
    raise PermanentError(f"{params.short} no longer keeps its pods {hash_} (revisionHistoryLimit)")


def _says(params: OnWorkload, to: Revision) -> str:
    which = f"{params.kind.value}/{params.name} -n {params.namespace} ({params.cluster})"
    return f"put {which} back to the pods {to.hash}: {to.images}"


PLUGIN = UndoRollout
