"""Istio's kinds on the real API server, without Istio: what is kept there is what counts."""

from __future__ import annotations

from bot.clients.kubernetes.cluster import Cluster, Json
from tests.cluster import kinds
from tests.cluster.spaces import Space

GROUP, VERSION = "networking.istio.io", "v1beta1"
KINDS = ("VirtualService", "DestinationRule", "EnvoyFilter")


async def install(admin: Cluster) -> None:
    for kind in KINDS:
        await kinds.install(admin, GROUP, VERSION, kind)


async def make(space: Space, kind: str, name: str, spec: Json) -> Json:
    root = f"/apis/{GROUP}/{VERSION}/namespaces/{space.name}/{kind.lower()}s"
    made = {"apiVersion": f"{GROUP}/{VERSION}", "kind": kind, "metadata": {"name": name}}
    return await space.admin.post(root, {**made, "spec": spec})


async def virtual_service(space: Space, name: str, *, main: int, backup: int) -> Json:
    """Traffic to two places, by weight."""
    routes = [
        {"destination": {"host": f"{name}-main"}, "weight": main},
        {"destination": {"host": f"{name}-backup"}, "weight": backup},
    ]
    return await make(space, "VirtualService", name, {"hosts": [name], "http": [{"route": routes}]})
