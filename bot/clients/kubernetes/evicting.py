"""
Evicting: how a pod is asked to go, and only this very one.

An eviction is the one way to delete a pod that disruption budgets are asked about. The server
compares the pod's uid, so that a new pod under an old name is never taken for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.clients.kubernetes import budgets, pods, selecting
from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.refusals import BudgetError, BudgetsError, MissingError, StaleError
from bot.clients.kubernetes.rights import Right
from bot.core.errors import PermanentError, TemporaryError

NEEDS = (
    Right("", "pods", ("get", "list")),
    Right("", "pods/eviction", ("create",)),
    Right("policy", "poddisruptionbudgets", ("list",)),
)


async def version(cluster: Cluster) -> str:
    """The version of policy in which this server takes evictions."""
    for one in (await cluster.get("/api/v1")).get("resources") or ():
        if one.get("name") == "pods/eviction":
            return f"{one['group']}/{one['version']}"
    raise PermanentError(f"cluster {cluster.name} takes no evictions")


async def evict(cluster: Cluster, pod: Json, spoken: str, *, dry: bool = False) -> bool:
    """
    Ask this pod to go; False when it is gone or was made anew already.

    Raises BudgetError while a budget lets none go, BudgetsError when the server can never decide.
    """
    made = pod["metadata"]
    options = {"preconditions": {"uid": made["uid"]}} | ({"dryRun": ["All"]} if dry else {})
    body = {
        "apiVersion": spoken,
        "kind": "Eviction",
        "metadata": {"name": made["name"], "namespace": made["namespace"]},
        "deleteOptions": options,
    }
    path = f"/api/v1/namespaces/{made['namespace']}/pods/{made['name']}"
    try:
        await cluster.post(f"{path}/eviction", body, dry=dry)
    except MissingError:
        return False
    except StaleError as error:
        if await same(cluster, path, made["uid"]):
            raise TemporaryError(str(error)) from None  # its budget was being counted
        return False
    except (BudgetError, BudgetsError) as error:
        raise await _explained(cluster, pod, error) from None
    return True


async def same(cluster: Cluster, path: str, uid: object) -> Json | None:
    """The pod at this path, if it still is this very one."""
    try:
        found = await cluster.get(path)
    except MissingError:
        return None
    return found if pods.uid(found) == uid else None


def several(pod: Json, every: Sequence[Json]) -> str:
    """Why the server can never evict a pod that more than one budget holds."""
    names = " and ".join(sorted(map(selecting.name, every)))
    return (
        f"pod {pods.place(pod)} is held by the budgets {names}: no API server evicts a pod of "
        "more than one; leave it in one of them"
    )


async def _explained(
    cluster: Cluster, pod: Json, error: BudgetError | BudgetsError
) -> BudgetError | BudgetsError:
    """The server's no, with the names and numbers that it does not tell."""
    holding = budgets.over(pod, await budgets.of(cluster, pod["metadata"]["namespace"]))
    if isinstance(error, BudgetsError):
        return BudgetsError(several(pod, holding))
    why = " and ".join(map(budgets.says, holding)) or str(error)
    return BudgetError(f"pod {pods.place(pod)} may not be evicted now: {why}")
