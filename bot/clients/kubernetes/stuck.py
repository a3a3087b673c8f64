"""
Stuck: a stateful set does not leave a broken pod by itself, not even for pods that were good.

In its usual order it waits until the broken one is ready, which never comes. So after a change of
its template that pod is asked to go, as an eviction: of what is not ready and not wanted any more.
"""

from __future__ import annotations

from bot.clients.kubernetes import evicting, selecting
from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.refusals import BudgetError, BudgetsError
from bot.clients.kubernetes.settings import Kind, OnWorkload
from bot.clients.kubernetes.writing import LOOK_AGAIN
from bot.core.errors import PermanentError
from bot.ports import Clock

NEEDS = evicting.NEEDS
REVISION = "controller-revision-hash"


def notes(which: OnWorkload) -> tuple[str, ...]:
    """What a plan says of it; the same whether a pod is broken now or not."""
    if which.kind is not Kind.STATEFUL_SET:
        return ()
    return ("a pod of it that is not ready is evicted, for it would hold up the others",)


async def release(cluster: Cluster, which: OnWorkload, clock: Clock) -> None:
    """
    Evict the pods that hold a stateful set up; nothing for other workloads.

    PermanentError names the pod that a person has to delete, when a budget keeps it.
    """
    if which.kind is not Kind.STATEFUL_SET:
        return
    while int((found := await cluster.get(which.path))["metadata"]["generation"]) > int(
        (found.get("status") or {}).get("observedGeneration", 0)
    ):
        await clock.sleep(LOOK_AGAIN)
    selector = selecting.query(found["spec"]["selector"])
    root = f"/api/v1/namespaces/{which.namespace}/pods"
    every = (await cluster.get(root, {"labelSelector": selector}))["items"]
    wanted = found["status"].get("updateRevision")
    for pod in every:
        if not _holds_up(pod, wanted):
            continue
        try:
            await evicting.evict(cluster, pod, await evicting.version(cluster))
        except (BudgetError, BudgetsError) as error:
            raise PermanentError(
                f"{which.short} waits for its broken pod {selecting.name(pod)}, which a budget "
                f"keeps; delete it by hand: {error}"
            ) from None


def _holds_up(pod: Json, wanted: object) -> bool:
    old = selecting.labels(pod).get(REVISION) != wanted
    return old and not selecting.leaving(pod) and not selecting.ready(pod)
