"""
`kubernetes.scale`: set how many pods a deployment or a stateful set has, and wait for them.

Two increments are two steps of a runbook. Nothing is scaled to nothing, and a number that an
autoscaler would overwrite is refused: change the autoscaler's limits instead.
"""

from __future__ import annotations

from pydantic import Field, field_validator

from bot.clients.kubernetes import radius, rollouts, selecting, writing
from bot.clients.kubernetes.cluster import MERGE_PLAIN, Clusters, Json
from bot.clients.kubernetes.settings import Kind, KubernetesSettings, OnWorkload
from bot.clients.kubernetes.surroundings import Surveyors
from bot.clients.rig import Rig
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts

LARGEST = 1000


class Scaled(OnWorkload):
    """Which workload, and how many pods."""

    replicas: int = Field(ge=1, le=LARGEST, description="how many pods there are to be")
    most: int = Field(ge=1, le=LARGEST, description="more than these are refused, whatever asked")

    @field_validator("kind")
    @classmethod
    def _has_a_number(cls, kind: Kind) -> Kind:
        if kind is Kind.DAEMON_SET:
            raise ValueError("a daemonset has one pod a node: it cannot be scaled")
        return kind


class Scale:
    """Reversible: undo sets the number that was there."""

    config = KubernetesSettings
    params = Scaled

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._surveyors = Surveyors(self._clusters)
        self._clock = rig.clock

    def way_back(self, params: Scaled) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: Scaled) -> Scope:
        if params.replicas > params.most:
            raise PermanentError(
                f"{params.replicas} pods of {params.short} are more than the {params.most} that "
                "the runbook allows"
            )
        around = await self._surveyors.look(params)
        now = rollouts.desired(around.workload)
        if now == params.replicas:
            raise PermanentError(f"{params.short} has {now} pods already")
        for scaler in around.scalers:
            raise PermanentError(
                f"autoscaler {selecting.name(scaler)} sets the number of pods of {params.short}, "
                "and would overwrite another: change its limits instead"
            )
        return Scope(
            blast_radius=radius.of_scaling(params, around, now, params.replicas),
            pre_state=writing.state(around.workload) | {"replicas": now},
            says=_says(params, params.replicas),
            undo_says=_says(params, now),
        )

    async def execute(self, params: Scaled, before: Facts, mark: str = "") -> str:
        cluster = self._clusters.get(params.cluster)

        async def change(found: Json, dry: bool) -> None:  # noqa: FBT001 - the shape of a Change
            body = {"metadata": writing.locked(found, mark), "spec": {"replicas": params.replicas}}
            await cluster.patch(params.path, body, kind=MERGE_PLAIN, dry=dry)

        await writing.once(cluster, params, before, mark, change)
        says = await writing.until_rolled_out(cluster, params, self._clock)
        return f"scaled {params.short} from {before['replicas']} to {params.replicas}: {says}"

    async def undo(self, params: Scaled, before: Facts, mark: str = "") -> str:
        """Only over our own number: what somebody else has set meanwhile is theirs."""
        cluster, back = self._clusters.get(params.cluster), before["replicas"]
        found = await cluster.get(params.path)
        if (now := rollouts.desired(found)) == back:
            return f"{params.short} has {back} pods, as before"
        if now != params.replicas:
            raise PermanentError(
                f"{params.short} has {now} pods, which somebody else has set: left alone"
            )
        body = {"metadata": writing.locked(found, f"{mark}:undo"), "spec": {"replicas": back}}
        await cluster.patch(params.path, body, kind=MERGE_PLAIN)
        says = await writing.until_rolled_out(cluster, params, self._clock)
        return f"scaled {params.short} back to {back}: {says}"

    async def landed(self, params: Scaled, before: Facts, mark: str = "") -> bool | None:
        return await writing.landed(self._clusters.get(params.cluster), params, before, mark)


def _says(params: Scaled, count: object) -> str:
    return (
        f"kubectl scale {params.kind.value}/{params.name} --replicas={count} -n {params.namespace}"
        f" ({params.cluster})"
    )


PLUGIN = Scale
