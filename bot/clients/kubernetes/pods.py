"""Pods: which one is meant, whose it is, how it fares, and what would be lost with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple, Self

from pydantic import Field, StringConstraints, model_validator

from bot.clients.kubernetes import selecting
from bot.clients.kubernetes.settings import Name, Namespace, OnCluster

Object = Mapping[str, Any]
Selector = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9!][A-Za-z0-9._/=!,() -]*$", max_length=500)
]
MIRROR = "kubernetes.io/config.mirror"
HASHES = {"pod-template-hash": "deployment", "rollouts-pod-template-hash": "rollout"}
"""By which label a set of pods is told, and what made it; the second is Argo Rollouts'."""
LATE = timedelta(seconds=30)
"""A pod that is this much past its grace hangs; a kubelet that lives needs a few seconds."""
USUAL = frozenset({None, "Completed", "ContainerCreating", "PodInitializing"})


class OnPod(OnCluster):
    """Which pod: by its name, or by a selector that must find exactly one."""

    namespace: Namespace = Field(description="never guessed: a wrong one is a wrong target")
    name: Name | None = Field(default=None, description="its name; either this or a selector")
    selector: Selector | None = Field(
        default=None, description="labels as kubectl takes them, app=api; must find exactly one"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.name is None) == (self.selector is None):
            raise ValueError("say either the pod's name or a selector")
        return self

    @property
    def root(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/pods"

    def path(self, name: str) -> str:
        return f"{self.root}/{name}"


class Owner(NamedTuple):
    """What made a pod and makes it again; `uid` is of the controller itself."""

    kind: str
    name: str
    uid: str


def owner(pod: Object) -> Owner | None:
    """
    Whose pod it is, as people know it: of a deployment or rollout, and not of its replica set.

    >>> made = {"kind": "ReplicaSet", "name": "api-5d4", "uid": "u", "controller": True}
    >>> owner({"metadata": {"ownerReferences": [made], "labels": {"pod-template-hash": "5d4"}}})
    Owner(kind='deployment', name='api', uid='u')
    """
    for one in pod["metadata"].get("ownerReferences") or ():
        if one.get("controller"):
            kind, name = str(one["kind"]).lower(), str(one["name"])
            for label, made_by in HASHES.items() if kind == "replicaset" else ():
                ending = f"-{selecting.labels(pod).get(label, '')}"
                if len(ending) > 1 and name.endswith(ending):
                    kind, name = made_by, name.removesuffix(ending)
            return Owner(kind, name, str(one["uid"]))
    return None


def uid(pod: Object) -> str:
    return str(pod["metadata"]["uid"])


def place(pod: Object) -> str:
    """
    Namespace and name, as plans carry them.

    >>> place({"metadata": {"namespace": "shop", "name": "api-1"}})
    'shop/api-1'
    """
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"


def node(pod: Object) -> str:
    """The node it runs on; empty while it waits for one."""
    return str((pod.get("spec") or {}).get("nodeName") or "")


def bound(pod: Object) -> bool:
    """Whether it belongs to its node: a daemon's, or one that the kubelet runs by itself."""
    made_by = owner(pod)
    return (made_by is not None and made_by.kind == "daemonset") or MIRROR in selecting.notes(pod)


def local(pod: Object) -> bool:
    """Whether it keeps something on its node that is gone with it: an emptyDir."""
    volumes = (pod.get("spec") or {}).get("volumes") or ()
    return any("emptyDir" in one for one in volumes)


def terminating(pod: Object) -> bool:
    return pod["metadata"].get("deletionTimestamp") is not None


def grace(pod: Object) -> float:
    """Seconds that it is given to end."""
    asked = pod["metadata"].get("deletionGracePeriodSeconds")
    usual = (pod.get("spec") or {}).get("terminationGracePeriodSeconds")
    return float(asked if asked is not None else 30 if usual is None else usual)


def late(pod: Object, now: datetime) -> bool:
    """Whether it is still there well after its grace ended; the server's date has that in it."""
    until = pod["metadata"].get("deletionTimestamp")
    return until is not None and now > moment(until) + LATE


def moment(written: str) -> datetime:
    """
    Read a date of the API server.

    >>> moment("2026-11-21T15:00:00Z").hour
    15
    """
    return datetime.fromisoformat(written)


def restarts(pod: Object) -> int:
    """How often its containers were started anew, all together."""
    return sum(int(one.get("restartCount", 0)) for one in _containers(pod))


def reasons(pod: Object) -> Iterator[str]:
    """Why its containers wait or ended, and why it has no node, beyond what is usual."""
    for one in _containers(pod):
        for state in (one.get("state") or {}, one.get("lastState") or {}):
            for told in (state.get("waiting"), state.get("terminated")):
                if told and told.get("reason") not in USUAL:
                    yield str(told["reason"])
    status = pod.get("status") or {}
    if status.get("reason"):
        yield str(status["reason"])
    for condition in status.get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            yield str(condition.get("reason") or "Unscheduled")


def _containers(pod: Object) -> Iterator[Object]:
    status = pod.get("status") or {}
    yield from status.get("initContainerStatuses") or ()
    yield from status.get("containerStatuses") or ()
