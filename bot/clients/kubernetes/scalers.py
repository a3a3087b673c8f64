"""Scalers: who sets the number of pods of a workload, when it is not people."""

from __future__ import annotations

from collections.abc import Iterable

from bot.clients.kubernetes import selecting
from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.groups import Groups
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import OnWorkload

NEEDS = (
    Right("autoscaling", "horizontalpodautoscalers", ("list",)),
    Right("keda.sh", "scaledobjects", ("list",)),
)


class Scalers:
    """Knows KEDA as well, whose objects hold a number also while they have no autoscaler."""

    def __init__(self) -> None:
        self._groups = Groups()

    async def owner(self, cluster: Cluster, which: OnWorkload, known: Iterable[Json]) -> str:
        """What sets the number, for people; empty when nothing does. ForbiddenError is KEDA's."""
        for one in known:
            return kept_by(one) or f"autoscaler {selecting.name(one)}"
        if await self._groups.version(cluster, "keda.sh", "scaledobjects") is None:
            return ""
        root = await self._groups.root(cluster, "keda.sh", "scaledobjects", which.namespace)
        own = (one for one in await cluster.every(root) if _scales(one, which))
        return next((f"KEDA's ScaledObject {selecting.name(one)}" for one in own), "")


def kept_by(scaler: Json) -> str:
    """KEDA, when it made this autoscaler and puts its own limits back; else empty."""
    for owner in scaler["metadata"].get("ownerReferences") or ():
        if owner.get("kind") == "ScaledObject":
            return f"KEDA's ScaledObject {owner['name']}"
    return ""


def _scales(one: Json, which: OnWorkload) -> bool:
    """KEDA means a Deployment when nothing is said."""
    target = one["spec"].get("scaleTargetRef") or {}
    kind = str(target.get("kind") or "Deployment").lower()
    return (kind, target.get("name")) == (which.kind.value, which.name)
