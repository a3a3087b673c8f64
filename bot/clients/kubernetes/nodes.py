"""Nodes: how one stands, how many may be away, and closing it to new pods so that it shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field

from bot.clients.kubernetes import selecting
from bot.clients.kubernetes.cluster import MANAGER, MERGE, Cluster, Json
from bot.clients.kubernetes.refusals import StaleError
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import Name, OnCluster
from bot.clients.kubernetes.writing import MARK, TRIES, marked
from bot.core.errors import PermanentError
from bot.core.values import Facts

Object = Mapping[str, Any]
ROOT = "/api/v1/nodes"
NEEDS = (Right("", "nodes", ("get", "list", "patch"), cluster_wide=True),)
UNDONE = ":undo"
"""How a mark ends once its step was taken back."""
PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure")


class OnNode(OnCluster):
    """Which node, and in which cluster."""

    name: Name = Field(description="the node's name")

    @property
    def path(self) -> str:
        return f"{ROOT}/{self.name}"

    @property
    def key(self) -> str:
        """For locks: the same node always has the same one."""
        return f"k8s:{self.cluster}/node/{self.name}"


class Closing(OnNode):
    """Which node is closed, and how many of all may be."""

    most_away: int = Field(
        default=34,
        ge=1,
        le=100,
        description="percent of all nodes that may be closed or not ready, this one included",
    )


def closed(node: Object) -> bool:
    """Whether it takes no new pods because somebody said so."""
    return bool((node.get("spec") or {}).get("unschedulable"))


def condition(node: Object, kind: str) -> Mapping[str, Any]:
    """One of its conditions; empty when its kubelet never told it."""
    told = (node.get("status") or {}).get("conditions") or ()
    return next((one for one in told if one.get("type") == kind), {})


def ready(node: Object) -> bool:
    """Only a kubelet that says so: silence is no health."""
    return condition(node, "Ready").get("status") == "True"


def state(node: Json) -> Facts:
    """What a plan stands on: this very node, and whether it is closed already."""
    return {"uid": node["metadata"]["uid"], "unschedulable": closed(node)}


def refuse_too_many(which: Closing, node: Json, every: Iterable[Object]) -> None:
    """PermanentError when it is the last that takes pods, or when too many would be away."""
    others = [one for one in every if selecting.name(one) != which.name]
    if not any(ready(one) and not closed(one) for one in others):
        raise PermanentError(
            f"node {which.name} ({which.cluster}) is the last that takes pods: closing it would "
            "leave them nowhere to go"
        )
    if closed(node):
        return  # it counts already, whoever closed it
    away = sum(not ready(one) or closed(one) for one in others) + 1
    if away * 100 > which.most_away * (len(others) + 1):
        raise PermanentError(
            f"with node {which.name} ({which.cluster}) {away} of {len(others) + 1} nodes would be "
            f"closed or not ready, and most_away allows {which.most_away} %"
        )


async def close(cluster: Cluster, which: OnNode, before: Facts, mark: str) -> bool:
    """
    Take no new pods, once: True when it was open until now.

    What a person has opened again after us stays open: PermanentError.
    """
    for _ in range(TRIES):
        node = await as_planned(cluster, which, before)
        if closed(node):
            return False
        if marked(node, mark):
            raise PermanentError(
                f"node {which.name} was opened again by somebody after Heal had closed it: left "
                "alone"
            )
        if before["unschedulable"]:
            raise PermanentError(f"node {which.name} was closed when this was planned, and is open")
        if isinstance(which, Closing):  # other nodes may have gone since it was planned
            refuse_too_many(which, node, await cluster.every(ROOT))
        if await _write(cluster, which, node, closed=True, mark=mark):
            return True
    raise PermanentError(f"node {which.name} changes too fast to be written to; try again later")


async def open_(cluster: Cluster, which: OnNode, before: Facts, mark: str) -> bool:
    """Take new pods again, once: True when it was closed until now."""
    for _ in range(TRIES):
        node = await as_planned(cluster, which, before)
        if not closed(node):
            return False
        if await _write(cluster, which, node, closed=False, mark=mark):
            return True
    raise PermanentError(f"node {which.name} changes too fast to be written to; try again later")


async def reopen(cluster: Cluster, which: OnNode, before: Facts, mark: str) -> str:
    """
    Undo our own closing, and nobody else's; one line of what came of it.

    Our mark says that Heal closed it, the server's own record that nobody did after us. Which of
    our incidents it was does not matter: an undo that is asked for later has a name of its own.
    """
    if before["unschedulable"]:
        return f"node {which.name} stays closed: somebody had closed it before Heal did"
    node = await as_planned(cluster, which, before)
    if not closed(node):
        return f"node {which.name} takes pods, as before"
    if not _closed_by_us(node):
        raise PermanentError(f"node {which.name} was closed by somebody else: left alone")
    await open_(cluster, which, before, f"{mark}{UNDONE}")
    return f"node {which.name} takes pods again"


async def as_planned(cluster: Cluster, which: OnNode, before: Facts) -> Json:
    """The node; PermanentError when another one has its name by now."""
    node = await cluster.get(which.path)
    if node["metadata"]["uid"] != before["uid"]:
        raise PermanentError(f"node {which.name} is another one than when this was planned")
    return node


async def _write(cluster: Cluster, which: OnNode, node: Json, *, closed: bool, mark: str) -> bool:
    """Over exactly this version of it, after a dry run; False when it moved meanwhile."""
    version = node["metadata"]["resourceVersion"]
    body = {
        "metadata": {"resourceVersion": version, "annotations": {MARK: mark}},
        "spec": {"unschedulable": True if closed else None},
    }
    try:
        await cluster.patch(which.path, body, kind=MERGE, dry=True)
        await cluster.patch(which.path, body, kind=MERGE)
    except StaleError:
        return False
    return True


def _closed_by_us(node: Json) -> bool:
    """Whether Heal was the last to close it; servers before 1.18 do not tell who it was."""
    mark = selecting.notes(node).get(MARK, "")
    if not mark or mark.endswith(UNDONE):
        return False
    told = node["metadata"].get("managedFields") or ()
    owners = {
        str(one.get("manager"))
        for one in told
        if "f:unschedulable" in ((one.get("fieldsV1") or {}).get("f:spec") or {})
    }
    return not owners or MANAGER in owners
