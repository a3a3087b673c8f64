"""`kubernetes.resources`: what the pods of a workload use, beside what they request and may use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import ClassVar, NamedTuple

from pydantic import JsonValue

from bot.clients.kubernetes import quantities, selecting
from bot.clients.kubernetes.cluster import Cluster, Clusters, Json
from bot.clients.kubernetes.groups import Groups
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings, OnWorkload
from bot.clients.rig import Rig
from bot.core.errors import PermanentError, TemporaryError
from bot.core.values import Facts

GROUP = ("metrics.k8s.io", "pods")
KINDS = ("cpu", "memory")


class Container(NamedTuple):
    """One running container: cores and bytes by `cpu` and `memory`."""

    pod: str
    name: str
    used: Mapping[str, Decimal]
    requests: Mapping[str, Decimal]
    limits: Mapping[str, Decimal]


class Resources:
    """
    Reads pods, cpu, memory, their shares of requests and limits, and the fullest container.

    `cpu` is in cores and `memory` in bytes, of all pods together. `cpu_of_requests` and the like
    are percent of what all request, `cpu_of_limit` and `memory_of_limit` of the container that is
    nearest to its own limit, which `fullest` names for memory; null where nothing is requested or
    limited. `unmeasured` counts pods that nobody has measured yet.
    """

    config = KubernetesSettings
    params = OnWorkload
    needs: ClassVar[tuple[Right, ...]] = (
        Right("apps", "deployments", ("get",)),
        Right("apps", "statefulsets", ("get",)),
        Right("apps", "daemonsets", ("get",)),
        Right("", "pods", ("list",)),
        Right("metrics.k8s.io", "pods", ("list",)),
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._groups = Groups()

    async def read(self, params: OnWorkload) -> Facts:
        cluster = self._clusters.get(params.cluster)
        if await self._groups.version(cluster, *GROUP) is None:
            raise PermanentError(
                f"no data: cluster {cluster.name} has no metrics API (metrics.k8s.io); install "
                "metrics-server there, or ask Prometheus (prometheus.query)"
            )
        found = await cluster.get(params.path)
        return await self._measured(cluster, params, found)

    async def _measured(self, cluster: Cluster, params: OnWorkload, found: Json) -> Facts:
        selector = {"labelSelector": selecting.query(found["spec"].get("selector") or {})}
        space = params.namespace
        listed = await cluster.every(f"/api/v1/namespaces/{space}/pods", selector)
        root = await self._groups.root(cluster, *GROUP, space)
        metrics = await cluster.every(root, selector)
        pods = [one for one in listed if not selecting.leaving(one)]
        containers = tuple(joined(pods, metrics))
        if pods and not containers:
            raise TemporaryError(f"no data: nobody has measured {params.short} yet", 15)
        return told(containers) | {
            "pods": len(pods),
            "unmeasured": len(pods) - len({one.pod for one in containers}),
        }


def joined(pods: Iterable[Json], metrics: Iterable[Json]) -> Iterator[Container]:
    """Each measured container with what its pod's spec says of it."""
    measured = {selecting.name(one): one for one in metrics}
    for pod in pods:
        of = measured.get(selecting.name(pod), {})
        usage = {one["name"]: one.get("usage") or {} for one in of.get("containers") or ()}
        for one in pod["spec"]["containers"]:
            if one["name"] in usage:
                has = one.get("resources") or {}
                yield Container(
                    selecting.name(pod),
                    one["name"],
                    _read(usage[one["name"]]),
                    _read(has.get("requests") or {}),
                    _read(has.get("limits") or {}),
                )


def told(containers: Iterable[Container]) -> Facts:
    """Sums, and shares in percent."""
    every = list(containers)
    facts: dict[str, JsonValue] = {}
    for kind in KINDS:
        asking = [one for one in every if one.requests.get(kind)]
        limited = [one for one in every if one.limits.get(kind)]
        used = sum((one.used.get(kind, Decimal(0)) for one in every), Decimal(0))
        facts[kind] = round(float(used), 3)
        facts[f"{kind}_of_requests"] = _share(
            sum((one.used.get(kind, Decimal(0)) for one in asking), Decimal(0)),
            sum((one.requests[kind] for one in asking), Decimal(0)),
        )
        fullest = max(limited, key=lambda one: _full(one, kind), default=None)
        facts[f"{kind}_of_limit"] = round(float(_full(fullest, kind)), 1) if fullest else None
        if kind == "memory":
            facts["fullest"] = f"{fullest.pod}/{fullest.name}" if fullest else ""
    return facts


def _full(one: Container, kind: str) -> Decimal:
    return 100 * one.used.get(kind, Decimal(0)) / one.limits[kind]


def _share(used: Decimal, of: Decimal) -> float | None:
    return round(float(100 * used / of), 1) if of else None


def _read(amounts: Mapping[str, object]) -> dict[str, Decimal]:
    return {kind: quantities.read(str(amounts[kind])) for kind in KINDS if kind in amounts}


PLUGIN = Resources
