"""`kubernetes.endpoints`: how many addresses a service can send to, and which are not ready."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, NamedTuple

from pydantic import JsonValue

from bot.clients.kubernetes.cluster import Cluster, Clusters, Json
from bot.clients.kubernetes.groups import Groups
from bot.clients.kubernetes.named import OnEndpoints
from bot.clients.kubernetes.refusals import MissingError
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.rig import Rig
from bot.core.values import Facts

BY_SERVICE = "kubernetes.io/service-name"
MOST = 20
"""So many are named; all are counted."""


class Address(NamedTuple):
    """One that a service knows; `name` is its pod's, or else the address itself."""

    name: str
    ready: bool


class Endpoints:
    """
    Reads ready, not_ready, waiting and selects.

    `waiting` names those that are not ready, at most 20 of them; `selects` says that the service
    finds pods by labels. A service without any address has `ready` 0: nothing answers there.
    """

    config = KubernetesSettings
    params = OnEndpoints
    needs: ClassVar[tuple[Right, ...]] = (
        Right("", "services", ("get",)),
        Right("", "endpoints", ("get",)),
        Right("discovery.k8s.io", "endpointslices", ("list",)),
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._groups = Groups()

    async def read(self, params: OnEndpoints) -> Facts:
        cluster = self._clusters.get(params.cluster)
        root = f"/api/v1/namespaces/{params.namespace}"
        service = await cluster.get(f"{root}/services/{params.name}")
        found = await self._addresses(cluster, root, params)
        waiting: list[JsonValue] = [one.name for one in found if not one.ready]
        return {
            "ready": sum(one.ready for one in found),
            "not_ready": len(waiting),
            "waiting": waiting[:MOST],
            "selects": bool(service["spec"].get("selector")),
        }

    async def _addresses(
        self, cluster: Cluster, root: str, params: OnEndpoints
    ) -> tuple[Address, ...]:
        group = ("discovery.k8s.io", "endpointslices")
        if await self._groups.version(cluster, *group) is not None:
            path = await self._groups.root(cluster, *group, params.namespace)
            slices = await cluster.every(path, {"labelSelector": f"{BY_SERVICE}={params.name}"})
            return once(of_slices(slices))
        try:
            return once(of_endpoints(await cluster.get(f"{root}/endpoints/{params.name}")))
        except MissingError:
            return ()


def of_slices(slices: Iterable[Json]) -> Iterator[Address]:
    """Those of discovery.k8s.io; not to say whether it is ready means that it is."""
    for one in slices:
        for each in one.get("endpoints") or ():
            ready = (each.get("conditions") or {}).get("ready")
            yield Address(_name(each, each["addresses"][0]), ready is not False)


def of_endpoints(found: Json) -> Iterator[Address]:
    """Those of the older kind, which newer servers keep as well."""
    for subset in found.get("subsets") or ():
        for field, ready in (("addresses", True), ("notReadyAddresses", False)):
            for each in subset.get(field) or ():
                yield Address(_name(each, each["ip"]), ready)


def once(found: Iterable[Address]) -> tuple[Address, ...]:
    """
    Each pod once, in order: it has an address of each family, and one a port that is not ready.

    >>> once([Address("a", True), Address("a", False), Address("b", True)])
    (Address(name='a', ready=False), Address(name='b', ready=True))
    """
    ready: dict[str, bool] = {}
    for one in found:
        ready[one.name] = one.ready and ready.get(one.name, True)
    return tuple(Address(name, ready[name]) for name in sorted(ready))


def _name(each: Json, otherwise: object) -> str:
    return str((each.get("targetRef") or {}).get("name") or otherwise)


PLUGIN = Endpoints
