"""Any object by its kind: where the server keeps it, as the server itself tells."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.refusals import MissingError
from bot.clients.kubernetes.settings import Name, Namespace, OnCluster
from bot.core import spelling
from bot.core.errors import PermanentError

GROUP = r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)?$"
KIND = r"^[A-Z][A-Za-z0-9]{0,62}$"
VERSION = r"^(v[0-9][a-z0-9]{0,20})?$"


class OnAny(OnCluster):
    """Which object, of whatever kind."""

    group: str = Field(default="", pattern=GROUP, description="apps; empty for pods and the like")
    version: str = Field(
        default="",
        pattern=VERSION,
        description="v1beta1; the server's favourite unless set",
    )
    kind: str = Field(pattern=KIND, description="as in manifests: VirtualService")
    name: Name = Field(description="its name")

    @property
    def title(self) -> str:
        """
        For the lists of what may be changed.

        >>> OnAny(group="apps", kind="Deployment", name="api").title
        'apps/Deployment'
        """
        return f"{self.group}/{self.kind}"


class InNamespace(OnAny):
    """Which object of a namespace."""

    namespace: Namespace = Field(description="never guessed: a wrong one is a wrong target")


class Place(NamedTuple):
    """Where an object is, what people call it, and its one key for locks."""

    path: str
    short: str
    key: str


async def find(cluster: Cluster, which: OnAny, namespace: str | None) -> Place:
    """Two reads; PermanentError when the server has no such kind, or keeps it elsewhere."""
    root = await _root(cluster, which)
    resources = (await cluster.get(root)).get("resources") or ()
    every = {one["kind"]: one for one in resources if "/" not in one["name"]}
    if which.kind not in every:
        raise PermanentError(f"cluster {cluster.name}: kind {spelling.unknown(which.kind, every)}")
    found = every[which.kind]
    _refuse_wrong_place(which, found, namespace)
    inside = f"namespaces/{namespace}/" if namespace else ""
    kind = which.kind.lower()
    return Place(
        path=f"{root}/{inside}{found['name']}/{which.name}",
        short=f"{kind} {which.name}" + (f" in {namespace}" if namespace else ""),
        key=f"k8s:{cluster.name}/{namespace or ''}/{kind}/{which.name}",
    )


async def _root(cluster: Cluster, which: OnAny) -> str:
    if not which.group:
        return f"/api/{which.version or 'v1'}"
    if which.version:
        return f"/apis/{which.group}/{which.version}"
    try:
        liked = (await cluster.get(f"/apis/{which.group}"))["preferredVersion"]["version"]
    except MissingError:
        raise PermanentError(
            f"cluster {cluster.name} has no group {which.group}: what brings it is not installed"
        ) from None
    return f"/apis/{which.group}/{liked}"


def _refuse_wrong_place(which: OnAny, found: Json, namespace: str | None) -> None:
    if bool(found["namespaced"]) != bool(namespace):
        wanted = "is in a namespace: say which" if found["namespaced"] else "is in no namespace"
        raise PermanentError(f"{which.kind.lower()} {which.name} {wanted}")
