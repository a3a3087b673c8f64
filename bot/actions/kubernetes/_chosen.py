"""The one pod that is meant: found, looked at with those of its kind, and never Heal itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.clients.kubernetes import budgets, own, pods, selecting
from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.pods import OnPod, Owner
from bot.clients.kubernetes.syncing import Syncs
from bot.core.blast_radius import BlastRadius, Target
from bot.core.deployment import Deployment
from bot.core.errors import PermanentError
from bot.core.values import Facts


@dataclass(frozen=True, slots=True)
class Chosen:
    """A pod, what made it, how many such pods there are with it, and what holds it."""

    which: OnPod
    pod: Json
    owner: Owner | None
    alike: int
    ready: int
    budgets: tuple[Json, ...]
    services: tuple[str, ...]
    deploying: tuple[Deployment, ...] = ()

    @property
    def name(self) -> str:
        return selecting.name(self.pod)

    @property
    def says(self) -> str:
        """For people: pod api-5d4-x of deployment api in shop."""
        of = f" of {self.owner.kind} {self.owner.name}" if self.owner else ""
        return f"pod {self.name}{of} in {self.which.namespace}"

    @property
    def state(self) -> Facts:
        """What a plan stands on: this very pod, on this node, of this owner."""
        return {
            "pod": self.name,
            "uid": pods.uid(self.pod),
            "node": pods.node(self.pod),
            "owner": f"{self.owner.kind} {self.owner.name}" if self.owner else "",
        }

    def radius(self, *, away: int, notes: tuple[str, ...] = ()) -> BlastRadius:
        """
        One pod of its workload, whose lock it takes; `away` is 0 for one that serves nobody.

        Only what does not move by itself is said: people are asked again when any of it does.
        """
        place = f"k8s:{self.which.cluster}/{self.which.namespace}"
        made_by = self.owner or Owner("pod", self.name, "")
        target = Target(
            key=f"{place}/{made_by.kind}/{made_by.name}",
            name=f"{self.says} ({self.which.cluster})",
        )
        return BlastRadius(
            targets=(target,),
            unit="pod",
            touched=1,
            down_at_once=away,
            total=self.alike,
            notes=(*self._notes(), *notes),
            ready=self.ready,
            headroom=min(map(budgets.headroom, self.budgets), default=None),
            deploying=self.deploying,
        )

    def _notes(self) -> Iterator[str]:
        if where := pods.node(self.pod):
            yield f"on node {where}"
        if self.alike == 1:
            yield "the only one" if self.owner else "nothing makes it again"
        if pods.local(self.pod):
            yield "what it keeps in an emptyDir is lost"
        if self.services:
            yield f"behind service {', '.join(self.services)}"


async def chosen(
    cluster: Cluster, which: OnPod, fits: Callable[[Json], bool], is_: str, syncs: Syncs
) -> Chosen:
    """Find it; PermanentError when it is not exactly one that `fits`, or when it is Heal's own."""
    every, held, served = await asyncio.gather(
        cluster.every(which.root),
        budgets.of(cluster, which.namespace),
        cluster.every(f"/api/v1/namespaces/{which.namespace}/services"),
    )
    pod = await _one(cluster, which, every, fits, is_)
    await own.refuse_pods(cluster, selecting.name(pod), [pod])
    made_by, labels = pods.owner(pod), selecting.labels(pod)
    alike = [
        one
        for one in every
        if made_by and pods.owner(one) == made_by and not selecting.leaving(one)
    ]
    return Chosen(
        which=which,
        pod=pod,
        owner=made_by,
        alike=len(alike) + (pod not in alike),
        ready=sum(map(selecting.ready, alike if pod in alike else [*alike, pod])),
        budgets=tuple(budgets.over(pod, held)),
        services=tuple(
            selecting.name(one)
            for one in served
            if (wanted := one["spec"].get("selector"))
            and selecting.matches({"matchLabels": wanted}, labels)
        ),
        deploying=await syncs.of_pod(cluster, which.namespace, made_by),
    )


async def _one(
    cluster: Cluster, which: OnPod, every: list[Json], fits: Callable[[Json], bool], is_: str
) -> Json:
    if which.name is not None:
        named = [one for one in every if selecting.name(one) == which.name]
        if not named:
            raise PermanentError(
                f"cluster {cluster.name}: there is no pod {which.name} in {which.namespace}"
            )
        if not fits(named[0]):
            raise PermanentError(f"pod {which.name} in {which.namespace} is not {is_}")
        return named[0]
    found = await cluster.every(which.root, {"labelSelector": str(which.selector)})
    meant = [one for one in found if fits(one)]
    if len(meant) == 1:
        return meant[0]
    names = ", ".join(sorted(map(selecting.name, meant))[:5]) or "none"
    raise PermanentError(
        f"{which.selector} in {which.namespace} means {len(meant)} pods that are {is_}, "
        f"not exactly one: {names}; name the pod"
    )
