"""What the stories of a cluster share: the fake one, one namespace of it, and who may look in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from bot.clients.kubernetes import selecting
from bot.clients.kubernetes.cluster import Cluster
from bot.clients.kubernetes.settings import OnWorkload
from tests.cluster.fake.plane import FakePlane, a_fake
from tests.cluster.fixtures import seen_by
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space
from tests.stories import stage
from tests.stories.stage import Stage

PLACE = "production"
RULES = """
approvers: {low: {groups: [approvers]}, medium: {groups: [approvers]}, high: {groups: [approvers]}}
operators: {groups: [oncall]}
severities: {labels: [severity, urgency], words: {high: warning, P1: critical}}
"""
HERE = {"cluster": CONTEXT, "namespace": PLACE}


class Ground(NamedTuple):
    """The stage, the namespace `production`, and the cluster itself."""

    told: Stage
    space: Space
    plane: FakePlane

    async def pods(self) -> list[str]:
        listed = await self.space.admin.get(f"/api/v1/namespaces/{PLACE}/pods")
        return [selecting.name(one) for one in listed["items"]]

    async def replicas(self, name: str) -> int:
        which = OnWorkload(cluster=CONTEXT, namespace=PLACE, name=name)
        return int((await self.space.read(which))["spec"]["replicas"])

    async def says(self, *lines: str) -> None:
        """Let every pod have written this."""
        for pod in await self.pods():
            self.plane.server.logs[pod, False] = "\n".join(lines) + "\n"


@asynccontextmanager
async def opened(directory: Path, desk: str, **kubernetes: str) -> AsyncIterator[Ground]:
    directory.mkdir(exist_ok=True)
    with a_fake(directory) as plane:
        space = Space(Cluster(CONTEXT, seen_by(plane, "admin")), PLACE)
        await space.open()
        async with stage.opened(directory, desk) as told:
            told.scene.tell(
                kubernetes={
                    "kubeconfig": str(plane.kubeconfig("heal")),
                    "contexts": CONTEXT,
                    "namespaces": PLACE,
                    **kubernetes,
                }
            )
            yield Ground(told, space, plane)
