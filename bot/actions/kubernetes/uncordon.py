"""`kubernetes.uncordon`: open a node to new pods again; those that went from it do not return."""

from __future__ import annotations

from typing import ClassVar

from bot.clients.kubernetes import nodes
from bot.clients.kubernetes.cluster import Clusters
from bot.clients.kubernetes.nodes import OnNode
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.kubernetes.writing import marked
from bot.clients.rig import Rig
from bot.core.blast_radius import BlastRadius, Target
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts


class Uncordon:
    """Reversible: undo closes it again, when it was closed before."""

    config = KubernetesSettings
    params = OnNode
    needs: ClassVar[tuple[Right, ...]] = nodes.NEEDS

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)

    def way_back(self, params: OnNode) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: OnNode) -> Scope:
        cluster = self._clusters.get(params.cluster)
        node, every = await cluster.get(params.path), await cluster.every(nodes.ROOT)
        if not nodes.ready(node):
            why = nodes.condition(node, "Ready").get("message", "its kubelet tells nothing")
            raise PermanentError(f"node {params.name} is not ready, so it stays closed: {why}")
        target = Target(key=params.key, name=f"node {params.name} ({params.cluster})")
        return Scope(
            blast_radius=BlastRadius(
                targets=(target,),
                unit="node",
                touched=1 if nodes.closed(node) else 0,
                down_at_once=0,
                total=len(every),
                notes=() if nodes.closed(node) else ("it takes pods already",),
            ),
            pre_state=nodes.state(node),
            says=f"kubectl uncordon {params.name} ({params.cluster})",
            undo_says=f"kubectl cordon {params.name} ({params.cluster})",
        )

    async def execute(self, params: OnNode, before: Facts, mark: str = "") -> str:
        opened = await nodes.open_(self._clusters.get(params.cluster), params, before, mark)
        return f"node {params.name} takes pods{' again' if opened else ', as before'}"

    async def undo(self, params: OnNode, before: Facts, mark: str = "") -> str:
        cluster = self._clusters.get(params.cluster)
        if not before["unschedulable"]:
            return f"node {params.name} takes pods, as before"
        back = before | {"unschedulable": False}
        await nodes.close(cluster, params, back, f"{mark}{nodes.UNDONE}")
        return f"node {params.name} takes no new pods, as before"

    async def landed(self, params: OnNode, before: Facts, mark: str = "") -> bool | None:
        return marked(await self._clusters.get(params.cluster).get(params.path), mark)


PLUGIN = Uncordon
