"""`kubernetes.disruption_budget`: how many of its pods may be evicted now, and why not more."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bot.clients.kubernetes import budgets
from bot.clients.kubernetes.cluster import Clusters
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings, Name, Namespace, OnCluster
from bot.clients.rig import Rig
from bot.core.errors import PermanentError, TemporaryError
from bot.core.values import Facts


class Asked(OnCluster):
    """Which budget."""

    namespace: Namespace = Field(description="never guessed: a wrong one is a wrong target")
    name: Name = Field(description="its name")


class DisruptionBudget:
    """Reads headroom (pods that may go now), healthy, wanted, expected and says."""

    config = KubernetesSettings
    params = Asked
    needs: ClassVar[tuple[Right, ...]] = (Right("policy", "poddisruptionbudgets", ("list",)),)

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)

    async def read(self, params: Asked) -> Facts:
        cluster = self._clusters.get(params.cluster)
        every = await budgets.of(cluster, params.namespace)
        found = next((one for one in every if one["metadata"]["name"] == params.name), None)
        if found is None:
            raise PermanentError(
                f"cluster {cluster.name}: there is no budget {params.name} in {params.namespace}; "
                "check cluster, namespace and name"
            )
        if not budgets.counted(found):
            raise TemporaryError(budgets.says(found))
        status = found["status"]
        return {
            "headroom": budgets.headroom(found),
            "healthy": int(status["currentHealthy"]),
            "wanted": int(status["desiredHealthy"]),
            "expected": int(status["expectedPods"]),
            "says": budgets.says(found),
        }


PLUGIN = DisruptionBudget
