"""
`kubernetes.scale`: set how many pods a deployment or a stateful set has, and wait for them.

With `increment` it goes there step by step: the next pods are added when the last ones are ready
and have stayed so, and it stops at the first that do not. Nothing is scaled to nothing unasked, and
a number that an autoscaler would overwrite is refused: `kubernetes.hpa_limits` changes its limits.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import ClassVar, Self

from pydantic import Field, field_validator, model_validator

from bot.clients.kubernetes import radius, rollouts, scalers, selecting, sizing, writing
from bot.clients.kubernetes.cluster import MERGE_PLAIN, Cluster, Clusters, Json
from bot.clients.kubernetes.refusals import ForbiddenError
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import Kind, KubernetesSettings, OnWorkload
from bot.clients.kubernetes.surroundings import Surroundings, Surveyors
from bot.clients.rig import Rig
from bot.core import durations
from bot.core.durations import Duration
from bot.core.errors import AlreadyThere, PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts
from bot.ports import headway

LARGEST = 1000


class Scaled(OnWorkload):
    """Which workload, and how many pods."""

    replicas: int | None = Field(
        default=None, ge=0, le=LARGEST, description="how many pods there are to be, or else:"
    )
    percent: int | None = Field(
        default=None, ge=1, le=500, description="so many percent more than now, and at least one"
    )
    most: int = Field(ge=1, le=LARGEST, description="more than these are refused, whatever asked")
    least: int = Field(default=1, ge=0, description="fewer than these are refused")
    allow_zero: bool = Field(default=False, description="whether no pod at all may be left")
    increment: int | None = Field(
        default=None, ge=1, description="so many pods at a time; empty: all at once"
    )
    within: Duration = Field(
        default=durations.parse("2m"), description="each increment must be ready in this time"
    )
    settle: Duration = Field(
        default=durations.parse("0s"), description="and stay so for this long before the next one"
    )

    @field_validator("kind")
    @classmethod
    def _has_a_number(cls, kind: Kind) -> Kind:
        if kind is Kind.DAEMON_SET:
            raise ValueError("a daemonset has one pod a node: it cannot be scaled")
        return kind

    @model_validator(mode="after")
    def _says_how_many(self) -> Self:
        if (self.replicas is None) == (self.percent is None):
            raise ValueError("say replicas or percent, one of them")
        if self.replicas == 0 and not self.allow_zero:
            raise ValueError("no pod would be left: allow_zero says that this is meant")
        return self


class Scale:
    """Reversible: undo sets the number that was there, at once."""

    config = KubernetesSettings
    params = Scaled
    needs: ClassVar[tuple[Right, ...]] = (
        Right("apps", "deployments", ("get", "patch")),
        Right("apps", "statefulsets", ("get", "patch")),
        Right("", "pods", ("list",)),
        Right("", "services", ("list",)),
        Right("policy", "poddisruptionbudgets", ("list",)),
        Right("networking.k8s.io", "ingresses", ("list",)),
        *scalers.NEEDS,
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._settings = config
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._surveyors = Surveyors(self._clusters)
        self._scalers = scalers.Scalers()
        self._clock = rig.clock

    def way_back(self, params: Scaled) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: Scaled) -> Scope:
        around = await self._surveyors.look(params)
        around = await self._unscaled(params, around)
        now = rollouts.desired(around.workload)
        to = _wanted(params, now)
        if now != to:
            return self._scope(params, around, now, to)
        noted = selecting.notes(around.workload).get(sizing.BEFORE, "")
        back = int(noted) if noted.isdecimal() else params.least
        there = self._scope(params, around, now, back)
        raise AlreadyThere(f"{params.short} has {now} pods already", there)

    def _scope(self, params: Scaled, around: Surroundings, now: int, to: int) -> Scope:
        steps = sizing.increments(now, to, params.increment)
        slowly = f", in increments to {', '.join(map(str, steps))}" if len(steps) > 1 else ""
        return Scope(
            blast_radius=radius.of_scaling(params, around, now, to),
            pre_state=writing.state(around.workload) | {"replicas": now, "to": to},
            says=_says(params, to) + slowly,
            undo_says=_says(params, now),
            cost=sizing.cost(around.workload["spec"]["template"], to - now, self._settings),
        )

    async def execute(self, params: Scaled, before: Facts, mark: str = "") -> str:
        cluster, to = self._clusters.get(params.cluster), int(str(before["to"]))
        says = f"{to} pods were wanted already"
        for size in await self._left(cluster, params, before, mark):
            await self._set(cluster, params, before, f"{mark}.{size}" if size != to else mark, size)
            says = await self._ready(cluster, params, size)
        return f"scaled {params.short} from {before['replicas']} to {to}: {says}"

    async def _left(
        self, cluster: Cluster, params: Scaled, before: Facts, mark: str
    ) -> tuple[int, ...]:
        """The sizes that this step has still to reach; the last one, when it was written."""
        found, to = await cluster.get(params.path), int(str(before["to"]))
        if writing.marked(found, mark):
            return (to,)
        begun = selecting.notes(found).get(writing.MARK, "").startswith(f"{mark}.")
        now = rollouts.desired(found) if begun else int(str(before["replicas"]))
        return (*([now] if begun else ()), *sizing.increments(now, to, params.increment))

    async def _set(
        self, cluster: Cluster, params: Scaled, before: Facts, mark: str, size: int
    ) -> None:
        async def change(found: Json, dry: bool) -> None:  # noqa: FBT001 - the shape of a Change
            metadata = writing.locked(found, mark)
            metadata["annotations"][sizing.BEFORE] = str(before["replicas"])
            body = {"metadata": metadata, "spec": {"replicas": size}}
            await cluster.patch(params.path, body, kind=MERGE_PLAIN, dry=dry)

        await writing.once(cluster, params, before, mark, change)

    async def _ready(self, cluster: Cluster, params: Scaled, size: int) -> str:
        """Wait for one increment; PermanentError when it is not ready, or does not stay so."""
        limit = params.within.total_seconds()
        try:
            async with asyncio.timeout(limit):
                says = await writing.until_rolled_out(cluster, params, self._clock)
        except TimeoutError:
            stands = rollouts.of(params.kind, await cluster.get(params.path)).says
            raise PermanentError(
                f"{params.short} did not get {size} pods in {limit:g} s: {stands}"
            ) from None
        if not params.settle:
            return says
        headway.say(f"{says}; that has to stay so for {params.settle.total_seconds():g} s")
        await self._clock.sleep(params.settle.total_seconds())
        kept = rollouts.of(params.kind, await cluster.get(params.path))
        if not kept.done:
            raise PermanentError(f"{params.short} did not keep {size} pods: {kept.says}")
        return kept.says

    async def undo(self, params: Scaled, before: Facts, mark: str = "") -> str:
        """Only over our own number: what somebody else has set meanwhile is theirs."""
        cluster = self._clusters.get(params.cluster)
        back, to = int(str(before["replicas"])), int(str(before["to"]))
        found = await cluster.get(params.path)
        if (now := rollouts.desired(found)) == back:
            return f"{params.short} has {back} pods, as before"
        known = now in sizing.increments(back, to, params.increment)
        if not known and not writing.ours(found, mark):
            raise PermanentError(
                f"{params.short} has {now} pods, which somebody else has set: left alone"
            )
        body = {"metadata": writing.locked(found, f"{mark}:undo"), "spec": {"replicas": back}}
        await cluster.patch(params.path, body, kind=MERGE_PLAIN)
        says = await writing.until_rolled_out(cluster, params, self._clock)
        return f"scaled {params.short} back to {back}: {says}"

    async def landed(self, params: Scaled, before: Facts, mark: str = "") -> bool | None:
        return await writing.landed(self._clusters.get(params.cluster), params, before, mark)

    async def _unscaled(self, params: Scaled, around: Surroundings) -> Surroundings:
        """PermanentError when something else sets the number; says what could not be looked at."""
        cluster = self._clusters.get(params.cluster)
        try:
            owner = await self._scalers.owner(cluster, params, around.scalers)
        except ForbiddenError:
            return replace(around, unseen=(*around.unseen, "scaledobjects"))
        if owner:
            raise PermanentError(
                f"{owner} sets the number of pods of {params.short}, and would overwrite another: "
                "change its limits instead (kubernetes.hpa_limits)"
            )
        return around


def _wanted(params: Scaled, now: int) -> int:
    if params.replicas is None:
        return max(now, sizing.raised(now, params.percent or 0, params.most))
    if params.replicas > params.most:
        raise PermanentError(
            f"{params.replicas} pods of {params.short} are more than the {params.most} that "
            "the runbook allows"
        )
    if params.replicas < params.least and params.replicas:
        raise PermanentError(
            f"{params.replicas} pods of {params.short} are fewer than the {params.least} that "
            "the runbook allows"
        )
    return params.replicas


def _says(params: Scaled, count: object) -> str:
    return (
        f"kubectl scale {params.kind.value}/{params.name} --replicas={count} -n {params.namespace}"
        f" ({params.cluster})"
    )


PLUGIN = Scale
