"""
`kubernetes.patch`: change single values of an object whose kind and path are allowed.

Shipped are the weights of an Istio VirtualService, the breaker of a DestinationRule, the bucket of
an EnvoyFilter, and annotations and labels of workloads; HEAL_KUBERNETES_PATCHES adds others. The
server checks the change before anybody is asked. The way back puts exactly the former values there
again and takes away what was not there, unless somebody else has changed the object meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field, JsonValue, StringConstraints, field_validator

from bot.clients.kubernetes import (
    allowing,
    discovery,
    editing,
    own,
    owners,
    pointers,
    secrecy,
    writing,
)
from bot.clients.kubernetes.cluster import Cluster, Clusters, Json
from bot.clients.kubernetes.discovery import InNamespace, Place
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.rig import Rig
from bot.core.blast_radius import BlastRadius, Target
from bot.core.errors import AlreadyThere
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts

Pointer = Annotated[str, StringConstraints(pattern=pointers.PATTERN, max_length=pointers.LONGEST)]


class Patched(InNamespace):
    """Which object, and what is to stand where."""

    values: dict[Pointer, JsonValue] = Field(
        min_length=1,
        max_length=20,
        description="JSON pointers and their values: /spec/http/0/route/0/weight; an entry of a "
        "list may be named, as [name=api]",
    )

    @field_validator("values")
    @classmethod
    def _apart(cls, values: dict[str, JsonValue]) -> dict[str, JsonValue]:
        for one in values:
            if any(other.startswith(f"{one}/") for other in values):
                raise ValueError(f"{one} holds another path of the list: say only one of them")
        return values


class Patch:
    """Reversible: undo puts exactly the former values back."""

    config = KubernetesSettings
    params = Patched
    needs: ClassVar[tuple[Right, ...]] = (
        Right(allowing.ISTIO, "virtualservices", ("get", "patch")),
        Right(allowing.ISTIO, "destinationrules", ("get", "patch")),
        Right(allowing.ISTIO, "envoyfilters", ("get", "patch")),
        Right("apps", "deployments", ("get", "patch")),
        Right("apps", "statefulsets", ("get", "patch")),
        Right("apps", "daemonsets", ("get", "patch")),
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._added = config.patches
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)

    def way_back(self, params: Patched) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: Patched) -> Scope:
        allowing.refuse(params.title, tuple(params.values), self._added)
        cluster = self._clusters.get(params.cluster)
        place = await discovery.find(cluster, params, params.namespace)
        found = await cluster.get(place.path)
        await own.refuse_object(cluster, params.kind.lower(), params.namespace, params.name)
        await own.refuse_workload(cluster, place.short, found, ())
        edits = {path: [value] for path, value in params.values.items()}
        before = editing.pre_state(found, edits, state)
        now = {path: pointers.read(found, path) for path in edits}
        for values in (now, edits):
            for path, held in values.items():
                secrecy.refuse_value(path, held)
        where = f"of {place.short} ({params.cluster})"
        scope = Scope(
            blast_radius=_radius(params, place, found, now),
            pre_state=before,
            says=f"set {_words(edits)} {where}",
            undo_says=f"set {_words(now)} {where}",
        )
        if not pointers.changed(found, edits)[1]:
            raise AlreadyThere(f"{_words(edits)} {where} stands there already", scope)
        await editing.rehearse(cluster, place, found, edits)
        return scope

    async def execute(self, params: Patched, before: Facts, mark: str = "") -> str:
        cluster, place = await self._place(params)
        await editing.apply(cluster, place, before, mark, state)
        return f"patched {place.short}: {_words({p: [v] for p, v in params.values.items()})}"

    async def undo(self, params: Patched, before: Facts, mark: str = "") -> str:
        cluster, place = await self._place(params)
        await editing.take_back(cluster, place, before, mark, state)
        return f"{place.short} has its former values again"

    async def landed(self, params: Patched, before: Facts, mark: str = "") -> bool | None:
        cluster, place = await self._place(params)
        return await editing.landed(cluster, place, before, mark, state)

    async def _place(self, params: Patched) -> tuple[Cluster, Place]:
        cluster = self._clusters.get(params.cluster)
        return cluster, await discovery.find(cluster, params, params.namespace)


def state(found: Json) -> Facts:
    """The very object, and all that it says."""
    return {"uid": found["metadata"]["uid"], "content": writing.content(found)}


def _radius(
    params: Patched, place: Place, found: Json, now: Mapping[str, pointers.Held]
) -> BlastRadius:
    kept = owners.of(found, "template")
    notes = [f"{path} {_shown(now[path])} → {_shown([to])}" for path, to in params.values.items()]
    notes += [f"kept by {' and '.join(kept)}, which may put a change back"] if kept else []
    return BlastRadius(
        targets=(Target(key=place.key, name=f"{place.short} ({params.cluster})"),),
        unit="value",
        touched=len(params.values),
        down_at_once=0,
        total=len(params.values),
        notes=tuple(notes),
    )


def _words(edits: Mapping[str, pointers.Held]) -> str:
    return ", ".join(f"{path}={_shown(held)}" for path, held in edits.items())


def _shown(held: pointers.Held) -> str:
    return secrecy.shown(held[0] if held else None)


PLUGIN = Patch
