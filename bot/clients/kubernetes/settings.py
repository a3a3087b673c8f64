"""Which clusters there are, and how an object in one of them is named."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.core.values import Frozen
from bot.plugins import Words

DEFAULT = "default"
"""The cluster of the kubeconfig's current context, or the one that Heal itself runs in."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]
Namespace = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
Context = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/@-]{0,252}$")]


class KubernetesSettings(Frozen):
    """The settings HEAL_KUBERNETES_*."""

    kubeconfig: str = Field(
        default="",
        description="a kubeconfig file; empty means the cluster that Heal runs in, or else "
        "~/.kube/config",
    )
    contexts: Words = Field(
        default=(),
        description="contexts of that file which runbooks may name as clusters, with commas; "
        "the current one is called default and is always there",
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


class OnWorkload(Frozen):
    """Which workload, and in which cluster."""

    cluster: Context = Field(default=DEFAULT, description="a context of the kubeconfig")
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
