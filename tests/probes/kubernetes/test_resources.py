"""`kubernetes.resources`: nobody measures the real plane, so a web server plays the metrics API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clients.kubernetes.settings import KubernetesSettings, OnWorkload
from bot.core.errors import PermanentError, TemporaryError
from bot.probes.kubernetes.resources import PLUGIN, Resources
from tests.clients import rigs
from tests.clients.kubernetes import kubeconfigs, metrics
from tests.clients.servers import Recorder, recorder
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space

API = OnWorkload(cluster="prod", namespace="shop", name="api")


@pytest.fixture
async def server() -> AsyncIterator[Recorder]:
    async with recorder() as made:
        yield made


@pytest.fixture
async def probe(tmp_path: Path, server: Recorder) -> AsyncIterator[Resources]:
    kubeconfig = kubeconfigs.write(tmp_path / "config", prod=server.url(""))
    settings = KubernetesSettings(kubeconfig=kubeconfig, contexts=("prod",), namespaces=("*",))
    async with rigs.rig() as rig:
        yield PLUGIN(settings, rig)


async def test_use_is_told_beside_what_is_requested_and_allowed(
    probe: Resources, server: Recorder
) -> None:
    room = {
        "requests": {"cpu": "500m", "memory": "256Mi"},
        "limits": {"cpu": "1", "memory": "512Mi"},
    }
    leaving = metrics.pod("api-9", **room)
    leaving["metadata"]["deletionTimestamp"] = "2026-11-21T10:00:00Z"
    metrics.keep(
        server,
        metrics.pod("api-1", **room),
        metrics.pod("api-2", **room),
        leaving,
        measured=(
            metrics.usage("api-1", "750000000n", "128Mi"),
            metrics.usage("api-2", "250m", "480Mi"),
            metrics.usage("api-9", "9", "9Gi"),
        ),
    )

    assert await probe.read(API) == {
        "pods": 2,
        "unmeasured": 0,
        "cpu": 1.0,
        "cpu_of_requests": 100.0,
        "cpu_of_limit": 75.0,
        "memory": 608 * 1024**2,
        "memory_of_requests": 118.8,
        "memory_of_limit": 93.8,
        "fullest": "api-2/api",
    }


async def test_what_nothing_is_requested_of_has_no_share(
    probe: Resources, server: Recorder
) -> None:
    pods = metrics.pod("api-1"), metrics.pod("api-2")
    metrics.keep(server, *pods, measured=(metrics.usage("api-1", "100m", "1Mi"),))

    found = await probe.read(API)

    assert (found["cpu"], found["cpu_of_requests"], found["memory_of_limit"]) == (0.1, None, None)
    assert (found["unmeasured"], found["fullest"]) == (1, "")


async def test_pods_that_nobody_has_measured_yet_are_worth_another_look(
    probe: Resources, server: Recorder
) -> None:
    metrics.keep(server, metrics.pod("api-1"), measured=())

    with pytest.raises(TemporaryError, match="nobody has measured deployment api in shop yet"):
        await probe.read(API)


async def test_a_cluster_without_metrics_says_what_to_do(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    """The real plane, which has none."""
    await space.deployment("api", 1)
    async with rigs.rig() as rig:
        probe = PLUGIN(kubernetes, rig)
        with pytest.raises(
            PermanentError, match=r"no data: cluster local .* install metrics-server"
        ):
            await probe.read(OnWorkload(cluster=CONTEXT, namespace=space.name, name="api"))
