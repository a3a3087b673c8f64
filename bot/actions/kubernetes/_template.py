"""What all actions do that change the pods of a workload: check, write once, wait, put back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from bot.clients.kubernetes import (
    editing,
    pointers,
    radius,
    rollouts,
    stuck,
    workloads,
    writing,
)
from bot.clients.kubernetes.cluster import Clusters, Json
from bot.clients.kubernetes.pointers import Edits
from bot.clients.kubernetes.settings import KubernetesSettings, OnWorkload
from bot.clients.kubernetes.surroundings import Surveyors
from bot.clients.rig import Rig
from bot.core.errors import AlreadyThere, PermanentError
from bot.core.plan import Scope
from bot.core.values import Facts
from bot.ports import headway

AT_ONCE = timedelta()
NEEDS = (*workloads.CHANGE, *stuck.NEEDS)


class Drawn(NamedTuple):
    """What is to stand where, in words both ways, and what people should know of it."""

    edits: Edits
    says: str
    undo_says: str
    notes: tuple[str, ...] = ()


class Template:
    """Changes the pod template of one workload, and nothing else of it."""

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self.clusters = Clusters(config)
        self._surveyors = Surveyors(self.clusters)
        self._clock = rig.clock

    async def scope(self, params: OnWorkload, draw: Callable[[Json], Drawn]) -> Scope:
        """`draw` says what is to change in the workload that it is shown."""
        around = await self._surveyors.look(params)
        found = around.workload
        workloads.refuse_unmoved(params, found)
        drawn = draw(found)
        touched = radius.of_rollout(params, around)
        notes = (*drawn.notes, *touched.notes, *stuck.notes(params))
        scope = Scope(
            blast_radius=touched.model_copy(update={"notes": notes}),
            pre_state=editing.pre_state(found, drawn.edits, writing.state),
            says=f"{drawn.says} of {params.short} ({params.cluster})",
            undo_says=f"{drawn.undo_says} of {params.short} ({params.cluster})",
        )
        if not pointers.changed(found, drawn.edits)[1]:
            raise AlreadyThere(f"{params.short} has it already: {drawn.says}", scope)
        await editing.rehearse(self.clusters.get(params.cluster), params, found, drawn.edits)
        return scope

    async def execute(
        self, params: OnWorkload, before: Facts, mark: str, settle: timedelta = AT_ONCE
    ) -> str:
        """Returns how its pods stand; they must stay so for as long as `settle`."""
        cluster = self.clusters.get(params.cluster)
        found = await cluster.get(params.path)
        stale = "" if writing.marked(found, mark) else rollouts.failed_at(found)
        await editing.apply(cluster, params, before, mark, writing.state)
        await stuck.release(cluster, params, self._clock)
        says = await writing.until_rolled_out(cluster, params, self._clock, stale)
        if settle:
            headway.say(f"{says}; that has to stay so for {settle.total_seconds():g} s")
            await self._clock.sleep(settle.total_seconds())
            kept = rollouts.of(params.kind, await cluster.get(params.path))
            if not kept.done:
                raise PermanentError(f"{params.short} did not stay so: {kept.says}")
        return says

    async def undo(self, params: OnWorkload, before: Facts, mark: str) -> str:
        cluster = self.clusters.get(params.cluster)
        found, _ = await editing.take_back(cluster, params, before, mark, writing.state)
        await stuck.release(cluster, params, self._clock)
        stale = rollouts.failed_at(found)
        return await writing.until_rolled_out(cluster, params, self._clock, stale)

    async def landed(self, params: OnWorkload, before: Facts, mark: str) -> bool | None:
        cluster = self.clusters.get(params.cluster)
        return await editing.landed(cluster, params, before, mark, writing.state)
