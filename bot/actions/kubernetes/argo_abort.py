"""
`kubernetes.argo_abort`: stop an Argo Rollout that is under way, and serve with its proven pods.

It is what `kubectl argo rollouts abort` does. The template stays the new one, so a person decides
what follows: a retry, another version, or `kubernetes.argo_undo`. Heal never goes on with what was
aborted: that would bring back what was bad.
"""

from __future__ import annotations

from typing import ClassVar

from bot.clients.kubernetes import argo, pinned, rollouts
from bot.clients.kubernetes.cluster import MERGE_PLAIN, Cluster, Clusters, Json
from bot.clients.kubernetes.named import OnRollout
from bot.clients.kubernetes.pinned import Pinned
from bot.clients.kubernetes.refusals import StaleError
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.kubernetes.syncing import Syncs
from bot.clients.kubernetes.writing import LOOK_AGAIN, TRIES
from bot.clients.rig import Rig
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts

ABORT = {"abort": True}


class ArgoAbort:
    """Self-restoring: the controller goes back to the proven pods, and nothing is put back."""

    config = KubernetesSettings
    params = OnRollout
    needs: ClassVar[tuple[Right, ...]] = (
        *argo.NEEDS,
        Right("argoproj.io", "rollouts/status", ("patch",)),
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._syncs = Syncs(self._clusters)
        self._clock = rig.clock

    def way_back(self, params: OnRollout) -> Reversibility:
        return Reversibility.SELF_RESTORING

    async def scope(self, params: OnRollout) -> Scope:
        pin = self._pin(params)
        found = await pin.read()
        argo.guard(params, found)
        status = argo.status(found)
        new, proven = str(status.get("currentPodHash", "")), str(status.get("stableRS", ""))
        if not proven:
            raise PermanentError(f"{params.short} has no proven pods yet that it could go back to")
        if new == proven:
            raise PermanentError(f"{params.short} has nothing under way that could be aborted")
        if status.get("abort"):
            raise PermanentError(f"{params.short} is aborted already")
        notes = (f"its new pods {new} go, its proven pods {proven} serve",)
        deploying = await self._syncs.of_rollout(params, found)
        touched = await argo.radius(pin.cluster, params, found, notes, deploying)
        return Scope(
            blast_radius=touched.ending(),
            pre_state=argo.state(found) | {"proven": proven},
            says=f"kubectl argo rollouts abort {params.name} -n {params.namespace}"
            f" ({params.cluster})",
        )

    async def execute(self, params: OnRollout, before: Facts, mark: str = "") -> str:
        """
        Mark it, then abort it: a write of the status changes nothing but the status.

        Both are for the version that was read, so a version that somebody else rolls out
        meanwhile is never aborted.
        """
        pin = self._pin(params)
        for _ in range(TRIES):
            found = await pin.read()
            if argo.status(found).get("abort"):
                break
            pin.check(found, before)
            try:
                await _abort(pin.cluster, pin.path, found, mark, dry=True)
                await _abort(pin.cluster, pin.path, found, mark, dry=False)
            except StaleError:
                continue
            break
        else:
            raise PermanentError(f"{params.short} changes too fast to be aborted; try again later")
        return f"aborted {params.short}: {await self._until_proven(pin)}"

    async def _until_proven(self, pin: Pinned) -> str:
        """Wait until the controller took notice, and as many pods as wanted are available."""
        while True:
            found = await pin.read()
            status, wanted = argo.status(found), rollouts.desired(found)
            there = int(status.get("availableReplicas") or 0)
            weights = (status.get("canary") or {}).get("weights") or {}
            away = not int((weights.get("canary") or {}).get("weight") or 0)
            if status.get("abortedAt") and there >= wanted and away:
                return (
                    f"{wanted} of {wanted} pods are available, all traffic goes to the proven ones"
                )
            await self._clock.sleep(LOOK_AGAIN)

    async def undo(self, params: OnRollout, before: Facts, mark: str = "") -> str:
        return f"{params.short} stays aborted: a person decides whether it is tried again"

    async def landed(self, params: OnRollout, before: Facts, mark: str = "") -> bool | None:
        """Aborted is all that was wanted, whoever did it; a mark alone is only half of it."""
        pin = self._pin(params)
        found = await pin.read()
        if argo.status(found).get("abort"):
            return True
        return None if pin.moved(found, before) else False

    def _pin(self, params: OnRollout) -> Pinned:
        cluster = self._clusters.get(params.cluster)
        return Pinned(cluster, params.path, params.short, argo.state)


async def _abort(cluster: Cluster, path: str, found: Json, mark: str, *, dry: bool) -> None:
    marked = await cluster.patch(
        path, {"metadata": pinned.locked(found, mark)}, kind=MERGE_PLAIN, dry=dry
    )
    version = (found if dry else marked)["metadata"]["resourceVersion"]
    body = {"metadata": {"resourceVersion": version}, "status": ABORT}
    await cluster.patch(f"{path}/status", body, kind=MERGE_PLAIN, dry=dry)


PLUGIN = ArgoAbort
