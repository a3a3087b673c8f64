"""Heal knows itself in a cluster, by every way in which something there can be Heal's."""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.actions.kubernetes.patch import Patch
from bot.actions.kubernetes.patch_configmap import PatchConfigmap
from bot.clients.kubernetes import own
from bot.clients.kubernetes.cluster import Cluster
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.core.errors import PermanentError
from tests.clients import rigs, servers
from tests.clients.kubernetes import kubeconfigs
from tests.clients.servers import Recorder

OWN = "/api/v1/namespaces/heal/pods/heal-0"


def pod(name: str, namespace: str = "heal", **spec: Any) -> dict[str, Any]:
    labels = {"app": name.rpartition("-")[0]}
    return {"metadata": {"name": name, "namespace": namespace, "labels": labels}, "spec": spec}


def on_disk(claim: str) -> dict[str, Any]:
    return {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": claim}}]}


def workload(name: str, namespace: str = "heal") -> dict[str, Any]:
    selector = {"matchLabels": {"app": name}}
    spec = {"selector": selector, "template": {}}
    return {"metadata": {"name": name, "namespace": namespace}, "spec": spec}


HEAL = pod(
    "heal-0",
    nodeName="node-1",
    volumes=[
        {"name": "ledger", "persistentVolumeClaim": {"claimName": "ledger"}},
        {"name": "all", "projected": {"sources": [{"secret": {"name": "hosts"}}]}},
    ],
    containers=[
        {
            "name": "heal",
            "envFrom": [{"configMapRef": {"name": "settings"}}],
            "env": [{"name": "T", "valueFrom": {"secretKeyRef": {"name": "slack", "key": "t"}}}],
        }
    ],
)


@pytest.fixture
async def server() -> AsyncIterator[Recorder]:
    async with servers.recorder() as started:
        yield started


@pytest.fixture
def cluster(server: Recorder, tmp_path: Path) -> Cluster:
    """Heal runs there as pod heal-0, which it may read."""
    server.kept[OWN] = HEAL
    file = kubeconfigs.write(tmp_path / "config", prod=server.url(""))
    return Cluster("prod", told(file))


def told(file: str, **more: str) -> KubernetesSettings:
    inside = {"pod": "heal-0", "pod_namespace": "heal", "account": "/nonexistent"}
    return KubernetesSettings.model_validate(
        {"kubeconfig": file, "contexts": ("prod",), **inside, **more}
    )


@pytest.mark.parametrize(
    "other",
    [
        pod("backup-7", **on_disk("other")),
        pod("backup-7", "shop", **on_disk("ledger")),
        pod("heal-0", "shop"),
        pod("heal-01"),
    ],
)
async def test_what_only_has_a_like_name_is_somebody_elses(
    cluster: Cluster, other: dict[str, Any]
) -> None:
    await own.refuse_pods(cluster, "it", [pod("api-1"), other])


@pytest.mark.parametrize("other", [pod("heal-0"), pod("backup-7", **on_disk("ledger"))])
async def test_its_own_pod_and_whatever_has_its_disk(
    cluster: Cluster, other: dict[str, Any]
) -> None:
    with pytest.raises(PermanentError, match=f"it, {other['metadata']['name']}, runs Heal itself"):
        await own.refuse_pods(cluster, "it", [pod("api-1"), other])


async def test_its_own_workload_even_without_a_pod(cluster: Cluster) -> None:
    for other in (workload("api"), workload("heal", "shop")):
        await own.refuse_workload(cluster, "it", other, [])
    with pytest.raises(PermanentError, match="it runs Heal itself"):
        await own.refuse_workload(cluster, "it", workload("heal"), [])


async def test_the_node_under_it(cluster: Cluster) -> None:
    await own.refuse_node(cluster, "node-2", [pod("api-1", "shop")])
    for node, there in (("node-1", []), ("node-2", [HEAL])):
        with pytest.raises(PermanentError, match=f"node {node} runs Heal itself"):
            await own.refuse_node(cluster, node, there)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("configmap", "settings"),
        ("secret", "slack"),
        ("secret", "hosts"),
        ("persistentvolumeclaim", "ledger"),
    ],
)
async def test_what_it_is_configured_by_and_keeps_its_ledger_on(
    cluster: Cluster, kind: str, name: str
) -> None:
    await own.refuse_object(cluster, kind, "shop", name)
    await own.refuse_object(cluster, kind, "heal", "other")
    with pytest.raises(PermanentError, match=f"{kind} {name} in heal is Heal's own"):
        await own.refuse_object(cluster, kind, "heal", name)


@pytest.mark.parametrize(
    ("plugin", "given"),
    [
        (PatchConfigmap, {"name": "settings", "values": {"HEAL_LISTEN": "::"}}),
        (Patch, {"group": "apps", "kind": "Deployment", "name": "heal",
                 "values": {"/spec/minReadySeconds": 5}}),
    ],
)  # fmt: skip
async def test_heal_does_not_configure_itself(
    cluster: Cluster, server: Recorder, plugin: Any, given: dict[str, Any]
) -> None:
    root = "/apis/apps/v1"
    kinds = [{"name": "deployments", "kind": "Deployment", "namespaced": True}]
    server.kept |= {
        "/apis/apps": {"preferredVersion": {"version": "v1"}},
        root: {"resources": kinds},
        f"{root}/namespaces/heal/deployments/heal": workload("heal"),
    }
    own_settings = cluster.settings.model_copy(
        update={"namespaces": ("heal",), "patches": ("apps/Deployment:/spec/minReadySeconds",)}
    )
    async with rigs.rig() as rig:
        action = plugin(own_settings, rig)
        params = action.params.model_validate({"namespace": "heal", **given})
        with pytest.raises(PermanentError, match=r"is Heal's own|runs Heal itself"):
            await action.scope(params)


async def test_it_is_looked_for_once(cluster: Cluster, server: Recorder) -> None:
    for _ in range(3):
        await own.refuse_pods(cluster, "it", [])

    assert [one.path for one in server.seen] == [OWN]


async def test_a_cluster_that_does_not_have_it_or_hides_it_is_told_by_names(
    cluster: Cluster, server: Recorder
) -> None:
    del server.kept[OWN]

    await own.refuse_node(cluster, "node-1", [])
    with pytest.raises(PermanentError, match="runs Heal itself"):
        await own.refuse_pods(cluster, "it", [pod("heal-0")])


async def test_outside_of_any_pod_the_hosts_name_is_all_and_nothing_is_read(
    cluster: Cluster, server: Recorder
) -> None:
    file = cluster.settings.kubeconfig
    outside = Cluster("prod", told(file, pod="", pod_namespace=""))

    with pytest.raises(PermanentError, match="runs Heal itself"):
        await own.refuse_node(outside, platform.node(), [])
    with pytest.raises(PermanentError, match="runs Heal itself"):
        await own.refuse_pods(outside, "it", [pod(platform.node(), "shop")])
    assert server.seen == []


async def test_nothing_else_of_its_namespace_is_read(cluster: Cluster, server: Recorder) -> None:
    for path in ("/api/v1/namespaces/heal/pods", f"{OWN}/log"):
        with pytest.raises(PermanentError, match="may not touch namespace heal"):
            await cluster.get(path)
    with pytest.raises(PermanentError, match="may not touch namespace heal"):
        await cluster.patch(OWN, {})

    assert server.seen == []
