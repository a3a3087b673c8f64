"""
`kubernetes.restart`: replace the pods of a workload one after the other, as its strategy says.

It is what `kubectl rollout restart` does: a date in the pod template. When the new pods do not come
up, nothing is taken back, for the template is the same; the old ones stay as far as the strategy
keeps them.
"""

from __future__ import annotations

from typing import ClassVar

from bot.clients.kubernetes import radius, restarts, workloads, writing
from bot.clients.kubernetes.cluster import Clusters
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings, OnWorkload
from bot.clients.kubernetes.surroundings import Surveyors
from bot.clients.rig import Rig
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts


class Restart:
    """Self-restoring: the controller makes each pod anew."""

    config = KubernetesSettings
    params = OnWorkload
    needs: ClassVar[tuple[Right, ...]] = workloads.CHANGE

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._surveyors = Surveyors(self._clusters)
        self._clock = rig.clock

    def way_back(self, params: OnWorkload) -> Reversibility:
        return Reversibility.SELF_RESTORING

    async def scope(self, params: OnWorkload) -> Scope:
        around = await self._surveyors.look(params)
        workloads.refuse_unmoved(params, around.workload)
        return Scope(
            blast_radius=radius.of_rollout(params, around),
            pre_state=writing.state(around.workload),
            says=f"kubectl rollout restart {params.kind.value}/{params.name} -n {params.namespace}"
            f" ({params.cluster})",
        )

    async def execute(self, params: OnWorkload, before: Facts, mark: str = "") -> str:
        cluster = self._clusters.get(params.cluster)
        await restarts.restart(cluster, params, before, mark, self._clock.now())
        says = await writing.until_rolled_out(cluster, params, self._clock)
        return f"restarted {params.short}: {says}"

    async def undo(self, params: OnWorkload, before: Facts, mark: str = "") -> str:
        return "a restart has nothing to put back"

    async def landed(self, params: OnWorkload, before: Facts, mark: str = "") -> bool | None:
        return await writing.landed(self._clusters.get(params.cluster), params, before, mark)


PLUGIN = Restart
