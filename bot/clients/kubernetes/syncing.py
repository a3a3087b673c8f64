"""
Syncing: whether Argo CD or Flux applies something to a workload now, or Argo Rollouts to a pod's.

A workload says by its labels and annotations who keeps it. Only then that one object is read: one
call each, and the version of Flux once. What cannot be read is said, never taken for nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from bot.clients.kubernetes import owners, selecting, underway
from bot.clients.kubernetes.cluster import Cluster, Clusters, Json
from bot.clients.kubernetes.groups import Groups
from bot.clients.kubernetes.named import OnRollout
from bot.clients.kubernetes.pods import Owner
from bot.clients.kubernetes.refusals import ForbiddenError, MissingError
from bot.clients.kubernetes.settings import Kind, OnWorkload
from bot.core.deployment import Deployment, Stage
from bot.core.errors import ActionError

FLUX = {
    "kustomize.toolkit.fluxcd.io": ("kustomizations", "kustomization"),
    "helm.toolkit.fluxcd.io": ("helmreleases", "helmrelease"),
}
ARGO = "argoproj.io"
APPLICATIONS = "applications"
TRACKED, INSTANCE = "argocd.argoproj.io/tracking-id", "argocd.argoproj.io/instance"
PLAIN = "app.kubernetes.io/instance"
"""Argo CD's label by its default settings of old; Helm writes it too, so it proves nothing."""
BUSY = frozenset({"Running", "Terminating"})


class Keeper(NamedTuple):
    """The object that keeps a workload as it is written somewhere; `cluster` is where it lives."""

    group: str
    plural: str
    cluster: str
    namespace: str
    name: str
    title: str

    @property
    def what(self) -> str:
        """
        For people.

        >>> Keeper("g", "applications", "hub", "argocd", "shop", "Argo CD application").what
        'Argo CD application shop in argocd (hub)'
        """
        return f"{self.title} {self.name} in {self.namespace} ({self.cluster})"


class Syncs:
    """Reads what somebody else is about to do to a workload, in clusters that settings name."""

    def __init__(self, clusters: Clusters) -> None:
        self._clusters = clusters
        self._groups = Groups()

    async def of_workload(self, which: OnWorkload, found: Json) -> tuple[Deployment, ...]:
        """Its own rollout, and a sync of who keeps it; without a keeper nothing is read."""
        what = f"{which.short} ({which.cluster})"
        own = underway.of_workload(which.kind, found, what)
        return (*own, *await self.around(which.cluster, found))

    async def of_rollout(self, which: OnRollout, found: Json) -> tuple[Deployment, ...]:
        """The same of an Argo Rollout."""
        own = underway.of_rollout(found, f"{which.short} ({which.cluster})")
        return (*own, *await self.around(which.cluster, found))

    async def of_pod(
        self, cluster: Cluster, namespace: str, owner: Owner | None
    ) -> tuple[Deployment, ...]:
        """The same for the workload that made a pod: one call more."""
        if owner is None or owner.kind not in {*Kind, "rollout"}:
            return ()
        what = f"{owner.kind} {owner.name} in {namespace} ({cluster.name})"
        root = f"{ARGO}/v1alpha1" if owner.kind == "rollout" else "apps/v1"
        path = f"/apis/{root}/namespaces/{namespace}/{owner.kind}s/{owner.name}"
        try:
            found = await cluster.get(path)
        except (ForbiddenError, MissingError) as error:
            return (Deployment(what=what, stage=Stage.UNREAD, says=str(error)),)
        if owner.kind == "rollout":
            own = underway.of_rollout(found, what)
        else:
            own = underway.of_workload(Kind(owner.kind), found, what)
        return (*own, *await self.around(cluster.name, found))

    async def around(self, cluster: str, *found: Json) -> tuple[Deployment, ...]:
        """What those who keep these objects do to them now; each of them is read once."""
        home = self._clusters.settings.argocd
        kept = dict.fromkeys(who for one in found for who in keepers(one, cluster, home))
        every = [self._read(one) for one in kept]
        return tuple(one for one in await asyncio.gather(*every) if one is not None)

    async def _read(self, keeper: Keeper) -> Deployment | None:
        if not keeper.name:
            says = f"which one keeps it is not written on it ({TRACKED})"
            return Deployment(what=keeper.title, stage=Stage.UNREAD, says=says)
        try:
            cluster = self._clusters.get(keeper.cluster)
            if keeper.group == ARGO:
                root = f"/apis/{ARGO}/v1alpha1/namespaces/{keeper.namespace}/{keeper.plural}"
            else:
                root = await self._groups.root(
                    cluster, keeper.group, keeper.plural, keeper.namespace
                )
            found = await cluster.get(f"{root}/{keeper.name}")
        except ActionError as error:
            return Deployment(what=keeper.what, stage=Stage.UNREAD, says=str(error))
        syncs = of_argo_cd(found) if keeper.group == ARGO else of_flux(found)
        if syncs is None:
            return None
        says, since = syncs
        return Deployment(what=keeper.what, stage=Stage.UNDERWAY, says=says, since=since)


