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
from tests.cluster.fake.plane import AnyPlane, a_fake
from tests.cluster.plane import CONTEXT, Plane
from tests.cluster.spaces import Space
from tests.cluster.wards import Ward, a_ward, visited

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


@pytest.fixture(scope="session")
def any_plane(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AnyPlane]:
    """The real one where there is one, else the fake, which is held against it elsewhere."""
    if os.environ.get(planes.RUNNING) or not planes.missing():
        yield request.getfixturevalue("plane")
        return
    with a_fake(tmp_path_factory.mktemp("fake")) as made:
        yield made


@pytest.fixture
def kubernetes(plane: Plane) -> KubernetesSettings:
    """The settings of a Heal that may do what its role allows."""
    return seen_by(plane, "heal")


def seen_by(plane: AnyPlane, user: str) -> KubernetesSettings:
    """The plane as one cluster, where every namespace of a test may be touched."""
    return KubernetesSettings(
        kubeconfig=str(plane.kubeconfig(user)), contexts=(CONTEXT,), namespaces=("*",)
    )


@asynccontextmanager
async def a_space(plane: AnyPlane) -> AsyncIterator[Space]:
    """A namespace of its own, written to as an administrator, where Heal has its role."""
    made = await opened(plane)
    yield made
    await made.close()


async def opened(plane: AnyPlane) -> Space:
    """One that somebody else closes."""
    made = Space(Cluster(CONTEXT, seen_by(plane, "admin")), f"t{os.getpid()}-{next(NUMBERS)}")
    await made.open()
    return made


@pytest.fixture
async def space(plane: Plane) -> AsyncIterator[Space]:
    async with a_space(plane) as made:
        yield made


@pytest.fixture(scope="session")
def wards(plane: Plane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """Two nodes more, so that closing and draining disturbs nobody who shares the plane."""
    # A plane that runs already may be another machine's: its nodes need the programs here.
    if why := planes.missing():
        pytest.skip(why)
    with a_ward(plane, tmp_path_factory.mktemp("ward")) as started:
        yield started


@pytest.fixture
async def ward(wards: Ward) -> AsyncIterator[Ward]:
    """Both nodes open, before the test and after it."""
    async with visited(wards) as made:
        yield made
