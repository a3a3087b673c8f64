"""Kinds of KEDA and Argo Rollouts on the real API server; what their controllers do is played."""

from __future__ import annotations

import asyncio
import contextlib

from bot.clients.kubernetes.cluster import Cluster, Json
from bot.clients.kubernetes.refusals import MissingError, StaleError
from tests.cluster.spaces import Space

ROLLOUTS = ("argoproj.io", "v1alpha1", "Rollout")
SCALED_OBJECTS = ("keda.sh", "v1alpha1", "ScaledObject")
WITHIN = 120.0


async def install(admin: Cluster, group: str, version: str, kind: str) -> None:
    """As the real definitions do it: in namespaces, with a status of its own, without defaults."""
    plural = f"{kind.lower()}s"
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    made: Json = {
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": anything},
                    "subresources": {"status": {}},
                }
            ],
        },
    }
    with contextlib.suppress(StaleError):  # another test made it
        await admin.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", made)
    async with asyncio.timeout(WITHIN):
        while not await _served(admin, group, version, plural):
            await asyncio.sleep(0.2)


async def scaled_object(space: Space, name: str, spec: Json) -> Json:
    """A real one: an owner that is not there would be cleared away with all that it owns."""
    await install(space.admin, *SCALED_OBJECTS)
    group, version, kind = SCALED_OBJECTS
    made = {"apiVersion": f"{group}/{version}", "kind": kind, "metadata": {"name": name}}
    root = f"/apis/{group}/{version}/namespaces/{space.name}/scaledobjects"
    return await space.admin.post(root, {**made, "spec": spec})


async def _served(admin: Cluster, group: str, version: str, plural: str) -> bool:
    try:
        found = await admin.get(f"/apis/{group}/{version}")
    except MissingError:
        return False
    return plural in {one["name"] for one in found["resources"]}
