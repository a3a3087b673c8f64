"""
`kubernetes.cordon`: close a node to new pods; those that run there stay.

The last node that takes pods is never closed, nor one too many.
"""

from __future__ import annotations

from typing import ClassVar

from bot.clients.kubernetes import nodes, own
from bot.clients.kubernetes.cluster import Clusters
from bot.clients.kubernetes.nodes import Closing
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.kubernetes.writing import marked
from bot.clients.rig import Rig
from bot.core.blast_radius import BlastRadius, Target
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts


class Cordon:
    """Reversible: undo opens it again, when it was Heal that closed it."""

    config = KubernetesSettings
    params = Closing
    needs: ClassVar[tuple[Right, ...]] = nodes.NEEDS

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)

    def way_back(self, params: Closing) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: Closing) -> Scope:
        cluster = self._clusters.get(params.cluster)
        node, every = await cluster.get(params.path), await cluster.every(nodes.ROOT)
        nodes.refuse_too_many(params, node, every)
        await own.refuse_node(cluster, params.name, ())
        target = Target(key=params.key, name=f"node {params.name} ({params.cluster})")
        notes = ["the pods on it stay"]
        notes += ["it is closed already"] if nodes.closed(node) else []
        return Scope(
            blast_radius=BlastRadius(
                targets=(target,),
                unit="node",
                touched=0 if nodes.closed(node) else 1,
                down_at_once=0,
                total=len(every),
                notes=tuple(notes),
            ),
            pre_state=nodes.state(node),
            says=f"kubectl cordon {params.name} ({params.cluster})",
            undo_says=f"kubectl uncordon {params.name} ({params.cluster})",
        )

    async def execute(self, params: Closing, before: Facts, mark: str = "") -> str:
        closed = await nodes.close(self._clusters.get(params.cluster), params, before, mark)
        return f"node {params.name} takes no new pods{'' if closed else ', as before'}"

    async def undo(self, params: Closing, before: Facts, mark: str = "") -> str:
        return await nodes.reopen(self._clusters.get(params.cluster), params, before, mark)

    async def landed(self, params: Closing, before: Facts, mark: str = "") -> bool | None:
        """Our mark proves it; without it, it was not done, whoever closed the node."""
        return marked(await self._clusters.get(params.cluster).get(params.path), mark)


PLUGIN = Cordon