def keepers(found: Json, cluster: str, home: str) -> Iterator[Keeper]:
    """Who keeps an object, as it says itself; `home` is where Argo CD keeps its applications."""
    labels, notes = selecting.labels(found), selecting.notes(found)
    for group, (plural, word) in FLUX.items():
        name, space = labels.get(f"{group}/name"), labels.get(f"{group}/namespace")
        if name and space:
            yield Keeper(group, plural, cluster, space, name, f"Flux {word}")
    if "Argo CD" in owners.of(found, "template"):
        tracked = notes.get(TRACKED, "").partition(":")[0]
        named = tracked or labels.get(INSTANCE) or labels.get(PLAIN) or ""
        apart, _, name = named.rpartition("_")  # an application outside of Argo CD's own namespace
        where, _, space = home.rpartition("/")
        yield Keeper(
            ARGO, APPLICATIONS, where or cluster, apart or space, name, "Argo CD application"
        )


def of_argo_cd(found: Json) -> tuple[str, datetime | None] | None:
    """How an application's sync shows, and since when; None when none runs."""
    state = (found.get("status") or {}).get("operationState") or {}
    if state.get("phase") in BUSY:
        return f"its sync is {str(state['phase']).lower()}", _moment(state.get("startedAt"))
    return ("a sync was asked for", None) if found.get("operation") else None


def of_flux(found: Json) -> tuple[str, datetime | None] | None:
    """
    How a kustomization or release shows that it applies something new; None when it does not.

    Each looks after its objects every few minutes, and waits for their health, so one that is
    reconciling what it has applied before deploys nothing: the trouble itself may keep it waiting.
    """
    status, made = found.get("status") or {}, found["metadata"]
    if found["spec"].get("suspend"):
        return None
    if int(made.get("generation", 0)) > int(status.get("observedGeneration", 0)):
        return "a change of it is not taken up yet", None
    conditions = status.get("conditions") or ()
    on: Json = next((one for one in conditions if one.get("type") == "Reconciling"), {})
    if on.get("status") != "True" or _applied(status):
        return None
    return f"it is reconciling: {on.get('message', '')}", _moment(on.get("lastTransitionTime"))


def _applied(status: Json) -> bool:
    """Whether what it tries is what it applied last, and that went well."""
    tried, last = status.get("lastAttemptedRevision"), status.get("lastAppliedRevision")
    if not tried or last:
        return bool(tried) and tried == last
    newest: Json = next(iter(status.get("history") or ()), {})
    digest = newest.get("configDigest")
    same = digest == status.get("lastAttemptedConfigDigest", digest)
    return bool(newest.get("status") == "deployed" and newest.get("chartVersion") == tried and same)


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
