"""`kubernetes.autoscaler`: what a HorizontalPodAutoscaler may choose, has chosen, and goes by."""

from __future__ import annotations

from typing import ClassVar

from pydantic import JsonValue

from bot.clients.kubernetes import autoscalers, scalers
from bot.clients.kubernetes.cluster import Clusters
from bot.clients.kubernetes.groups import Groups
from bot.clients.kubernetes.named import OnAutoscaler
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.rig import Rig
from bot.core.values import Facts


class Autoscaler:
    """
    Reads minimum, maximum, current, desired, at_max, limited, able, active, kept_by and metrics.

    `at_max` says that it has chosen all that it may; `limited` that it would choose more or fewer
    if it might; `active` that it sees its metrics; `reasons` say why not; `kept_by` names KEDA's
    object that made it.
    `metrics` has name, target and current of each; a current that nobody measures is null.
    """

    config = KubernetesSettings
    params = OnAutoscaler
    needs: ClassVar[tuple[Right, ...]] = (
        Right("autoscaling", "horizontalpodautoscalers", ("get",)),
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._groups = Groups()

    async def read(self, params: OnAutoscaler) -> Facts:
        cluster = self._clusters.get(params.cluster)
        found = await cluster.get(await autoscalers.path(self._groups, cluster, params))
        may, status = autoscalers.limits(found), found.get("status") or {}
        told = {str(one.get("type")): one for one in autoscalers.conditions(found)}
        holds = {name for name, one in told.items() if one.get("status") == "True"}
        desired = int(status.get("desiredReplicas") or 0)
        broken = sorted({"AbleToScale", "ScalingActive"} & told.keys() - holds)
        limited = [one for one in ("ScalingLimited",) if one in holds]
        why: list[JsonValue] = [str(told[one].get("reason", "")) for one in (*broken, *limited)]
        metrics: list[JsonValue] = [dict(one) for one in autoscalers.metrics(found)]
        return {
            "minimum": may.least,
            "maximum": may.most,
            "current": int(status.get("currentReplicas") or 0),
            "desired": desired,
            "at_max": desired >= may.most,
            "limited": bool(limited),
            "able": "AbleToScale" in holds,
            "active": "ScalingActive" in holds,
            "kept_by": scalers.kept_by(found),
            "reasons": why,
            "metrics": metrics,
        }


PLUGIN = Autoscaler
