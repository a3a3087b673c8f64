"""Disruption budgets: which ones hold a pod, and why one has no room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.clients.kubernetes import selecting
from bot.clients.kubernetes.cluster import Cluster, Json
from bot.core.errors import PermanentError

Object = Mapping[str, Any]
LIKED = ("v1", "v1beta1")


async def version(cluster: Cluster) -> str:
    """The newest version of policy that the server has."""
    group = await cluster.get("/apis/policy")
    offered = [one["version"] for one in group.get("versions") or ()]
    for liked in LIKED:
        if liked in offered:
            return liked
    raise PermanentError(f"cluster {cluster.name} has no disruption budgets that Heal knows")


async def of(cluster: Cluster, namespace: str = "") -> list[Json]:
    """Every budget of a namespace, or of the whole cluster."""
    spoken = await version(cluster)
    inside = f"/namespaces/{namespace}" if namespace else ""
    found = await cluster.every(f"/apis/policy/{spoken}{inside}/poddisruptionbudgets")
    return [one | {"apiVersion": f"policy/{spoken}"} for one in found]


def over(pod: Object, every: Iterable[Json]) -> list[Json]:
    """The budgets that count this pod."""
    space, labels = pod["metadata"]["namespace"], selecting.labels(pod)
    return [one for one in every if one["metadata"]["namespace"] == space and _holds(one, labels)]


def _holds(budget: Object, labels: Mapping[str, str]) -> bool:
    """An empty selector holds all pods of the namespace since v1, and none in v1beta1."""
    selector = budget["spec"].get("selector")
    if not selector:
        return selector is not None and budget["apiVersion"] == "policy/v1"
    return selecting.matches(selector, labels)


def counted(budget: Object) -> bool:
    """Whether its status is there, and not older than the budget itself."""
    status = budget.get("status") or {}
    seen = int(status.get("observedGeneration", 0))
    return "currentHealthy" in status and seen >= int(budget["metadata"].get("generation", 0))


def headroom(budget: Object) -> int:
    """How many pods it lets go now; before it was counted none, as the server has it."""
    return int(budget["status"].get("disruptionsAllowed", 0)) if counted(budget) else 0


def says(budget: Object) -> str:
    """One clause for people: its name, and the numbers behind its answer."""
    name = selecting.name(budget)
    if not counted(budget):
        return f"budget {name} was not counted by the cluster yet"
    status = budget["status"]
    healthy, wanted = int(status["currentHealthy"]), int(status.get("desiredHealthy", 0))
    numbers = f"{healthy} of {int(status.get('expectedPods', 0))} pods are healthy"
    room = headroom(budget) or "none"
    return f"budget {name} lets {room} go ({numbers}, {wanted} must stay)"
