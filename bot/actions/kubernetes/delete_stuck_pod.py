"""
`kubernetes.delete_stuck_pod`: take away a pod that hangs in Terminating, when its node is gone.

The API server forgets the pod at once and asks no kubelet, so its containers may run on. Hence it
is done only when no kubelet answers for them, or when somebody has made sure that they are dead.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from bot.actions.kubernetes._chosen import Chosen, chosen
from bot.clients.kubernetes import evicting, nodes, pods, workloads
from bot.clients.kubernetes.cluster import Cluster, Clusters
from bot.clients.kubernetes.pods import OnPod
from bot.clients.kubernetes.refusals import MissingError, StaleError
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.kubernetes.syncing import Syncs
from bot.clients.rig import Rig
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts


class Stuck(OnPod):
    """Which pod, and whether its containers are known to be dead."""

    surely_dead: bool = Field(
        default=False,
        description="somebody made sure that its containers run no more (the machine is off): "
        "allows a node that is ready, and a pod of a stateful set on one that is silent",
    )


class DeleteStuckPod:
    """Irreversible: what the API server has forgotten cannot be brought back."""

    config = KubernetesSettings
    params = Stuck
    needs: ClassVar[tuple[Right, ...]] = (
        Right("", "pods", ("get", "list", "delete")),
        Right("", "services", ("list",)),
        Right("policy", "poddisruptionbudgets", ("list",)),
        Right("", "nodes", ("get",), cluster_wide=True),
        *workloads.LOOK,
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._syncs = Syncs(self._clusters)
        self._clock = rig.clock

    def way_back(self, params: Stuck) -> Reversibility:
        return Reversibility.IRREVERSIBLE

    async def scope(self, params: Stuck) -> Scope:
        cluster = self._clusters.get(params.cluster)
        found = await chosen(cluster, params, pods.terminating, "terminating", self._syncs)
        if not pods.late(found.pod, self._clock.now()):
            raise PermanentError(
                f"{found.says} is terminating, but its grace of {pods.grace(found.pod):g} s is not "
                f"over for {pods.LATE.total_seconds():g} s yet: wait for it"
            )
        if waits := found.pod["metadata"].get("finalizers"):
            raise PermanentError(
                f"{found.says} waits for {', '.join(waits)}: whoever put that there must take it "
                "away; deleting the pod again would change nothing"
            )
        why = await self._dead(cluster, params, found)
        return Scope(
            blast_radius=found.radius(away=0, notes=(why,)).ending(),
            pre_state=found.state,
            says=f"kubectl delete pod {found.name} -n {params.namespace} --force "
            f"--grace-period=0 ({params.cluster})",
        )

    async def execute(self, params: Stuck, before: Facts, mark: str = "") -> str:
        cluster, path = self._clusters.get(params.cluster), params.path(str(before["pod"]))
        options = {"gracePeriodSeconds": 0, "preconditions": {"uid": before["uid"]}}
        try:
            if not params.surely_dead:
                await self._away(cluster, str(before["node"]))
            await cluster.delete(path, options, dry=True)
            await cluster.delete(path, options)
        except (MissingError, StaleError):
            if await evicting.same(cluster, path, before["uid"]):
                raise
            return f"pod {before['pod']} in {params.namespace} is gone already"
        return f"deleted pod {before['pod']} in {params.namespace}, without asking its kubelet"

    async def undo(self, params: Stuck, before: Facts, mark: str = "") -> str:
        return "a pod that was deleted does not return: its owner makes another"

    async def landed(self, params: Stuck, before: Facts, mark: str = "") -> bool | None:
        """That its uid is gone proves it; what is still there may be deleted again."""
        cluster, path = self._clusters.get(params.cluster), params.path(str(before["pod"]))
        return await evicting.same(cluster, path, before["uid"]) is None

    async def _dead(self, cluster: Cluster, params: Stuck, found: Chosen) -> str:
        """Why its containers run no more, or may be taken for that; PermanentError if not."""
        if params.surely_dead:
            return "the runbook says that its containers run no more"
        name = pods.node(found.pod)
        if await self._away(cluster, name):
            return f"its node {name} is gone" if name else "it was never given to a node"
        why = f"its node {name} is not ready"
        if found.owner and found.owner.kind == "statefulset":
            raise PermanentError(
                f"{found.says} has an identity, and {why}: if its containers still run there, two "
                "would write as one; make sure that they are dead, and say surely_dead: true"
            )
        return why

    async def _away(self, cluster: Cluster, name: str) -> bool:
        """Whether there is no such node any more; PermanentError when its kubelet answers."""
        try:
            node = await cluster.get(f"{nodes.ROOT}/{name}") if name else None
        except MissingError:
            node = None
        if node is None:
            return True
        if nodes.ready(node):
            raise PermanentError(
                f"node {name} is ready, so its kubelet is still ending the pod's containers: find "
                "out why they do not end (a volume, a hook), or say surely_dead: true"
            )
        return False


PLUGIN = DeleteStuckPod
