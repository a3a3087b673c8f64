"""`kubernetes.logs`: the last lines of the container that fares worst, and of its life before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NamedTuple, Self

from pydantic import Field, model_validator

from bot.clients.commands import printable
from bot.clients.kubernetes import selecting
from bot.clients.kubernetes.cluster import Cluster, Clusters, Json
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import (
    Kind,
    KubernetesSettings,
    Name,
    Namespace,
    OnCluster,
    OnWorkload,
)
from bot.clients.rig import Rig
from bot.core import excerpt
from bot.core.errors import PermanentError
from bot.core.excerpt import Excerpt, Pattern
from bot.core.values import Facts

READ = 1024 * 1024
"""Bytes that are asked for; of longer lines the newest would be missing."""


class OfLog(OnCluster):
    """Whose log, and how much of it."""

    namespace: Namespace = Field(description="never guessed: a wrong one is a wrong target")
    kind: Kind = Field(default=Kind.DEPLOYMENT, description="of what `name` is the name")
    name: Name | None = Field(
        default=None, description="a workload: of its pods the one that fares worst is read"
    )
    pod: Name | None = Field(default=None, description="or exactly this pod")
    container: Name | None = Field(
        default=None, description="which of its containers; the one with the most restarts"
    )
    lines: int = Field(default=40, ge=1, le=excerpt.SEEN, description="how many lines are told")
    pattern: Pattern = excerpt.TROUBLE

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.name is None) == (self.pod is None):
            raise ValueError("say either the workload's name or the pod's")
        return self


class Container(NamedTuple):
    """One container, and how often it was started anew."""

    pod: str
    name: str
    restarts: int


class Logs:
    """
    Reads pod, container, restarts, log, previous and matches, how many lines of both are marked.

    `previous` is the log of the container's life before. Each is an excerpt of the last 200 lines,
    without control characters and what looks like a secret. A log that is not there yet is empty.
    """

    config = KubernetesSettings
    params = OfLog
    needs: ClassVar[tuple[Right, ...]] = (
        *(Right("apps", kind.plural, ("get",)) for kind in Kind),
        Right("", "pods", ("get", "list")),
        Right("", "pods/log", ("get",)),
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)

    async def read(self, params: OfLog) -> Facts:
        cluster = self._clusters.get(params.cluster)
        worst = _worst(params, await _pods(cluster, params))
        previous = Excerpt("", 0)
        if worst.restarts:
            previous = await _log(cluster, params, worst, previous=True)
        log = await _log(cluster, params, worst)
        return {
            "pod": worst.pod,
            "container": worst.name,
            "restarts": worst.restarts,
            "log": log.log,
            "previous": previous.log,
            "matches": log.matches + previous.matches,
        }


async def _pods(cluster: Cluster, params: OfLog) -> list[Json]:
    root = f"/api/v1/namespaces/{params.namespace}/pods"
    if params.pod:
        return [await cluster.get(f"{root}/{params.pod}")]
    which = OnWorkload(namespace=params.namespace, kind=params.kind, name=str(params.name))
    found = await cluster.get(which.path)
    selector = selecting.query(found["spec"].get("selector") or {})
    return await cluster.every(root, {"labelSelector": selector})


def _worst(params: OfLog, pods: list[Json]) -> Container:
    """The one that is not ready before those that are, then the one that restarted most."""
    found = [
        (selecting.ready(pod), -one.restarts, one)
        for pod in pods
        for one in _containers(pod)
        if params.container in {None, one.name}
    ]
    if not found:
        what = f"container {params.container}" if params.container else "pod"
        of = params.pod or f"{params.kind.value} {params.name}"
        raise PermanentError(f"cluster {params.cluster}: {of} in {params.namespace} has no {what}")
    return min(found)[2]


def _containers(pod: Json) -> Iterator[Container]:
    status = pod.get("status") or {}
    told = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    restarts = {one["name"]: int(one.get("restartCount", 0)) for one in told}
    for one in pod["spec"].get("containers") or ():
        yield Container(selecting.name(pod), one["name"], restarts.pop(one["name"], 0))
    for name, count in restarts.items():
        yield Container(selecting.name(pod), name, count)


async def _log(
    cluster: Cluster, params: OfLog, of: Container, *, previous: bool = False
) -> Excerpt:
    query = {"container": of.name, "tailLines": str(excerpt.SEEN), "limitBytes": str(READ)}
    query |= {"previous": "true"} if previous else {}
    path = f"/api/v1/namespaces/{params.namespace}/pods/{of.pod}/log"
    try:
        said = await cluster.text(path, query)
    except PermanentError as error:
        if "waiting to start" in str(error) or "not found" in str(error):
            return Excerpt("", 0)  # it has not begun, or its life before is forgotten
        raise
    return excerpt.of(printable(said), params.lines, params.pattern)


PLUGIN = Logs
