"""
`kubernetes.patch_configmap`: set keys of a config map and, when asked, restart who reads them.

Nothing that looks like a secret is set, and an immutable map is refused. The former values stand in
the plan, so the way back puts them there again, and restarts the same workload once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, cast

from pydantic import Field, StringConstraints

from bot.clients.kubernetes import (
    editing,
    own,
    pointers,
    radius,
    restarts,
    rollouts,
    secrecy,
    stuck,
    workloads,
    writing,
)
from bot.clients.kubernetes.cluster import Clusters, Json
from bot.clients.kubernetes.discovery import Place
from bot.clients.kubernetes.pointers import Held
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import (
    Kind,
    KubernetesSettings,
    Name,
    Namespace,
    OnCluster,
    OnWorkload,
)
from bot.clients.kubernetes.surroundings import Surveyors
from bot.clients.rig import Rig
from bot.core import spelling
from bot.core.blast_radius import BlastRadius, Target
from bot.core.errors import AlreadyThere, PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts, Frozen

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,253}$")]


class Reader(Frozen):
    """The workload that reads the map only when it starts."""

    kind: Kind = Field(default=Kind.DEPLOYMENT, description="deployment, statefulset or daemonset")
    name: Name = Field(description="its name")


class Mapped(OnCluster):
    """Which config map, and the values of its keys."""

    namespace: Namespace = Field(description="never guessed: a wrong one is a wrong target")
    name: Name = Field(description="the config map's name")
    values: dict[Key, str] = Field(
        min_length=1, max_length=20, description="keys and their new values, each as a text"
    )
    add: bool = Field(default=False, description="may add a key that is not there yet")
    restart: Reader | None = Field(
        default=None, description="the workload in the same namespace to restart afterwards"
    )

    @property
    def place(self) -> Place:
        return Place(
            path=f"/api/v1/namespaces/{self.namespace}/configmaps/{self.name}",
            short=f"configmap {self.name} in {self.namespace}",
            key=f"k8s:{self.cluster}/{self.namespace}/configmap/{self.name}",
        )

    @property
    def reader(self) -> OnWorkload | None:
        if self.restart is None:
            return None
        return OnWorkload(
            cluster=self.cluster,
            namespace=self.namespace,
            kind=self.restart.kind,
            name=self.restart.name,
        )


class PatchConfigmap:
    """Reversible: undo puts the former values back, and restarts again."""

    config = KubernetesSettings
    params = Mapped
    needs: ClassVar[tuple[Right, ...]] = (
        Right("", "configmaps", ("get", "patch")),
        *workloads.CHANGE,
        *stuck.NEEDS,
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._surveyors = Surveyors(self._clusters)
        self._clock = rig.clock

    def way_back(self, params: Mapped) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: Mapped) -> Scope:
        cluster, place = self._clusters.get(params.cluster), params.place
        await own.refuse_object(cluster, own.CONFIG, params.namespace, params.name)
        found = await cluster.get(place.path)
        now = _guard(params, found)
        edits: dict[str, Held] = {_pointer(key): [value] for key, value in params.values.items()}
        before = editing.pre_state(found, edits, state)
        touched = _radius(params, now)
        if (reader := params.reader) is not None:
            around = await self._surveyors.look(reader)
            workloads.refuse_unmoved(reader, around.workload)
            before["reader"] = restarts.but_for_restarts(around.workload)
            touched = _both(touched, radius.of_rollout(reader, around), stuck.notes(reader))
        also = f", then restart {reader.short}" if reader else ""
        where = f"in {place.short} ({params.cluster}){also}"
        scope = Scope(
            blast_radius=touched,
            pre_state=before,
            says=f"set {_words({key: [value] for key, value in params.values.items()})} {where}",
            undo_says=f"set {_words(now)} {where}",
        )
        if not pointers.changed(found, edits)[1]:
            raise AlreadyThere(f"{place.short} has these values already", scope)
        await editing.rehearse(cluster, place, found, edits)
        return scope

    async def execute(self, params: Mapped, before: Facts, mark: str = "") -> str:
        cluster = self._clusters.get(params.cluster)
        await editing.apply(cluster, params.place, before, mark, state)
        says = await self._restarted(params, cast("Facts", before.get("reader")), mark)
        return f"set {', '.join(params.values)} in {params.place.short}{says}"

    async def undo(self, params: Mapped, before: Facts, mark: str = "") -> str:
        """Who may have read the new values is restarted, and only once."""
        cluster, back = self._clusters.get(params.cluster), f"{mark}:undo"
        _, written = await editing.take_back(cluster, params.place, before, mark, state)
        said = f"{params.place.short} has its former values again"
        if params.reader is None:
            return said
        if not written and not writing.marked(await cluster.get(params.place.path), back):
            return said  # they never were there to be read
        now = restarts.but_for_restarts(await cluster.get(params.reader.path))
        return said + await self._restarted(params, now, back)

    async def landed(self, params: Mapped, before: Facts, mark: str = "") -> bool | None:
        """A map without its restart has not landed: what is missing can be done at any time."""
        cluster = self._clusters.get(params.cluster)
        landed = await editing.landed(cluster, params.place, before, mark, state)
        if not landed or params.reader is None:
            return landed
        return writing.marked(await cluster.get(params.reader.path), mark)

    async def _restarted(self, params: Mapped, before: Facts, mark: str) -> str:
        reader, cluster = params.reader, self._clusters.get(params.cluster)
        if reader is None:
            return ""
        stale = rollouts.failed_at(await cluster.get(reader.path))
        now, reads = self._clock.now(), restarts.but_for_restarts
        await restarts.restart(cluster, reader, before, mark, now, reads)
        await stuck.release(cluster, reader, self._clock)
        says = await writing.until_rolled_out(cluster, reader, self._clock, stale)
        return f", and restarted {reader.short}: {says}"


def state(found: Json) -> Facts:
    """The very map, and all that it says."""
    return {"uid": found["metadata"]["uid"], "content": writing.content(found)}


def _guard(params: Mapped, found: Json) -> dict[str, Held]:
    """What stands there now; PermanentError for all that Heal does not set."""
    if found.get("immutable"):
        raise PermanentError(f"{params.place.short} is immutable: make a new one under a new name")
    now = {key: pointers.read(found, _pointer(key)) for key in params.values}
    for key, held in now.items():
        secrecy.refuse_name(key)
        secrecy.refuse_value(key, held)
        secrecy.refuse_value(key, params.values[key])
        if key in (found.get("binaryData") or {}):
            raise PermanentError(f"key {key} of {params.place.short} is binary: Heal sets texts")
        if not held and not params.add:
            known = found.get("data") or {}
            raise PermanentError(
                f"{params.place.short}: key {spelling.unknown(key, known)}; say add: true when it "
                "may be added"
            )
    return now


def _radius(params: Mapped, now: Mapping[str, Held]) -> BlastRadius:
    place = params.place
    notes = [f"{key} {_shown(now[key])} → {_shown([new])}" for key, new in params.values.items()]
    if params.restart is None:
        notes.append("nobody is restarted: it counts once they read it again")
    return BlastRadius(
        targets=(Target(key=place.key, name=f"{place.short} ({params.cluster})"),),
        unit="value",
        touched=len(params.values),
        down_at_once=0,
        total=len(params.values),
        notes=tuple(notes),
    )


def _both(map_: BlastRadius, restart: BlastRadius, also: tuple[str, ...]) -> BlastRadius:
    """Pods are what is counted, and what of the map changes is told first."""
    notes = (*map_.notes, *restart.notes, *also)
    return restart.model_copy(update={"targets": map_.targets + restart.targets, "notes": notes})


def _pointer(key: str) -> str:
    return f"/data/{key}"


def _words(edits: Mapping[str, Held]) -> str:
    return ", ".join(f"{key}={_shown(held)}" for key, held in edits.items())


def _shown(held: Held) -> str:
    return secrecy.shown(held[0] if held else None)


PLUGIN = PatchConfigmap
