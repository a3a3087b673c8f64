"""
`kubernetes.evict_pod`: ask one pod to go, so that its owner makes it anew, perhaps elsewhere.

It is an eviction and no deletion: disruption budgets are asked, and when one lets none go nothing
is done. The server tries it in a dry run first, and compares the pod's uid.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bot.actions.kubernetes._chosen import chosen
from bot.clients.kubernetes import evicting, pods, selecting, workloads
from bot.clients.kubernetes.cluster import Cluster, Clusters, Json
from bot.clients.kubernetes.pods import OnPod
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.kubernetes.syncing import Syncs
from bot.clients.rig import Rig
from bot.core.errors import PermanentError, TemporaryError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts
from bot.ports import Clock

LOOK_AGAIN = 0.5


class Evicted(OnPod):
    """Which pod, and whether it may be one that nothing makes again."""

    unowned: bool = Field(
        default=False, description="evict it even if no controller makes it again: it is lost then"
    )


class EvictPod:
    """Self-restoring: its owner makes another. One that nothing owns is gone for good."""

    config = KubernetesSettings
    params = Evicted
    needs: ClassVar[tuple[Right, ...]] = (
        *evicting.NEEDS,
        *workloads.LOOK,
        Right("", "services", ("list",)),
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._syncs = Syncs(self._clusters)
        self._clock = rig.clock

    def way_back(self, params: Evicted) -> Reversibility:
        return Reversibility.IRREVERSIBLE if params.unowned else Reversibility.SELF_RESTORING

    async def scope(self, params: Evicted) -> Scope:
        cluster = self._clusters.get(params.cluster)
        found = await chosen(cluster, params, _stays, "running or waiting", self._syncs)
        if found.owner is None and not params.unowned:
            raise PermanentError(
                f"{found.says} has no owner that makes it again: it would be lost; "
                "the runbook may say unowned: true"
            )
        if pods.bound(found.pod):
            raise PermanentError(f"{found.says} belongs to its node and comes back there at once")
        if len(found.budgets) > 1:
            raise PermanentError(evicting.several(found.pod, found.budgets))
        await evicting.evict(cluster, found.pod, await evicting.version(cluster), dry=True)
        held = tuple(f"budget {one['metadata']['name']} lets it go" for one in found.budgets)
        return Scope(
            blast_radius=found.radius(away=1, notes=held),
            pre_state=found.state,
            says=f"evict pod {found.name} -n {params.namespace} from node "
            f"{pods.node(found.pod) or '(none yet)'} ({params.cluster})",
        )

    async def execute(self, params: Evicted, before: Facts, mark: str = "") -> str:
        cluster, name = self._clusters.get(params.cluster), str(before["pod"])
        pod = await evicting.same(cluster, params.path(name), before["uid"])
        if pod is None:
            return f"pod {name} in {params.namespace} is gone already"
        if not pods.terminating(pod):
            spoken = await evicting.version(cluster)
            await evicting.evict(cluster, pod, spoken, dry=True)
            await evicting.evict(cluster, pod, spoken)
        await until_gone(cluster, params.path(name), pod, self._clock)
        owner = f" of {before['owner']}" if before["owner"] else ""
        return f"evicted pod {name}{owner} in {params.namespace}; it is gone"

    async def undo(self, params: Evicted, before: Facts, mark: str = "") -> str:
        return "an evicted pod does not return: its owner makes another"

    async def landed(self, params: Evicted, before: Facts, mark: str = "") -> bool | None:
        """That its uid is gone proves it; what is still there may be asked to go again."""
        cluster, path = self._clusters.get(params.cluster), params.path(str(before["pod"]))
        return await evicting.same(cluster, path, before["uid"]) is None


def _stays(pod: Json) -> bool:
    return not selecting.leaving(pod)


async def until_gone(cluster: Cluster, path: str, pod: Json, clock: Clock) -> None:
    """Wait for its end; TemporaryError when it hangs well past its grace, by our own watch."""
    until = clock.monotonic() + pods.grace(pod) + pods.LATE.total_seconds()
    while found := await evicting.same(cluster, path, pods.uid(pod)):
        if clock.monotonic() > until:
            raise TemporaryError(
                f"pod {pods.place(pod)} was told to go, but it is still terminating well past its "
                f"grace of {pods.grace(found):g} s: node {pods.node(found) or '(none)'} may be down"
            )
        await clock.sleep(LOOK_AGAIN)


PLUGIN = EvictPod
