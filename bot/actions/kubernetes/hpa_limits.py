"""
`kubernetes.hpa_limits`: set how few and how many pods a HorizontalPodAutoscaler may choose.

The autoscaler decides itself whether it uses what it was given. One that KEDA keeps is refused,
for KEDA would put its own limits back: they are in its ScaledObject.
"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from bot.clients.kubernetes import autoscalers, pinned, radius, scalers, sizing
from bot.clients.kubernetes.autoscalers import Limits
from bot.clients.kubernetes.cluster import MERGE_PLAIN, Clusters, Json
from bot.clients.kubernetes.groups import Groups
from bot.clients.kubernetes.named import OnAutoscaler
from bot.clients.kubernetes.pinned import Pinned
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings, OnWorkload
from bot.clients.kubernetes.surroundings import Surveyors
from bot.clients.rig import Rig
from bot.core.blast_radius import BlastRadius, Target
from bot.core.errors import AlreadyThere, PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts

LARGEST = 1000


class Limited(OnAutoscaler):
    """Which autoscaler, and its new limits."""

    maximum: int | None = Field(
        default=None, ge=1, le=LARGEST, description="how many pods it may choose, or else:"
    )
    by: int | None = Field(
        default=None, ge=1, le=LARGEST, description="so many more than it may now, or else:"
    )
    percent: int | None = Field(
        default=None, ge=1, le=500, description="so many percent more, and at least one"
    )
    minimum: int | None = Field(
        default=None, ge=1, le=LARGEST, description="how few it may choose; empty: as now"
    )
    most: int = Field(ge=1, le=LARGEST, description="a larger maximum is refused, whatever asked")

    @model_validator(mode="after")
    def _says_one_maximum(self) -> Self:
        said = [one for one in (self.maximum, self.by, self.percent) if one is not None]
        if len(said) > 1 or not (said or self.minimum):
            raise ValueError("say one of maximum, by and percent, or minimum, or one and minimum")
        return self


class HpaLimits:
    """Reversible: undo sets the limits that were there."""

    config = KubernetesSettings
    params = Limited
    needs: ClassVar[tuple[Right, ...]] = (
        Right("autoscaling", "horizontalpodautoscalers", ("get", "list", "patch")),
        Right("apps", "deployments", ("get",)),
        Right("apps", "statefulsets", ("get",)),
        Right("", "pods", ("list",)),
        Right("", "services", ("list",)),
        Right("policy", "poddisruptionbudgets", ("list",)),
        Right("networking.k8s.io", "ingresses", ("list",)),
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._settings = config
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._surveyors = Surveyors(self._clusters)
        self._groups = Groups()

    def way_back(self, params: Limited) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: Limited) -> Scope:
        found = await (await self._pin(params)).read()
        if keeper := scalers.kept_by(found):
            raise PermanentError(
                f"{params.short} is made by {keeper}, which would put its own limits back: change "
                "minReplicaCount and maxReplicaCount there"
            )
        now = autoscalers.limits(found)
        to = _wanted(params, now)
        if to != now:
            return await self._scope(params, found, now, to)
        noted = autoscalers.noted(found) or now
        there = await self._scope(params, found, now, noted)
        raise AlreadyThere(f"{params.short} may choose {now} pods already", there)

    async def _scope(self, params: Limited, found: Json, now: Limits, to: Limits) -> Scope:
        size, becomes = (now.most, to.most) if now.most != to.most else (now.least, to.least)
        which = autoscalers.workload(params, found)
        target = Target(key=which.key, name=f"{which.short} ({params.cluster})")
        around = BlastRadius(targets=(target,), touched=0, down_at_once=0, total=size)
        cost = ""
        if isinstance(which, OnWorkload):
            seen = await self._surveyors.look(which)
            around = radius.of_rollout(which, seen)
            template = seen.workload["spec"]["template"]
            cost = sizing.cost(template, becomes - size, self._settings)
        changes = {
            "unit": "pod",
            "touched": abs(becomes - size),
            "down_at_once": max(0, size - becomes),
            "total": size,
            "becomes": becomes,
            "notes": (f"{params.short} may choose {to} pods, was {now}", *around.notes),
        }
        return Scope(
            blast_radius=around.model_copy(update=changes),
            pre_state=_state(found) | {"to_minimum": to.least, "to_maximum": to.most},
            says=_says(params, to),
            undo_says=_says(params, now),
            cost=f"up to {cost.removeprefix('about ')}" if cost else "",
        )

    async def execute(self, params: Limited, before: Facts, mark: str = "") -> str:
        pin, now, to = await self._pin(params), _was(before), _to(before)

        async def change(found: Json, dry: bool) -> None:  # noqa: FBT001 - the shape of a Change
            notes = {sizing.BEFORE: str(now)}
            await pin.cluster.patch(
                pin.path, _body(found, to, mark, notes), kind=MERGE_PLAIN, dry=dry
            )

        await pin.once(before, mark, change)
        return f"{params.short} may choose {to} pods, was {now}"

    async def undo(self, params: Limited, before: Facts, mark: str = "") -> str:
        """Only over our own limits: what somebody else has set meanwhile is theirs."""
        pin, back = await self._pin(params), _was(before)
        found = await pin.read()
        now = autoscalers.limits(found)
        if now == back:
            return f"{params.short} may choose {back} pods, as before"
        if now != _to(before):
            raise PermanentError(
                f"{params.short} may choose {now} pods, which somebody else has set: left alone"
            )
        await pin.cluster.patch(pin.path, _body(found, back, f"{mark}:undo", {}), kind=MERGE_PLAIN)
        return f"{params.short} may choose {back} pods again"

    async def landed(self, params: Limited, before: Facts, mark: str = "") -> bool | None:
        return await (await self._pin(params)).landed(before, mark)

    async def _pin(self, params: Limited) -> Pinned:
        cluster = self._clusters.get(params.cluster)
        path = await autoscalers.path(self._groups, cluster, params)
        return Pinned(cluster, path, params.short, _state)


def _wanted(params: Limited, now: Limits) -> Limits:
    most = params.maximum or now.most + (params.by or 0)
    if params.percent:
        most = max(now.most, sizing.raised(now.most, params.percent, params.most))
    least = params.minimum or now.least
    if most > params.most and most != now.most:
        raise PermanentError(
            f"{most} pods of {params.short} are more than the {params.most} that the runbook allows"
        )
    if least > most:
        raise PermanentError(f"{params.short} cannot choose at least {least} and at most {most}")
    return Limits(least, most)


def _state(found: Json) -> Facts:
    limits = autoscalers.limits(found)
    return {
        "uid": found["metadata"]["uid"],
        "minimum": limits.least,
        "maximum": limits.most,
        "spec": pinned.digest(found["spec"]),
    }


def _was(before: Facts) -> Limits:
    return Limits(int(str(before["minimum"])), int(str(before["maximum"])))


def _to(before: Facts) -> Limits:
    return Limits(int(str(before["to_minimum"])), int(str(before["to_maximum"])))


def _body(found: Json, to: Limits, mark: str, notes: dict[str, str]) -> Json:
    spec = {"minReplicas": to.least, "maxReplicas": to.most}
    return {"metadata": pinned.locked(found, mark, notes), "spec": spec}


def _says(params: Limited, to: Limits) -> str:
    return (
        f"let autoscaler {params.name} -n {params.namespace} ({params.cluster}) choose "
        f"{to.least} to {to.most} pods"
    )


PLUGIN = HpaLimits
