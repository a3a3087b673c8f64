"""What stands around a workload in words, for the details of a plan: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from bot.clients.kubernetes import rollouts, selecting
from bot.clients.kubernetes.settings import OnWorkload
from bot.clients.kubernetes.surroundings import Surroundings

NAMED = 8
"""So many names are written out; the rest are counted."""
RESTARTED = "kubectl.kubernetes.io/restartedAt"


def table(which: OnWorkload, around: Surroundings, owners: Iterable[str]) -> dict[str, str]:
    """Rows of name and words. All of it may move by itself while something is broken."""
    return dict(_rows(which, around, owners))


def _rows(
    which: OnWorkload, around: Surroundings, owners: Iterable[str]
) -> Iterator[tuple[str, str]]:
    ready = sum(map(selecting.ready, around.pods))
    yield "pods", f"{ready} of {len(around.pods)} ready"
    where = Counter(str(pod["spec"].get("nodeName") or "no node yet") for pod in around.pods)
    if where:
        yield "nodes", named(f"{node} ({count})" for node, count in sorted(where.items()))
    yield "rollout", rollouts.of(which.kind, around.workload).says
    restarted = selecting.notes(around.workload["spec"]["template"]).get(RESTARTED)
    if restarted:
        yield "restarted", restarted
    for one in around.budgets:
        yield f"budget {selecting.name(one)}", _headroom(one.get("status") or {})
    for one in around.scalers:
        limits, status = one["spec"], one.get("status") or {}
        now = status.get("currentReplicas", "?")
        told = f"{limits.get('minReplicas', 1)} to {limits['maxReplicas']} pods, now {now}"
        yield f"autoscaler {selecting.name(one)}", told
    if around.services:
        yield "services", named(around.services)
    if around.ingresses:
        yield "ingresses", named(around.ingresses)
    if claims := around.claims:
        yield "data", named(claims)
    if kept := tuple(owners):
        yield "kept by", named(kept)
    if around.unseen:
        yield "not seen", named(around.unseen)


def named(names: Iterable[str]) -> str:
    """
    Write out a few names and count the rest.

    >>> named(str(one) for one in range(11))
    '0, 1, 2, 3, 4, 5, 6, 7 and 3 more'
    """
    every = list(names)
    rest = len(every) - NAMED
    return ", ".join(every[:NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _headroom(status: selecting.Object) -> str:
    allowed = status.get("disruptionsAllowed", 0)
    healthy, wanted = status.get("currentHealthy", "?"), status.get("desiredHealthy", "?")
    return f"{allowed} may be evicted now: {healthy} healthy, {wanted} wanted"
