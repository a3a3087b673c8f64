"""`kubernetes.node`: whether a node is ready, under pressure or closed, and what stands on it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import JsonValue

from bot.clients.kubernetes import draining, nodes, pods, selecting
from bot.clients.kubernetes.cluster import Cluster, Clusters, Json
from bot.clients.kubernetes.nodes import OnNode
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.rig import Rig
from bot.core.values import Facts

LEASES = "/apis/coordination.k8s.io/v1/leases"
OF_NODES = "kube-node-lease"


class Node:
    """
    Reads ready, why, pressure, unschedulable, pods, movable, and heartbeat_age in seconds.

    A kubelet that was silent for so long that the cluster does not know is not ready; `why` is the
    cluster's own sentence. `pressure` has Memory, Disk and PID; one that the cluster cannot tell is
    `unknown`. `movable` counts the pods that a drain would evict. `heartbeat_age` is left out when
    there never was a heartbeat.
    """

    config = KubernetesSettings
    params = OnNode
    needs: ClassVar[tuple[Right, ...]] = (
        Right("", "nodes", ("get",), cluster_wide=True),
        Right("", "pods", ("list",), cluster_wide=True),
        Right("coordination.k8s.io", "leases", ("list",), cluster_wide=True),
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._clock = rig.clock

    async def read(self, params: OnNode) -> Facts:
        cluster = self._clusters.get(params.cluster)
        node = await cluster.get(params.path)
        here = await draining.on(cluster, params.name)
        told = nodes.condition(node, "Ready")
        facts: Facts = {
            "ready": nodes.ready(node),
            "why": str(told.get("message") or "its kubelet never told how it fares"),
            "pressure": _under(node, "True"),
            "unknown": _under(node, "Unknown"),
            "unschedulable": nodes.closed(node),
            "pods": sum(not selecting.leaving(one) for one in here),
            "movable": len(draining.movable(here)),
        }
        if (beat := await _heartbeat(cluster, node)) is not None:
            facts["heartbeat_age"] = round((self._clock.now() - beat).total_seconds(), 3)
        return facts


def _under(node: Json, status: str) -> list[JsonValue]:
    """Which pressures have this status; one that no kubelet ever told is not known."""
    return [
        kind.removesuffix("Pressure")
        for kind in nodes.PRESSURES
        if nodes.condition(node, kind).get("status", "Unknown") == status
    ]


async def _heartbeat(cluster: Cluster, node: Json) -> datetime | None:
    """The newest sign of its kubelet: its lease is renewed every 10 s, the rest less often."""
    named = {"fieldSelector": f"metadata.name={selecting.name(node)}"}
    told = [nodes.condition(node, "Ready").get("lastHeartbeatTime")]
    told += [
        (lease.get("spec") or {}).get("renewTime")
        for lease in await cluster.every(LEASES, named)
        if lease["metadata"]["namespace"] == OF_NODES
    ]
    return max((pods.moment(one) for one in told if one), default=None)


PLUGIN = Node
