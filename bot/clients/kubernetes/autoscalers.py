"""HorizontalPodAutoscalers as autoscaling/v2, v2beta2 and v1 write them: pure but for the path."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from pydantic import JsonValue

from bot.clients.kubernetes import selecting, sizing
from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.groups import Groups
from bot.clients.kubernetes.named import Named, OnAutoscaler, OnRollout
from bot.clients.kubernetes.settings import Kind, OnWorkload

IN_V1 = "autoscaling.alpha.kubernetes.io/conditions"
"""The annotation in which autoscaling/v1 keeps what it has no field for."""


class Limits(NamedTuple):
    """How few and how many pods it may choose."""

    least: int
    most: int

    def __str__(self) -> str:
        return f"{self.least} to {self.most}"


class OnTarget(Named):
    """What an autoscaler scales when Heal does not know the kind."""

    kind: str

    @property
    def short(self) -> str:
        return f"{self.kind} {self.name} in {self.namespace}"

    @property
    def key(self) -> str:
        return f"k8s:{self.cluster}/{self.namespace}/{self.kind}/{self.name}"


async def path(groups: Groups, cluster: Cluster, which: OnAutoscaler) -> str:
    plural = "horizontalpodautoscalers"
    root = await groups.root(cluster, "autoscaling", plural, which.namespace)
    return f"{root}/{which.name}"


def limits(found: Json) -> Limits:
    return Limits(int(found["spec"].get("minReplicas") or 1), int(found["spec"]["maxReplicas"]))


def noted(found: Json) -> Limits | None:
    """The limits before Heal's last change, as it wrote them down."""
    said = re.fullmatch(r"(\d+) to (\d+)", selecting.notes(found).get(sizing.BEFORE, ""))
    return Limits(int(said[1]), int(said[2])) if said else None


def workload(which: OnAutoscaler, found: Json) -> OnWorkload | OnRollout | OnTarget:
    """What it scales; two runs on one workload lock each other out."""
    target = found["spec"]["scaleTargetRef"]
    named = {"cluster": which.cluster, "namespace": which.namespace, "name": target["name"]}
    kind = str(target["kind"]).lower()
    if kind in {one.value for one in Kind}:
        return OnWorkload(kind=Kind(kind), **named)
    if kind == "rollout":
        return OnRollout(**named)
    return OnTarget(kind=kind, **named)


def conditions(found: Json) -> list[Json]:
    """AbleToScale, ScalingActive, ScalingLimited: from the status, or v1's annotation."""
    written = (found.get("status") or {}).get("conditions")
    if written is None:
        written = json.loads(selecting.notes(found).get(IN_V1, "[]"))
    return [one for one in written if isinstance(one, dict)]


def metrics(found: Json) -> Iterator[dict[str, JsonValue]]:
    """What it goes by: name, target and, where there is a value, current; as they are written."""
    spec, status = found["spec"], found.get("status") or {}
    if "targetCPUUtilizationPercentage" in spec:  # autoscaling/v1
        read = {"current": status.get("currentCPUUtilizationPercentage")}
        yield {"name": "cpu", "target": spec["targetCPUUtilizationPercentage"], **read}
    current = {_name(one): _value(one, "current") for one in status.get("currentMetrics") or ()}
    for one in spec.get("metrics") or ():
        name = _name(one)
        yield {"name": name, "target": _value(one, "target"), "current": current.get(name)}


def _of(metric: Json) -> Json:
    kind = str(metric.get("type", ""))
    found = metric.get(kind[:1].lower() + kind[1:]) or {}
    return found if isinstance(found, dict) else {}


def _name(metric: Json) -> str:
    found = _of(metric)
    named = str(found.get("name") or (found.get("metric") or {}).get("name") or "")
    return f"{found['container']}/{named}" if found.get("container") else named


def _value(metric: Json, side: str) -> JsonValue:
    """A share in percent is a number; an amount is a quantity, as text."""
    found = _of(metric).get(side) or {}
    share = found.get("averageUtilization")
    amount = found.get("averageValue") or found.get("value")
    return int(share) if share is not None else amount
