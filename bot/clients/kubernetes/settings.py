"""Which clusters and namespaces there are for Heal, and how an object in one of them is named."""

from __future__ import annotations

import platform
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from bot.core import spelling
from bot.core.values import Frozen
from bot.plugins import Words

IN_CLUSTER = "in-cluster"
"""The name of the cluster that Heal itself runs in."""
ALLOWED = "HEAL_KUBERNETES_NAMESPACES"
LISTED = "HEAL_KUBERNETES_CONTEXTS"
MOUNTED = "/var/run/secrets/kubernetes.io/serviceaccount"
NAMESPACE = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]
Namespace = Annotated[str, StringConstraints(pattern=rf"^{NAMESPACE}$")]
Context = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9][A-Za-z0-9_.:/@-]{0,252})?$")]


def _written_well(entries: tuple[str, ...]) -> tuple[str, ...]:
    for entry in entries:
        space = entry.rpartition("/")[2]
        if not re.fullmatch(rf"{NAMESPACE}|([a-z0-9][a-z0-9-]*)?\*", space):
            raise ValueError(f"{spelling.quoted(entry)} is not a namespace, shop-* or cluster/shop")
    return entries


class KubernetesSettings(Frozen):
    """The settings HEAL_KUBERNETES_*."""

    kubeconfig: str = Field(
        default="", description="the kubeconfig file of those contexts; empty means ~/.kube/config"
    )
    contexts: Words = Field(
        default=(),
        description="contexts of that file which runbooks may name as clusters, with commas; the "
        f"cluster that Heal itself runs in is called {IN_CLUSTER} and needs none",
    )
    namespaces: Annotated[Words, AfterValidator(_written_well)] = Field(
        default=(),
        description="namespaces that Heal may touch, with commas: shop is one of every cluster, "
        "prod/shop one of a single cluster, shop-* or * several; those of the system and Heal's "
        "own only when written out",
    )
    registries: Words = Field(
        default=(),
        description="where images that Heal sets may come from, with commas: eu.example.org/team; "
        "empty means anywhere",
    )
    patches: Words = Field(
        default=(),
        description="what kubernetes.patch may change beside its own list, with commas: "
        "example.org/Gate:/spec/open; * is one part of a path, ** several",
    )
    argocd: str = Field(
        default="argocd",
        pattern=rf"^(.+/)?{NAMESPACE}$",
        description="where Argo CD keeps its applications, read to see whether one syncs: a "
        f"namespace of the same cluster, or cluster/namespace; {ALLOWED} must list it too",
    )
    account: str = Field(
        default=MOUNTED,
        description=f"where a pod finds its service account; what makes {IN_CLUSTER} a cluster",
    )
    pod: str = Field(
        default="", description="the pod that Heal runs in; the name of its host unless set"
    )
    pod_namespace: str = Field(
        default="", description="the namespace of that pod; that of its service account unless set"
    )
    node: str = Field(
        default="", description="the node that Heal runs on; what its pod says unless set"
    )
    price_cpu_hour: float = Field(
        default=0, ge=0, description="what a requested CPU costs an hour; 0 shows no cost"
    )
    price_gb_hour: float = Field(
        default=0, ge=0, description="what a requested GiB of memory costs an hour"
    )
    currency: str = Field(
        default="EUR", min_length=1, max_length=8, description="of these prices: EUR, USD, ..."
    )

    @model_validator(mode="after")
    def _names_are_not_taken(self) -> Self:
        if IN_CLUSTER in self.contexts:
            raise ValueError(
                f"{LISTED} is wrong: {IN_CLUSTER} means the cluster that Heal runs in; rename "
                "that context"
            )
        return self

    @property
    def inside(self) -> bool:
        """Whether Heal runs in a pod that was given a service account."""
        return Path(self.account, "token").is_file()

    @property
    def clusters(self) -> tuple[str, ...]:
        """Every cluster by its name; a kubeconfig's current context is none."""
        inside = (IN_CLUSTER,) if self.inside else ()
        return tuple(dict.fromkeys((*inside, *self.contexts)))

    @property
    def host(self) -> str:
        """The name of Heal's own pod, which is that of its host."""
        return self.pod or platform.node()

    @property
    def home(self) -> str:
        """The namespace of Heal's own pod; empty when it runs in none."""
        if self.pod_namespace:
            return self.pod_namespace
        told = Path(self.account, "namespace")
        return told.read_text(encoding="utf-8").strip() if told.is_file() else ""

    def cluster(self, name: str) -> str:
        """The cluster that is meant, the only one when none is named; raises ValueError."""
        known = self.clusters
        if not known:
            raise ValueError(
                f"no cluster is set: list contexts of the kubeconfig in {LISTED}, or run Heal "
                "inside a cluster"
            )
        if not name and len(known) == 1:
            return known[0]
        if not name:
            raise ValueError(f"there are several clusters: name one of {', '.join(known)}")
        if name not in known:
            raise ValueError(f"cluster {spelling.unknown(name, known)}, or list it in {LISTED}")
        return name

    def listed(self, cluster: str) -> tuple[str, ...]:
        """The namespaces of a cluster that are written out."""
        return tuple(one for one in self._entries(cluster) if not one.endswith("*"))

    def _entries(self, cluster: str) -> list[str]:
        split = (entry.rpartition("/") for entry in self.namespaces)
        return [space for named, _, space in split if named in {"", cluster}]

    def forbids(self, cluster: str, namespace: str) -> str:
        """Why a namespace may not be touched; empty when it may."""
        mine = self._entries(cluster)
        if namespace in mine:
            return ""
        held = namespace.startswith("kube-") or namespace in {"default", self.home}
        fits = any(namespace.startswith(one[:-1]) for one in mine if one.endswith("*"))
        if fits and not held:
            return ""
        why = "Heal's own" if namespace == self.home else "the system's or nobody's"
        also = f"; it is {why}, so a pattern does not cover it" if held and fits else ""
        return (
            f"cluster {cluster}: Heal may not touch namespace {namespace}: list {namespace} or "
            f"{cluster}/{namespace} in {ALLOWED}{also}"
        )


class Kind(StrEnum):
    """The workloads that are rolled out pod by pod."""

    DEPLOYMENT = "deployment"
    STATEFUL_SET = "statefulset"
    DAEMON_SET = "daemonset"

    @property
    def plural(self) -> str:
        """As it stands in a path."""
        return f"{self.value}s"


class OnCluster(Frozen):
    """In which cluster; `Clusters.fitted` sees to it that a plan always says which."""

    cluster: Context = Field(
        default="",
        description=f"a context of {LISTED}, or {IN_CLUSTER}; only where there is a single one "
        "may it be left out",
    )


class OnWorkload(OnCluster):
    """Which workload, and in which cluster."""

    namespace: Namespace = Field(description="never guessed: a wrong one is a wrong target")
    kind: Kind = Field(default=Kind.DEPLOYMENT, description="deployment, statefulset or daemonset")
    name: Name = Field(description="its name")

    @property
    def path(self) -> str:
        return f"/apis/apps/v1/namespaces/{self.namespace}/{self.kind.plural}/{self.name}"

    @property
    def short(self) -> str:
        """For people: deployment api in shop."""
        return f"{self.kind.value} {self.name} in {self.namespace}"

    @property
    def key(self) -> str:
        """For locks: the same object always has the same one."""
        return f"k8s:{self.cluster}/{self.namespace}/{self.kind.value}/{self.name}"
