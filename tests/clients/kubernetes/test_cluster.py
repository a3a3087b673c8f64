"""The door to a cluster: lists in pages, and the account of the pod that Heal runs in."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.clients.kubernetes.cluster import PAGES, Cluster, Clusters
from bot.clients.kubernetes.settings import IN_CLUSTER, KubernetesSettings
from bot.core.errors import PermanentError
from tests.clients import servers
from tests.clients.kubernetes import kubeconfigs
from tests.cluster import inside
from tests.cluster.plane import Plane
from tests.cluster.spaces import Space

SERVICES = "/api/v1/namespaces/shop/services"


async def test_a_list_is_read_to_its_end_page_by_page(space: Space) -> None:
    root = f"/api/v1/namespaces/{space.name}/configmaps"
    for number in range(3):
        await space.admin.post(root, {"metadata": {"name": f"c{number}"}})

    found = await space.admin.every(root, {"limit": "2"})

    named = {one["metadata"]["name"] for one in found}
    assert {"c0", "c1", "c2"} <= named
    assert len(named) == len(found)


async def test_a_list_without_an_end_is_refused(tmp_path: Path) -> None:
    async with servers.recorder() as server:
        server.kept[SERVICES] = {"items": [{}], "metadata": {"continue": "more"}}
        file = kubeconfigs.write(tmp_path / "config", prod=server.url(""))
        settings = KubernetesSettings(kubeconfig=file, contexts=("prod",), namespaces=("shop",))
        with pytest.raises(PermanentError, match=r"cluster prod: read services in shop: more than"):
            await Cluster("prod", settings).every(SERVICES)

    assert len(server.seen) == PAGES


async def test_inside_a_cluster_the_mounted_account_is_all_it_takes(
    plane: Plane, space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside.mounted(plane, "heal", tmp_path, monkeypatch)
    clusters = Clusters(KubernetesSettings(account=str(tmp_path), namespaces=("*",)))

    found = await clusters.get("").every(f"/api/v1/namespaces/{space.name}/services")

    assert clusters.get("").name == IN_CLUSTER
    assert found == []
