"""Draining: what stands on a node, whose it is, and what would be lost or held back there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.clients.kubernetes import budgets, own, pods, selecting
from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.rights import Right

NEEDS = (
    Right("", "pods", ("get", "list"), cluster_wide=True),
    Right("", "pods/eviction", ("create",), cluster_wide=True),
    Right("policy", "poddisruptionbudgets", ("list",), cluster_wide=True),
)
NAMED = 5
"""So many pods are named in one sentence; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Load:
    """What runs on a node, but for what belongs to it; `alike` counts the pods of each owner."""

    movable: tuple[Json, ...]
    bound: int
    alike: Mapping[str, int]
    budgets: tuple[Json, ...]

    @property
    def unowned(self) -> list[str]:
        return [pods.place(one) for one in self.movable if pods.owner(one) is None]

    @property
    def local(self) -> list[str]:
        return [pods.place(one) for one in self.movable if pods.local(one)]

    @property
    def torn(self) -> list[Json]:
        """Pods that the server can never evict, for more than one budget holds them."""
        return [one for one in self.movable if len(budgets.over(one, self.budgets)) > 1]

    @property
    def full(self) -> list[str]:
        """The budgets that let none of these pods go now."""
        held = (each for one in self.movable for each in budgets.over(one, self.budgets))
        return sorted({pods.place(each) for each in held if budgets.headroom(each) == 0})

    def shares(self) -> Iterator[str]:
        """For each owner: how many of its pods are here."""
        counted: dict[str, tuple[str, int]] = {}
        for one in self.movable:
            if made_by := pods.owner(one):
                space = one["metadata"]["namespace"]
                name = f"{made_by.kind} {made_by.name} in {space}"
                counted[made_by.uid] = (name, counted.get(made_by.uid, ("", 0))[1] + 1)
        for uid, (name, here) in sorted(counted.items(), key=lambda each: each[1]):
            total = self.alike[uid]
            yield f"the only pod of {name}" if total == 1 else f"{here} of {total} pods of {name}"


async def on(cluster: Cluster, node: str) -> list[Json]:
    """Every pod that was given to this node, in every namespace."""
    found = await cluster.every("/api/v1/pods", {"fieldSelector": f"spec.nodeName={node}"})
    return sorted(found, key=pods.place)


def movable(every: Sequence[Json]) -> list[Json]:
    """Those that run or wait, and do not belong to the node itself."""
    return [one for one in every if not selecting.leaving(one) and not pods.bound(one)]


async def load(cluster: Cluster, node: str) -> Load:
    """
    Read it: two lists of the whole cluster, and one of each namespace that is met.

    PermanentError when Heal itself runs there.
    """
    here, held = await asyncio.gather(on(cluster, node), budgets.of(cluster))
    await own.refuse_node(cluster, node, here)
    meant = movable(here)
    alike: dict[str, int] = {}
    for each in await asyncio.gather(*(alongside(cluster, one) for one in spaces(meant))):
        for pod in each:
            if made_by := pods.owner(pod):
                alike[made_by.uid] = alike.get(made_by.uid, 0) + 1
    bound = sum(pods.bound(one) for one in here)
    return Load(tuple(meant), bound, alike, tuple(held))


def spaces(every: Sequence[Json]) -> list[str]:
    return sorted({str(one["metadata"]["namespace"]) for one in every})


async def alongside(cluster: Cluster, namespace: str) -> list[Json]:
    """The pods of a namespace that stay."""
    found = await cluster.every(f"/api/v1/namespaces/{namespace}/pods")
    return [one for one in found if not selecting.leaving(one)]


def named(every: Sequence[str]) -> str:
    """
    Name a few, and count the rest.

    >>> named(["a", "b"]), named(list("abcdefg"))
    ('a, b', 'a, b, c, d, e and 2 more')
    """
    rest = len(every) - NAMED
    return ", ".join(every[:NAMED]) + (f" and {rest} more" if rest > 0 else "")
