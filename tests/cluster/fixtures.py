"""One control plane a test process, and a namespace of its own for each test."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.clients.kubernetes.cluster import Cluster
from bot.clients.kubernetes.settings import KubernetesSettings
from tests.cluster import plane as planes
from tests.cluster.plane import CONTEXT, Plane
from tests.cluster.spaces import Space

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """Three nodes; 15 seconds and 800 MB, so whatever asks for it runs in one process."""
    if running := os.environ.get(planes.RUNNING):
        yield Plane(Path(running))
        return
    if why := planes.missing():
        pytest.skip(why)
    with planes.a_plane(tmp_path_factory.mktemp("plane")) as started:
        yield started


@pytest.fixture
def kubernetes(plane: Plane) -> KubernetesSettings:
    """The settings of a Heal that may do what its role allows."""
    return seen_by(plane, "heal")


def seen_by(plane: Plane, user: str) -> KubernetesSettings:
    """The plane as one cluster, where every namespace of a test may be touched."""
    return KubernetesSettings(
        kubeconfig=str(plane.kubeconfig(user)), contexts=(CONTEXT,), namespaces=("*",)
    )


@asynccontextmanager
async def a_space(plane: Plane) -> AsyncIterator[Space]:
    """A namespace of its own, written to as an administrator, where Heal has its role."""
    made = Space(Cluster(CONTEXT, seen_by(plane, "admin")), f"t{os.getpid()}-{next(NUMBERS)}")
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def space(plane: Plane) -> AsyncIterator[Space]:
    async with a_space(plane) as made:
        yield made
