"""
`kubernetes.argo_undo`: put an Argo Rollout back to the newest pods that truly differed.

It is `kubernetes.undo_rollout` for Rollouts: a restart does not count, and what Heal has left once
is not returned to. Pods that are proven are rolled out at once; older ones take the steps of the
strategy, and when it waits for a person there, the step ends and the success criteria decide.
"""

from __future__ import annotations

from typing import ClassVar

from bot.clients.kubernetes import argo, revisions
from bot.clients.kubernetes.cluster import JSON_PATCH, Clusters, Json
from bot.clients.kubernetes.named import OnRollout
from bot.clients.kubernetes.pinned import Pinned
from bot.clients.kubernetes.revisions import Revision
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.kubernetes.syncing import Syncs
from bot.clients.kubernetes.writing import LOOK_AGAIN, MARK
from bot.clients.rig import Rig
from bot.core.errors import AlreadyThere, PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts


class ArgoUndo:
    """Reversible: undo puts back the pods that were left."""

    config = KubernetesSettings
    params = OnRollout
    needs: ClassVar[tuple[Right, ...]] = (*argo.NEEDS, Right("apps", "replicasets", ("list",)))

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._syncs = Syncs(self._clusters)
        self._clock = rig.clock

    def way_back(self, params: OnRollout) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: OnRollout) -> Scope:
        pin = self._pin(params)
        found = await pin.read()
        argo.guard(params, found)
        every = await argo.every(pin.cluster, params, found)
        now = argo.kept(params, every, str(argo.status(found).get("currentPodHash", "")))
        to = argo.before(found, every, now)
        notes = (f"from {now.images} to {to.images}",) if to else ()
        deploying = await self._syncs.of_rollout(params, found)
        touched = await argo.radius(pin.cluster, params, found, notes, deploying)
        scope = Scope(
            blast_radius=touched.ending(),
            pre_state=argo.state(found) | {"from": now.hash, "to": to.hash if to else ""},
            says=_says(params, to or now),
            undo_says=_says(params, now),
        )
        if to is None:
            raise AlreadyThere(
                f"{params.short} has no earlier revision that differs by more than a restart and "
                "was not left before",
                scope,
            )
        return scope

    async def execute(self, params: OnRollout, before: Facts, mark: str = "") -> str:
        pin = self._pin(params)

        async def change(found: Json, dry: bool) -> None:  # noqa: FBT001 - the shape of a Change
            argo.guard(params, found)
            every = await argo.every(pin.cluster, params, found)
            to = argo.kept(params, every, str(before["to"]))
            left = revisions.leaving(found, str(before["from"]))
            body = argo.put(found, to, {MARK: mark, revisions.LEFT: left})
            await pin.cluster.patch(pin.path, body, kind=JSON_PATCH, dry=dry)

        await pin.once(before, mark, change)
        says = await argo.until_settled(pin.cluster, params, self._clock)
        return f"{params.short} is back at {before['to']}: {says}"

    async def undo(self, params: OnRollout, before: Facts, mark: str = "") -> str:
        """Only over our own pods: what somebody else has rolled out meanwhile is theirs."""
        pin = self._pin(params)
        found = await self._observed(pin)
        now = str(argo.status(found).get("currentPodHash", ""))
        if now not in {before["from"], before["to"]}:
            raise PermanentError(
                f"{params.short} has pods that somebody else has rolled out: left alone"
            )
        if now == before["to"]:
            every = await argo.every(pin.cluster, params, found)
            back = argo.kept(params, every, str(before["from"]))
            body = argo.put(found, back, {MARK: f"{mark}:undo"})
            await pin.cluster.patch(pin.path, body, kind=JSON_PATCH)
        says = await argo.until_settled(pin.cluster, params, self._clock)
        return f"{params.short} has its pods {before['from']} again: {says}"

    async def landed(self, params: OnRollout, before: Facts, mark: str = "") -> bool | None:
        return await self._pin(params).landed(before, mark)

    async def _observed(self, pin: Pinned) -> Json:
        """Wait until the hash of its pods is about what it has now."""
        while not argo.observed(found := await pin.read()):
            await self._clock.sleep(LOOK_AGAIN)
        return found

    def _pin(self, params: OnRollout) -> Pinned:
        cluster = self._clusters.get(params.cluster)
        return Pinned(cluster, params.path, params.short, argo.state)


def _says(params: OnRollout, to: Revision) -> str:
    return (
        f"put rollout/{params.name} -n {params.namespace} ({params.cluster}) back to the pods "
        f"{to.hash}: {to.images}"
    )


PLUGIN = ArgoUndo
