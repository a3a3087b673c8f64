"""
Own: Heal recognises its own pod, workload, node, configuration and disk, and never acts on them.

Its pod is known by what the pod was told of itself, or else by the host's name. Where Heal may
read that pod, what it mounts and where it runs is known too. A pod that shares its disk counts as
Heal's own, for the ledger is on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from bot.clients.kubernetes import selecting
from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import IN_CLUSTER
from bot.core.errors import PermanentError

NEEDS = (Right("", "pods", ("get",)),)
"""In the namespace that Heal itself runs in, when it runs in one."""
NEVER = "which is never touched"
CLAIM, CONFIG, SECRET = "persistentvolumeclaim", "configmap", "secret"


class Itself(NamedTuple):
    """Heal as one cluster sees it; `node` and `labels` are empty when its pod is not there."""

    host: str
    namespace: str
    node: str
    labels: dict[str, str]
    holds: frozenset[tuple[str, str]]

    def is_pod(self, pod: Json) -> bool:
        """Whether it is Heal's pod, or one that has Heal's disk."""
        made = pod["metadata"]
        if self.namespace and made.get("namespace") not in {None, self.namespace}:
            return False
        disks = {one for one in self.holds if one[0] == CLAIM}
        return made["name"] == self.host or bool(disks & frozenset(_held(pod)))

    def is_workload(self, workload: Json) -> bool:
        """Whether it would make Heal's pod, even when it has none now."""
        spec = workload.get("spec") or {}
        same = workload["metadata"].get("namespace") == self.namespace and "template" in spec
        return same and bool(self.labels) and selecting.matches(spec.get("selector"), self.labels)


async def itself(cluster: Cluster) -> Itself:
    """What is known of Heal there: one read at most, and only when Heal runs in a pod."""
    settings, pod = cluster.settings, await cluster.own_pod()
    node = settings.node if cluster.name == IN_CLUSTER else ""
    return Itself(
        host=settings.host,
        namespace=settings.home,
        node=str((pod.get("spec") or {}).get("nodeName") or node),
        labels=selecting.labels(pod) if pod else {},
        holds=frozenset(_held(pod)),
    )


async def refuse_workload(
    cluster: Cluster, what: str, workload: Json, pods: Iterable[Json]
) -> None:
    """PermanentError when it is what runs Heal."""
    known = await itself(cluster)
    if known.is_workload(workload) or any(map(known.is_pod, pods)):
        raise PermanentError(f"{what} runs Heal itself or holds its disk, {NEVER}")


async def refuse_pods(cluster: Cluster, what: str, pods: Iterable[Json]) -> None:
    """PermanentError when one of them is Heal's own."""
    known = await itself(cluster)
    for pod in filter(known.is_pod, pods):
        name = selecting.name(pod)
        of = "" if name == what else f", {name},"
        raise PermanentError(f"{what}{of} runs Heal itself or holds its disk, {NEVER}")


async def refuse_node(cluster: Cluster, node: str, pods: Iterable[Json]) -> None:
    """PermanentError when Heal runs there: of its pods, or by its name."""
    known = await itself(cluster)
    if node in {known.node, known.host} or any(map(known.is_pod, pods)):
        raise PermanentError(f"node {node} runs Heal itself, {NEVER}")


async def refuse_object(cluster: Cluster, kind: str, namespace: str, name: str) -> None:
    """PermanentError for what Heal's pod mounts or reads; `kind` in small letters."""
    known = await itself(cluster)
    if namespace == known.namespace and (kind, name) in known.holds:
        raise PermanentError(f"{kind} {name} in {namespace} is Heal's own, {NEVER}")


def _held(pod: Json) -> Iterator[tuple[str, str]]:
    """Each claim, config map and secret that a pod mounts or takes its environment from."""
    spec = pod.get("spec") or {}
    for volume in spec.get("volumes") or ():
        projected = (volume.get("projected") or {}).get("sources") or ()
        for one in (volume, *projected):
            yield from _named(one.get("persistentVolumeClaim"), CLAIM, "claimName")
            yield from _named(one.get("configMap"), CONFIG, "name")
            yield from _named(one.get("secret"), SECRET, "secretName")
            yield from _named(one.get("secret"), SECRET, "name")
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        for one in container.get("envFrom") or ():
            yield from _named(one.get("configMapRef"), CONFIG, "name")
            yield from _named(one.get("secretRef"), SECRET, "name")
        for one in container.get("env") or ():
            value = one.get("valueFrom") or {}
            yield from _named(value.get("configMapKeyRef"), CONFIG, "name")
            yield from _named(value.get("secretKeyRef"), SECRET, "name")


def _named(where: Any, kind: str, field: str) -> Iterator[tuple[str, str]]:
    if where and where.get(field):
        yield kind, str(where[field])
