"""Which objects the fake knows, and in which versions: those of server 1.20, and those of today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OLD = {
    "": ("v1",),
    "apps": ("v1",),
    "authorization.k8s.io": ("v1",),
    "autoscaling": ("v1", "v2beta2"),
    "batch": ("v1", "v1beta1"),
    "networking.k8s.io": ("v1", "v1beta1"),
    "policy": ("v1beta1",),
    "rbac.authorization.k8s.io": ("v1",),
}
"""What server 1.20 speaks, of what the fake knows."""
NEW = OLD | {
    "autoscaling": ("v2", "v1"),
    "batch": ("v1",),
    "metrics.k8s.io": ("v1beta1",),
    "networking.k8s.io": ("v1",),
    "policy": ("v1",),
}
"""What servers of today speak, with metrics; no real one of these is compared with the fake."""


@dataclass(frozen=True)
class Kind:
    """A kind of object; `counted` ones have a generation, which counts changes of their spec."""

    group: str
    plural: str
    name: str
    namespaced: bool = True
    counted: bool = False

    @property
    def said(self) -> str:
        """As messages call it: deployments.apps."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def title(self) -> str:
        """As messages about its content call it: Deployment.apps."""
        return f"{self.name}.{self.group}" if self.group else self.name


DEPLOYMENTS = Kind("apps", "deployments", "Deployment", counted=True)
REPLICA_SETS = Kind("apps", "replicasets", "ReplicaSet", counted=True)
STATEFUL_SETS = Kind("apps", "statefulsets", "StatefulSet", counted=True)
DAEMON_SETS = Kind("apps", "daemonsets", "DaemonSet", counted=True)
PODS = Kind("", "pods", "Pod")
NAMESPACES = Kind("", "namespaces", "Namespace", namespaced=False)
BUDGETS = Kind("policy", "poddisruptionbudgets", "PodDisruptionBudget", counted=True)
ROLES = Kind("rbac.authorization.k8s.io", "roles", "Role")
BINDINGS = Kind("rbac.authorization.k8s.io", "rolebindings", "RoleBinding")
REVIEWS = Kind(
    "authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False
)
METRICS = Kind("metrics.k8s.io", "pods", "PodMetrics")
KINDS = (
    DEPLOYMENTS,
    REPLICA_SETS,
    STATEFUL_SETS,
    DAEMON_SETS,
    PODS,
    NAMESPACES,
    BUDGETS,
    ROLES,
    BINDINGS,
    REVIEWS,
    Kind("", "services", "Service"),
    Kind("", "secrets", "Secret"),
    Kind("", "configmaps", "ConfigMap"),
    Kind("", "endpoints", "Endpoints"),
    Kind("", "events", "Event"),
    Kind("", "nodes", "Node", namespaced=False),
    Kind("autoscaling", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
    Kind("batch", "jobs", "Job"),
    Kind("batch", "cronjobs", "CronJob"),
    Kind("networking.k8s.io", "ingresses", "Ingress", counted=True),
    METRICS,
)
BY_PATH = {(kind.group, kind.plural): kind for kind in KINDS}
OF_ONE = {"get", "patch", "delete"}
OF_ALL = {"list", "create"}
"""What may be asked; not to replace an object, nor to delete all, for Heal never does."""
SUBRESOURCES = {
    (PODS, "eviction"): {"create"},
    (PODS, "log"): {"get"},
    (PODS, "status"): {"get", "patch"},
    (DEPLOYMENTS, "status"): {"get", "patch"},
    (DEPLOYMENTS, "scale"): {"get", "patch"},
}


def about(path: str, speaks: Mapping[str, tuple[str, ...]]) -> dict[str, Any] | None:
    """What everybody may ask: which server it is, and which groups it speaks; else None."""
    if path == "/version":
        minor = "20" if "v1beta1" in speaks["policy"] else "36"
        return {"major": "1", "minor": minor, "gitVersion": f"v1.{minor}.2"}
    if path == "/apis":
        groups = [
            {
                "name": group,
                "versions": [
                    {"groupVersion": f"{group}/{one}", "version": one} for one in versions
                ],
            }
            for group, versions in speaks.items()
            if group
        ]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    return None
