"""`kubernetes.pods`: how the pods of a workload, of a selector or of one name fare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import ClassVar, Self

from pydantic import Field, JsonValue, model_validator

from bot.clients.kubernetes import pods, selecting, workloads
from bot.clients.kubernetes.cluster import Cluster, Clusters, Json
from bot.clients.kubernetes.pods import Selector
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
from bot.core.errors import PermanentError
from bot.core.values import Facts


class Asked(OnCluster):
    """Whose pods: a workload's, those of a selector, or the one of a name."""

    namespace: Namespace = Field(description="never guessed: a wrong one is a wrong target")
    kind: Kind = Field(default=Kind.DEPLOYMENT, description="deployment, statefulset or daemonset")
    workload: Name | None = Field(default=None, description="name of a workload of this kind")
    selector: Selector | None = Field(default=None, description="labels as kubectl takes them")
    pod: Name | None = Field(default=None, description="name of one pod")
    may_be_none: bool = Field(
        default=False, description="no such pod is an answer and not an error: for after it went"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(one is not None for one in (self.workload, self.selector, self.pod)) != 1:
            raise ValueError("say one of workload, selector and pod")
        return self


class Pods:
    """
    Reads count, ready, pending, terminating, stuck, restarts, reasons, nodes, grace and oldest.

    `count` is of pods that run or wait; `terminating` are on their way out besides, and of these
    `stuck` names those well past their grace. `restarts` is of all containers together, `reasons`
    has CrashLoopBackOff, OOMKilled, ImagePullBackOff, Unschedulable and the like, each once.
    `grace` is the least time in seconds that one of them is given to end; `oldest` is when the
    first of them started and `oldest_age` the seconds since then. A number that nothing is there
    for is left out. No pods at all is an error, unless that may be or the workload wants none.
    """

    config = KubernetesSettings
    params = Asked
    needs: ClassVar[tuple[Right, ...]] = (
        *workloads.LOOK,
        Right("", "pods", ("list",)),
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._clock = rig.clock

    async def read(self, params: Asked) -> Facts:
        cluster = self._clusters.get(params.cluster)
        found = await _listed(cluster, params)
        now = self._clock.now()
        return _counted(found, now) | dict(_aged(found, now))


async def _listed(cluster: Cluster, params: Asked) -> list[Json]:
    query, none_wanted = {}, params.may_be_none
    if params.workload is not None:
        which = OnWorkload(
            cluster=params.cluster,
            namespace=params.namespace,
            kind=params.kind,
            name=params.workload,
        )
        workload = await cluster.get(which.path)
        query = {"labelSelector": selecting.query(workload["spec"].get("selector") or {})}
        none_wanted = none_wanted or workload["spec"].get("replicas") == 0
    elif params.selector is not None:
        query = {"labelSelector": params.selector}
    else:
        query = {"fieldSelector": f"metadata.name={params.pod}"}
    root = f"/api/v1/namespaces/{params.namespace}/pods"
    found = await cluster.every(root, query)
    if not found and not none_wanted:
        meant = params.workload or params.selector or params.pod
        raise PermanentError(
            f"cluster {cluster.name}: {meant} has no pod in {params.namespace}, so nothing tells "
            "how it fares; check cluster, namespace and name"
        )
    return found


def _counted(found: Iterable[Json], now: datetime) -> Facts:
    every = list(found)
    stay = [one for one in every if not selecting.leaving(one)]
    going = [one for one in every if pods.terminating(one)]
    return {
        "count": len(stay),
        "ready": sum(map(selecting.ready, stay)),
        "pending": sum((one.get("status") or {}).get("phase") == "Pending" for one in stay),
        "terminating": len(going),
        "stuck": _words(selecting.name(one) for one in going if pods.late(one, now)),
        "restarts": sum(map(pods.restarts, stay)),
        "reasons": _words(reason for one in stay for reason in pods.reasons(one)),
        "nodes": _words(pods.node(one) for one in stay if pods.node(one)),
    }


def _aged(found: Iterable[Json], now: datetime) -> Iterator[tuple[str, JsonValue]]:
    stay = [one for one in found if not selecting.leaving(one)]
    if stay:
        yield "grace", min(map(pods.grace, stay))
    begun = [begin for one in stay if (begin := (one.get("status") or {}).get("startTime"))]
    if begun:
        yield "oldest", min(begun)
        yield "oldest_age", round((now - pods.moment(min(begun))).total_seconds(), 3)


def _words(found: Iterable[str]) -> list[JsonValue]:
    return [*sorted(set(found))]


PLUGIN = Pods
