"""What every change of a workload needs: rights, and a workload whose pods are replaced at all."""

from __future__ import annotations

from bot.clients.kubernetes.cluster import Json
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import OnWorkload
from bot.core.errors import PermanentError

SURROUNDINGS = (
    Right("", "pods", ("list",)),
    Right("", "services", ("list",)),
    Right("policy", "poddisruptionbudgets", ("list",)),
    Right("autoscaling", "horizontalpodautoscalers", ("list",)),
    Right("networking.k8s.io", "ingresses", ("list",)),
)
KINDS = ("deployments", "statefulsets", "daemonsets")
LOOK = tuple(Right("apps", kind, ("get",)) for kind in KINDS)
CHANGE = (*(Right("apps", kind, ("get", "patch")) for kind in KINDS), *SURROUNDINGS)


def refuse_unmoved(which: OnWorkload, found: Json) -> None:
    """Refuse one whose pods would stay as they are, whatever its template says."""
    if found["spec"].get("paused"):
        raise PermanentError(f"{which.short} is paused: nothing would be replaced; resume it first")
    if (found["spec"].get("updateStrategy") or {}).get("type") == "OnDelete":
        raise PermanentError(
            f"{which.short} has its pods replaced by hand only (OnDelete): nothing would be"
        )
