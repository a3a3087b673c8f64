"""Which objects the fake knows, and in which versions: those of server 1.20, and those of today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Speaks = Mapping[str, tuple[str, ...]]
"""The versions of each group, the preferred one first."""
OLD: Speaks = {
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
NEW: Speaks = {
    **OLD,
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


def spoken(kind: Kind, version: str, speaks: Speaks) -> bool:
    """Whether a server has this kind in this version; cron jobs came to the newest one late."""
    versions = speaks.get(kind.group, ())
    of_batch = {"jobs": "v1", "cronjobs": versions[-1] if versions else ""}
    return version in versions and version == of_batch.get(kind.plural, version)


def about(path: str, speaks: Speaks) -> dict[str, Any] | None:
    """What everybody may ask: which server it is, and what it speaks; else None."""
    if path == "/version":
        minor = "20" if "v1beta1" in speaks["policy"] else "36"
        return {"major": "1", "minor": minor, "gitVersion": f"v1.{minor}.2"}
    if path == "/apis":
        groups = [_group(name, versions) for name, versions in speaks.items() if name]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    match path.strip("/").split("/"):
        case ["apis", group] if group in speaks:
            return {"kind": "APIGroup", "apiVersion": "v1", **_group(group, speaks[group])}
        case ["api", version] if version in speaks[""]:
            return _resources("", version, speaks)
        case ["apis", group, version] if version in speaks.get(group, ()):
            return _resources(group, version, speaks)
    return None


def _group(name: str, versions: tuple[str, ...]) -> dict[str, Any]:
    told = [{"groupVersion": f"{name}/{one}", "version": one} for one in versions]
    return {"name": name, "versions": told, "preferredVersion": told[0]}


def _resources(group: str, version: str, speaks: Speaks) -> dict[str, Any]:
    kinds = [one for one in KINDS if one.group == group and spoken(one, version, speaks)]
    listed = [_resource(kind) for kind in kinds]
    listed += [
        {"name": f"{kind.plural}/{sub}", "namespaced": True, "kind": "", "verbs": sorted(verbs)}
        for (kind, sub), verbs in SUBRESOURCES.items()
        if kind in kinds
    ]
    named = f"{group}/{version}" if group else version
    return {"kind": "APIResourceList", "groupVersion": named, "resources": listed}


def _resource(kind: Kind) -> dict[str, Any]:
    verbs = {"create"} if kind is REVIEWS else {"list"} if kind is METRICS else OF_ONE | OF_ALL
    told = {"name": kind.plural, "namespaced": kind.namespaced, "kind": kind.name}
    return {"singularName": "", **told, "verbs": sorted(verbs)}
