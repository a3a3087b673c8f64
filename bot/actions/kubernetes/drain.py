"""
`kubernetes.drain`: close a node, then ask its pods to go, one after the other, as budgets allow.

Only pods that the plan names are asked. Each call looks, asks one pod, and comes back for the next
by a TemporaryError: so a stop is heard between any two, an earlier life's half is gone on with,
and the step's own time is the limit. When it ends early, undo opens the node that Heal closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from bot.clients.kubernetes import budgets, draining, evicting, nodes, pods, selecting
from bot.clients.kubernetes.cluster import Cluster, Clusters, Json
from bot.clients.kubernetes.draining import Load
from bot.clients.kubernetes.nodes import Closing
from bot.clients.kubernetes.refusals import BudgetError
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.rig import Rig
from bot.core.blast_radius import BlastRadius, Target
from bot.core.errors import PermanentError, TemporaryError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts

NEXT = 0.5
"""Seconds until the next pod is looked at, and between two looks at one that ends."""
SETTLING = 1.0
"""Seconds until a pod that was made elsewhere is looked at again."""
HELD = 5.0
"""Seconds until a budget that let none go is asked again."""


class Drained(Closing):
    """Which node, and what may be lost with its pods."""

    unowned: bool = Field(
        default=False, description="evict pods that no controller makes again: they are lost"
    )
    local_storage: bool = Field(
        default=False, description="evict pods with an emptyDir: what they keep in it is lost"
    )


class Drain:
    """Reversible as far as the node goes: undo opens it again, but its pods do not return."""

    config = KubernetesSettings
    params = Drained
    needs: ClassVar[tuple[Right, ...]] = (*nodes.NEEDS, *draining.NEEDS)

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._clock = rig.clock

    def way_back(self, params: Drained) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: Drained) -> Scope:
        cluster = self._clusters.get(params.cluster)
        node, every = await cluster.get(params.path), await cluster.every(nodes.ROOT)
        nodes.refuse_too_many(params, node, every)
        load = await draining.load(cluster, params.name)
        _refuse(params, load)
        going = {pods.place(one): pods.uid(one) for one in load.movable}
        return Scope(
            blast_radius=_radius(params, node, load),
            pre_state=nodes.state(node) | {"pods": {**going}},
            lasting=("pods",),
            says=f"kubectl cordon {params.name} ({params.cluster}), then evict {len(going)} pods "
            f"one by one: {draining.named([*going]) or 'none'}",
            undo_says=f"kubectl uncordon {params.name} ({params.cluster}); "
            "evicted pods do not return",
        )

    async def execute(self, params: Drained, before: Facts, mark: str = "") -> str:
        cluster = self._clusters.get(params.cluster)
        await nodes.close(cluster, params, before, mark)
        planned = _planned(before)
        left, silent = await self._left(cluster, params, before)
        count = f"{len(planned) - len(left)} of {len(planned)} pods are gone from {params.name}"
        if not left:
            ends = f"; its kubelet is silent, and {silent} of them ends only when it returns"
            later = await self._later(cluster, params)
            return f"drained node {params.name}: {count}{ends if silent else ''}{later}"
        ending = [one for one in left if pods.terminating(one)]
        if not ending:
            ending = [await self._next(cluster, left, count)]
        name, late = pods.place(ending[0]), pods.late(ending[0], self._clock.now())
        hangs = f", well past its grace of {pods.grace(ending[0]):g} s" if late else ""
        raise TemporaryError(f"{count}; pod {name} is on its way out{hangs}", NEXT)

    async def undo(self, params: Drained, before: Facts, mark: str = "") -> str:
        cluster = self._clusters.get(params.cluster)
        here = {pods.uid(one) for one in draining.movable(await draining.on(cluster, params.name))}
        gone = [place for place, uid in _planned(before).items() if uid not in here]
        left = f"; evicted and not returning: {draining.named(gone)}" if gone else ""
        return (
            f"{await nodes.reopen(cluster, params, before, mark)}{left or '; no pod was evicted'}"
        )

    async def landed(self, params: Drained, before: Facts, mark: str = "") -> bool | None:
        """Only when all of it was done; a half is gone on with, for its uids tell which half."""
        cluster = self._clusters.get(params.cluster)
        node = await nodes.as_planned(cluster, params, before)
        left, _ = await self._left(cluster, params, before)
        return nodes.closed(node) and not left

    async def _left(
        self, cluster: Cluster, params: Drained, before: Facts
    ) -> tuple[list[Json], int]:
        """Planned pods that have to go yet, and how many were asked that a silent kubelet keeps."""
        uids = set(_planned(before).values())
        found = [one for one in await draining.on(cluster, params.name) if pods.uid(one) in uids]
        asked = [one for one in found if pods.terminating(one)]
        if not asked or nodes.ready(await cluster.get(params.path)):
            return found, 0
        return [one for one in found if one not in asked], len(asked)

    async def _next(self, cluster: Cluster, left: Sequence[Json], count: str) -> Json:
        """Ask the first pod that may go; TemporaryError with the reason when none may yet."""
        spoken, held = await evicting.version(cluster), await budgets.of(cluster)
        why, full = "", set[str]()
        for pod in left:
            over = {pods.place(one) for one in budgets.over(pod, held)}
            if over & full:
                continue  # its budget has just said no
            if waits := await _unsettled(cluster, pod):
                why = why or waits
                continue
            try:
                await evicting.evict(cluster, pod, spoken, dry=True)
                await evicting.evict(cluster, pod, spoken)
            except BudgetError as error:
                why, full = str(error), full | over
            else:
                return pod
        raise TemporaryError(f"{count}; {why}", HELD if full else SETTLING)

    async def _later(self, cluster: Cluster, params: Drained) -> str:
        here = [
            pods.place(one) for one in draining.movable(await draining.on(cluster, params.name))
        ]
        return f"; not in the plan and left alone: {draining.named(here)}" if here else ""


async def _unsettled(cluster: Cluster, pod: Json) -> str:
    """Why a pod that serves must stay for now: one of its kind elsewhere is not ready yet."""
    made_by, space = pods.owner(pod), pod["metadata"]["namespace"]
    if made_by is None or not selecting.ready(pod):
        return ""
    for one in await draining.alongside(cluster, space):
        elsewhere = pods.node(one) != pods.node(pod)
        if pods.owner(one) == made_by and elsewhere and not selecting.ready(one):
            return f"pod {pods.place(pod)} stays until {pods.place(one)} is ready"
    return ""


def _planned(before: Facts) -> dict[str, str]:
    found = before["pods"]
    return {str(place): str(uid) for place, uid in found.items()} if isinstance(found, dict) else {}


def _refuse(params: Drained, load: Load) -> None:
    """PermanentError for what would be lost without leave, or could never succeed."""
    if load.unowned and not params.unowned:
        raise PermanentError(
            f"no controller makes these pods of node {params.name} again, they would be lost: "
            f"{draining.named(load.unowned)}; the runbook may say unowned: true"
        )
    if load.local and not params.local_storage:
        raise PermanentError(
            f"these pods of node {params.name} keep something in an emptyDir, which would be lost: "
            f"{draining.named(load.local)}; the runbook may say local_storage: true"
        )
    for one in load.torn:
        raise PermanentError(evicting.several(one, budgets.over(one, load.budgets)))


def _radius(params: Drained, node: Json, load: Load) -> BlastRadius:
    target = Target(key=params.key, name=f"node {params.name} ({params.cluster})")
    notes = [*load.shares()]
    notes += [f"lost: {draining.named(load.unowned)}"] if load.unowned else []
    notes += [f"an emptyDir is lost with {draining.named(load.local)}"] if load.local else []
    notes += [f"budget {one} lets none go now: it is waited for" for one in load.full]
    notes += [_staying(load.bound)] if load.bound else []
    notes += ["it is closed already"] if nodes.closed(node) else []
    notes += [] if nodes.ready(node) else ["it is not ready: pods end there only when it returns"]
    going = len(load.movable)
    held = [one for pod in load.movable for one in budgets.over(pod, load.budgets)]
    return BlastRadius(
        targets=(target,),
        unit="pod",
        touched=going,
        down_at_once=min(1, going),
        total=sum(load.alike[uid] for uid in _owners(load)) + len(load.unowned),
        headroom=min(map(budgets.headroom, held), default=None),
        notes=tuple(notes),
    )


def _staying(count: int) -> str:
    return (
        f"{count} pods that belong to the node stay"
        if count > 1
        else ("1 pod that belongs to the node stays")
    )


def _owners(load: Load) -> set[str]:
    return {made_by.uid for one in load.movable if (made_by := pods.owner(one))}


PLUGIN = Drain
