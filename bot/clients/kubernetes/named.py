"""Named: objects that are no workloads, and how they are named: cluster, namespace, name."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bot.clients.kubernetes.settings import Name, Namespace, OnCluster


class Named(OnCluster):
    """One object of a namespace; each kind says its word."""

    word: ClassVar[str]

    namespace: Namespace = Field(description="never guessed: a wrong one is a wrong target")
    name: Name = Field(description="its name")

    @property
    def short(self) -> str:
        """For people: cronjob nightly in shop."""
        return f"{self.word} {self.name} in {self.namespace}"

    @property
    def key(self) -> str:
        """For locks: the same object always has the same one."""
        return f"k8s:{self.cluster}/{self.namespace}/{self.word}/{self.name}"


class OnAutoscaler(Named):
    """Which HorizontalPodAutoscaler."""

    word: ClassVar[str] = "autoscaler"


class OnCronJob(Named):
    """Which CronJob."""

    word: ClassVar[str] = "cronjob"


class OnJob(Named):
    """Which Job."""

    word: ClassVar[str] = "job"

    @property
    def path(self) -> str:
        return f"/apis/batch/v1/namespaces/{self.namespace}/jobs/{self.name}"


class OnEndpoints(Named):
    """Which Service."""

    word: ClassVar[str] = "service"


class OnRollout(Named):
    """Which Rollout of Argo Rollouts."""

    word: ClassVar[str] = "rollout"

    @property
    def path(self) -> str:
        return f"/apis/argoproj.io/v1alpha1/namespaces/{self.namespace}/rollouts/{self.name}"
