"""
`kubernetes.suspend_cronjob`: let a cron job begin nothing more; what runs goes on to its end.

Undo lets it begin again. Kubernetes then makes up for the newest time that was missed, at once,
unless the cron job has a `startingDeadlineSeconds` that is over.
"""

from __future__ import annotations

from typing import ClassVar

from bot.clients.kubernetes import around, jobs, owners, pinned
from bot.clients.kubernetes.cluster import MERGE_PLAIN, Clusters, Json
from bot.clients.kubernetes.groups import Groups
from bot.clients.kubernetes.named import OnCronJob
from bot.clients.kubernetes.pinned import Pinned
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.rig import Rig
from bot.core.blast_radius import BlastRadius, Target
from bot.core.errors import AlreadyThere
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts


class SuspendCronJob:
    """Reversible: undo lets it begin again, unless it was suspended before."""

    config = KubernetesSettings
    params = OnCronJob
    needs: ClassVar[tuple[Right, ...]] = (Right("batch", "cronjobs", ("get", "patch")),)

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._groups = Groups()

    def way_back(self, params: OnCronJob) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: OnCronJob) -> Scope:
        found = await (await self._pin(params)).read()
        scope = Scope(
            blast_radius=_radius(params, found),
            pre_state=_state(found),
            says=_says(params, suspended=True),
            undo_says=_says(params, suspended=False),
        )
        if found["spec"].get("suspend"):
            raise AlreadyThere(f"{params.short} is suspended already", scope)
        return scope

    async def execute(self, params: OnCronJob, before: Facts, mark: str = "") -> str:
        pin = await self._pin(params)

        async def change(found: Json, dry: bool) -> None:  # noqa: FBT001 - the shape of a Change
            body = {"metadata": pinned.locked(found, mark), "spec": {"suspend": True}}
            await pin.cluster.patch(pin.path, body, kind=MERGE_PLAIN, dry=dry)

        await pin.once(before, mark, change)
        return f"suspended {params.short}: it begins nothing more"

    async def undo(self, params: OnCronJob, before: Facts, mark: str = "") -> str:
        pin = await self._pin(params)
        found = await pin.read()
        if found["spec"].get("suspend") and not before["suspended"]:
            body = {"metadata": pinned.locked(found, f"{mark}:undo"), "spec": {"suspend": False}}
            await pin.cluster.patch(pin.path, body, kind=MERGE_PLAIN)
        return f"{params.short} begins again at its times"

    async def landed(self, params: OnCronJob, before: Facts, mark: str = "") -> bool | None:
        return await (await self._pin(params)).landed(before, mark)

    async def _pin(self, params: OnCronJob) -> Pinned:
        cluster = self._clusters.get(params.cluster)
        root = await self._groups.root(cluster, "batch", "cronjobs", params.namespace)
        return Pinned(cluster, f"{root}/{params.name}", params.short, _state)


def _radius(params: OnCronJob, found: Json) -> BlastRadius:
    running, keepers = jobs.active(found), owners.of(found, "template")
    notes = [f"its times are {found['spec']['schedule']}", "what runs of it goes on to its end"]
    if keepers:
        notes.append(f"kept by {' and '.join(keepers)}, which may put a change back")
    return BlastRadius(
        targets=(Target(key=params.key, name=f"{params.short} ({params.cluster})"),),
        unit="schedule",
        touched=1,
        down_at_once=1,
        total=1,
        notes=tuple(notes),
        seen={"runs now": around.named(running) if running else "nothing"},
    )


def _state(found: Json) -> Facts:
    spec = found["spec"]
    return {
        "uid": found["metadata"]["uid"],
        "suspended": bool(spec.get("suspend")),
        "schedule": spec["schedule"],
        "spec": pinned.digest({**spec, "suspend": bool(spec.get("suspend"))}),
    }


def _says(params: OnCronJob, *, suspended: bool) -> str:
    body = f'{{"spec":{{"suspend":{str(suspended).lower()}}}}}'
    return (
        f"kubectl patch cronjob/{params.name} -n {params.namespace} -p '{body}' ({params.cluster})"
    )


PLUGIN = SuspendCronJob
