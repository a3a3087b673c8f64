"""An eviction speaks the version that the server has, and never means a pod made anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.clients.kubernetes import evicting
from bot.clients.kubernetes.cluster import Cluster
from bot.clients.kubernetes.refusals import BudgetsError
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.core.errors import PermanentError
from tests.clients import servers
from tests.clients.kubernetes import kubeconfigs
from tests.clients.servers import Recorder
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space

POD = {"metadata": {"name": "api-1", "namespace": "shop", "uid": "u-1"}}


def cluster(server: Recorder, directory: Path) -> Cluster:
    file = kubeconfigs.write(directory / "config", local=server.url(""))
    settings = KubernetesSettings(kubeconfig=file, contexts=("local",), namespaces=("shop",))
    return Cluster("local", settings)


def offers(server: Recorder, *resources: dict[str, Any]) -> None:
    server.kept["/api/v1"] = {"resources": [{"name": "pods", "version": "v1"}, *resources]}


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
async def test_the_version_is_the_one_that_the_server_has(tmp_path: Path, version: str) -> None:
    async with servers.recorder() as server:
        offers(server, {"name": "pods/eviction", "group": "policy", "version": version})
        asked = cluster(server, tmp_path)
        spoken = await evicting.version(asked)
        await evicting.evict(asked, POD, spoken, dry=True)

    body = json.loads(server.seen[-1].body)
    assert spoken == f"policy/{version}"
    assert (body["apiVersion"], body["kind"]) == (f"policy/{version}", "Eviction")
    assert body["deleteOptions"] == {"preconditions": {"uid": "u-1"}, "dryRun": ["All"]}


async def test_a_server_without_evictions_is_said_so(tmp_path: Path) -> None:
    async with servers.recorder() as server:
        offers(server)
        with pytest.raises(PermanentError, match="cluster local takes no evictions"):
            await evicting.version(cluster(server, tmp_path))


async def test_the_server_compares_the_uid_and_a_dry_run_changes_nothing(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    asked = Cluster(CONTEXT, kubernetes)
    spoken = await evicting.version(asked)
    old = await space.bare("api")
    assert await evicting.evict(asked, old, spoken, dry=True) is True
    assert await space.pods() == ["api"]
    await space.gone("api")
    assert await evicting.evict(asked, old, spoken) is False
    await space.bare("api")

    assert await evicting.evict(asked, old, spoken) is False

    assert await space.pods() == ["api"]


async def test_more_than_one_budget_is_told_apart_from_a_server_that_is_down(
    kubernetes: KubernetesSettings, space: Space
) -> None:
    pod = await space.bare("api")
    for name in ("one", "two"):
        await space.budget(name, 0)
    asked = Cluster(CONTEXT, kubernetes)

    with pytest.raises(BudgetsError, match="held by the budgets one and two"):
        await evicting.evict(asked, pod, await evicting.version(asked), dry=True)
