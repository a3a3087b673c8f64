"""`kubernetes.events`: what the cluster says of an object and its pods lately, counted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar, NamedTuple

from pydantic import Field, JsonValue, StringConstraints

from bot.clients.kubernetes import selecting
from bot.clients.kubernetes.cluster import Cluster, Clusters, Json
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings, Name, Namespace, OnCluster
from bot.clients.rig import Rig
from bot.core import redaction, visible
from bot.core.values import Facts

LONGEST = 240
"""Characters of a message that are kept."""
MOST_PODS = 10
"""Those that fare worst are asked about; each is a call."""
PAGE = 200
OF_APPS = ("deployment", "statefulset", "daemonset", "replicaset")


class Happened(OnCluster):
    """To what, and how much of it is told."""

    namespace: Namespace = Field(description="never guessed: a wrong one is a wrong target")
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z]{1,63}$")] = Field(
        default="deployment", description="in small letters: deployment, job, pod, ..."
    )
    name: Name = Field(description="its name")
    newest: int = Field(default=10, ge=1, le=50, description="how many are told")


class Told(NamedTuple):
    """The same thing said of the same kind of object, over all of them."""

    warning: bool
    reason: str
    kind: str
    message: str


class Events:
    """
    Reads events, lines of the newest, warnings, how often it was warned, and the reasons of that.

    Pods of a deployment, stateful set, daemon set or job count with it, its replica sets too. The
    same message about several pods is one line with its count. Clusters forget after an hour.
    """

    config = KubernetesSettings
    params = Happened
    needs: ClassVar[tuple[Right, ...]] = (
        *(Right("apps", f"{kind}s", ("get",)) for kind in OF_APPS[:3]),
        Right("batch", "jobs", ("get",)),
        Right("apps", "replicasets", ("list",)),
        Right("", "pods", ("list",)),
        Right("", "events", ("list",)),
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)

    async def read(self, params: Happened) -> Facts:
        cluster = self._clusters.get(params.cluster)
        of = [(params.kind, params.name), *await _below(cluster, params)]
        pages = await asyncio.gather(*(_events(cluster, params.namespace, *one) for one in of))
        counted: dict[Told, tuple[int, str]] = {}
        for event in (one for page in pages for one in page):
            told, (count, last) = _told(event), counted.get(_told(event), (0, ""))
            counted[told] = (count + _count(event), max(last, _last(event)))
        newest = sorted(counted.items(), key=lambda each: each[1][1], reverse=True)
        lines = "\n".join(_line(*each) for each in newest[: params.newest])
        reasons: list[JsonValue] = [*sorted({one.reason for one in counted if one.warning})]
        return {
            "events": lines,
            "warnings": sum(count for one, (count, _) in counted.items() if one.warning),
            "reasons": reasons,
            "left_out": max(0, len(counted) - params.newest),
        }


async def _below(cluster: Cluster, which: Happened) -> list[tuple[str, str]]:
    """The replica sets and the pods of it, those that fare worst; none for other objects."""
    group = "apps" if which.kind in OF_APPS else "batch" if which.kind == "job" else ""
    if not group:
        return []
    root = f"/namespaces/{which.namespace}"
    found = await cluster.get(f"/apis/{group}/v1{root}/{which.kind}s/{which.name}")
    query = {"labelSelector": selecting.query(found["spec"].get("selector") or {})}
    pods = await cluster.every(f"/api/v1{root}/pods", query)
    worst = sorted(pods, key=lambda pod: (selecting.ready(pod), -_restarts(pod)))
    below = [("pod", selecting.name(pod)) for pod in worst[:MOST_PODS]]
    if which.kind == "deployment":
        sets = await cluster.every(f"/apis/apps/v1{root}/replicasets", query)
        live = (one for one in sets if one["spec"].get("replicas"))
        below += [("replicaset", selecting.name(one)) for one in live]
    return below


async def _events(cluster: Cluster, namespace: str, kind: str, name: str) -> Iterable[Json]:
    query = {"fieldSelector": f"involvedObject.name={name}", "limit": str(PAGE)}
    page = await cluster.get(f"/api/v1/namespaces/{namespace}/events", query)
    return [one for one in page["items"] if one["involvedObject"].get("kind", "").lower() == kind]


def _told(event: Json) -> Told:
    """Its words without secrets, then cut: a half of a secret would not be known as one."""
    said = visible.line(redaction.text(str(event.get("message") or "")))
    return Told(
        warning=event.get("type") != "Normal",
        reason=visible.line(str(event.get("reason") or ""))[:80],
        kind=str(event["involvedObject"].get("kind", "")).lower(),
        message=said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…",
    )


def _count(event: Json) -> int:
    return int((event.get("series") or {}).get("count") or event.get("count") or 1)


def _last(event: Json) -> str:
    """When it was seen last; which field says so depends on who reported it."""
    series = (event.get("series") or {}).get("lastObservedTime")
    times = (series, event.get("lastTimestamp"), event.get("eventTime"))
    made = event["metadata"].get("creationTimestamp")
    return str(next(filter(None, (*times, made)), ""))[:19]


def _line(told: Told, seen: tuple[int, str]) -> str:
    count, last = seen
    sign = "warning" if told.warning else "normal"
    often = f" ({count} times)" if count > 1 else ""
    return f"{last[11:]} {sign} {told.kind} {told.reason}: {told.message}{often}"


def _restarts(pod: Json) -> int:
    return sum(_restarted(pod))


def _restarted(pod: Json) -> Iterator[int]:
    for one in (pod.get("status") or {}).get("containerStatuses") or ():
        yield int(one.get("restartCount", 0))


PLUGIN = Events
