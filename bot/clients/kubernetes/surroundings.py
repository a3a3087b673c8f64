"""
Surroundings: what stands around a workload now, read all at once.

What Heal may not read is named instead of left out, and what is too much to look through is
refused: a smaller blast radius than the true one would be a lie. The newest version of each group
that the server has is asked, found once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.clients.kubernetes import own, selecting
from bot.clients.kubernetes.cluster import Cluster, Clusters, Json
from bot.clients.kubernetes.refusals import ForbiddenError, MissingError
from bot.clients.kubernetes.settings import OnWorkload
from bot.clients.kubernetes.syncing import Syncs
from bot.core.deployment import Deployment

VERSIONS = {
    "policy": ("v1", "v1beta1"),
    "autoscaling": ("v2", "v2beta2", "v1"),
    "networking.k8s.io": ("v1", "v1beta1"),
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A workload and the objects of its namespace that meet it; `unseen` names what was hidden."""

    workload: Json
    pods: tuple[Json, ...]
    budgets: tuple[Json, ...] = ()
    scalers: tuple[Json, ...] = ()
    services: tuple[str, ...] = ()
    ingresses: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    unseen: tuple[str, ...] = field(default=())
    deploying: tuple[Deployment, ...] = ()


class Surveyor:
    """Reads surroundings; remembers which versions a cluster speaks."""

    def __init__(self, cluster: Cluster, syncs: Syncs) -> None:
        self._cluster = cluster
        self._syncs = syncs
        self._spoken: dict[str, str] | None = None

    async def look(self, which: OnWorkload) -> Surroundings:
        """
        Six or seven reads, in parallel after the first; raises what the first one raises.

        One or two more for who keeps the workload as it is, if anybody does.
        """
        workload, spoken = await asyncio.gather(self._cluster.get(which.path), self._versions())
        space = which.namespace
        selector = selecting.query(workload["spec"].get("selector") or {})
        unseen: list[str] = []
        pods, budgets, scalers, services, ingresses, deploying = await asyncio.gather(
            self._cluster.every(f"/api/v1/namespaces/{space}/pods", {"labelSelector": selector}),
            self._list("policy", spoken, space, "poddisruptionbudgets", unseen),
            self._list("autoscaling", spoken, space, "horizontalpodautoscalers", unseen),
            self._list("", spoken, space, "services", unseen),
            self._list("networking.k8s.io", spoken, space, "ingresses", unseen),
            self._syncs.of_workload(which, workload),
        )
        labels = selecting.labels(workload["spec"]["template"])
        behind = tuple(
            selecting.name(one)
            for one in services
            if (chosen := one["spec"].get("selector"))
            and selecting.matches({"matchLabels": chosen}, labels)
        )
        return Surroundings(
            workload=workload,
            pods=tuple(pod for pod in pods if not selecting.leaving(pod)),
            budgets=tuple(
                one for one in budgets if selecting.matches(one["spec"].get("selector"), labels)
            ),
            scalers=tuple(one for one in scalers if _scales(one, which)),
            services=behind,
            ingresses=tuple(
                selecting.name(one) for one in ingresses if _backends(one) & frozenset(behind)
            ),
            claims=tuple(_claims(workload["spec"])),
            unseen=tuple(sorted(unseen)),
            deploying=deploying,
        )

    async def _versions(self) -> dict[str, str]:
        if self._spoken is None:
            groups = (await self._cluster.get("/apis")).get("groups") or ()
            offered = {one["name"]: [each["version"] for each in one["versions"]] for one in groups}
            self._spoken = {
                group: next(version for version in liked if version in offered[group])
                for group, liked in VERSIONS.items()
                if set(liked) & set(offered.get(group, ()))
            }
        return self._spoken

    async def _list(
        self, group: str, spoken: dict[str, str], space: str, plural: str, unseen: list[str]
    ) -> list[Json]:
        if group and group not in spoken:
            return []  # the server has no such thing, so there is none
        root = f"/apis/{group}/{spoken[group]}" if group else "/api/v1"
        try:
            return await self._cluster.every(f"{root}/namespaces/{space}/{plural}")
        except (ForbiddenError, MissingError):
            unseen.append(plural)
            return []


class Surveyors:
    """One for each cluster; refuses what runs Heal itself."""

    def __init__(self, clusters: Clusters) -> None:
        self._clusters = clusters
        self._syncs = Syncs(clusters)
        self._known: dict[str, Surveyor] = {}

    async def look(self, which: OnWorkload) -> Surroundings:
        cluster = self._clusters.get(which.cluster)
        surveyor = self._known.setdefault(which.cluster, Surveyor(cluster, self._syncs))
        around = await surveyor.look(which)
        await own.refuse_workload(cluster, which.short, around.workload, around.pods)
        return around


def _scales(scaler: Json, which: OnWorkload) -> bool:
    target = scaler["spec"].get("scaleTargetRef") or {}
    return (str(target.get("kind", "")).lower(), target.get("name")) == (which.kind, which.name)


def _claims(spec: Json) -> Iterator[str]:
    """The disks that outlive its pods: those they share, and the template of each pod's own."""
    for volume in spec["template"]["spec"].get("volumes") or ():
        if claim := volume.get("persistentVolumeClaim"):
            yield f"claim {claim['claimName']}"
    for one in spec.get("volumeClaimTemplates") or ():
        yield f"a claim {selecting.name(one)} each"


def _backends(ingress: Json) -> frozenset[str]:
    """The services behind an ingress, in the words of v1 and of v1beta1."""
    spec = ingress.get("spec") or {}
    backends: list[Any] = [spec.get("defaultBackend"), spec.get("backend")]
    for rule in spec.get("rules") or ():
        backends += [path.get("backend") for path in (rule.get("http") or {}).get("paths") or ()]
    return frozenset(
        str((one.get("service") or {}).get("name") or one.get("serviceName"))
        for one in backends
        if one
    )
