"""Who keeps a workload is asked whether it syncs now: only it, and only when there is one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.actions.kubernetes.restart import PLUGIN
from bot.clients.kubernetes import syncing
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.core.deployment import Deployment, Stage
from tests.clients import rigs, servers
from tests.clients.kubernetes import kubeconfigs
from tests.clients.servers import Recorder

MOST = 10
"""Calls of the API server that a plan may cost."""
APPLICATION = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/shop"
KUSTOMIZE = "/apis/kustomize.toolkit.fluxcd.io/v1"
HELM = "/apis/helm.toolkit.fluxcd.io/v2"
FLUX = {
    "kustomize.toolkit.fluxcd.io/name": "shop",
    "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
}
RELEASE = {
    "helm.toolkit.fluxcd.io/name": "shop",
    "helm.toolkit.fluxcd.io/namespace": "shop",
}
RUNNING = {"phase": "Running", "startedAt": "2026-11-21T15:00:00Z"}
RECONCILING = [{"type": "Reconciling", "status": "True", "message": "Building manifests"}]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with servers.recorder() as there:
        kubeconfigs.fill(there, "u")
        yield there


async def deploying(
    server: Recorder, tmp_path: Path, *allowed: str, **labels: Any
) -> tuple[Deployment, ...]:
    """What a restart of deployment api says of it."""
    server.kept[kubeconfigs.API]["metadata"] |= labels
    path = kubeconfigs.write(tmp_path / "config", prod=server.url(""))
    settings = KubernetesSettings(
        kubeconfig=path, contexts=("prod",), namespaces=("shop", *allowed), account="/nonexistent"
    )
    async with rigs.rig() as rig:
        action = PLUGIN(settings, rig)
        scope = await action.scope(action.params(namespace="shop", name="api"))
    assert len(server.seen) <= MOST
    return scope.blast_radius.deploying


async def test_who_is_kept_by_nobody_costs_no_call_more(server: Recorder, tmp_path: Path) -> None:
    assert await deploying(server, tmp_path) == ()
    assert len(server.seen) == 4


@pytest.mark.parametrize(
    "marks",
    [
        {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/api"}},
        {"annotations": {"argocd.argoproj.io/tracking-id": "argocd_shop:apps/Deployment:shop/api"}},
        {"labels": {"argocd.argoproj.io/instance": "shop"}},
    ],
)
async def test_a_sync_of_argo_cd_is_seen_with_its_beginning(
    server: Recorder, tmp_path: Path, marks: dict[str, Any]
) -> None:
    server.kept[APPLICATION] = {"metadata": {}, "status": {"operationState": RUNNING}}

    (found,) = await deploying(server, tmp_path, "argocd", **marks)

    assert found.model_dump(mode="json") == {
        "what": "Argo CD application shop in argocd (prod)",
        "stage": "under way",
        "says": "its sync is running",
        "since": "2026-11-21T15:00:00Z",
        "ended_here": False,
    }


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
async def test_a_sync_that_ended_is_none(server: Recorder, tmp_path: Path, phase: str) -> None:
    server.kept[APPLICATION] = {"metadata": {}, "status": {"operationState": {"phase": phase}}}

    marks = {"argocd.argoproj.io/instance": "shop"}
    assert await deploying(server, tmp_path, "argocd", labels=marks) == ()


async def test_an_application_that_may_not_be_read_is_said_with_the_remedy(
    server: Recorder, tmp_path: Path
) -> None:
    (found,) = await deploying(server, tmp_path, labels={"argocd.argoproj.io/instance": "shop"})

    assert found.stage is Stage.UNREAD
    assert "list argocd or prod/argocd in HEAL_KUBERNETES_NAMESPACES" in found.says


async def test_argo_cd_that_leaves_no_name_is_said(server: Recorder, tmp_path: Path) -> None:
    marks = {"argocd.argoproj.io/sync-wave": "1"}

    (found,) = await deploying(server, tmp_path, "argocd", annotations=marks)

    assert (found.what, found.stage) == ("Argo CD application", Stage.UNREAD)


def flux(server: Recorder, root: str, place: str, status: dict[str, Any], **more: Any) -> None:
    plural = place.partition("/")[2].partition("/")[0]
    server.kept[root] = {"resources": [{"name": plural}]}
    server.kept[f"{root}/namespaces/{place}"] = {
        "metadata": {"generation": 1},
        "spec": more,
        "status": {"observedGeneration": 1, "conditions": RECONCILING, **status},
    }


async def test_a_kustomization_that_applies_something_new_is_seen(
    server: Recorder, tmp_path: Path
) -> None:
    new = {"lastAttemptedRevision": "main@sha1:b", "lastAppliedRevision": "main@sha1:a"}
    flux(server, KUSTOMIZE, "flux-system/kustomizations/shop", new)

    (found,) = await deploying(server, tmp_path, "flux-system", labels=FLUX)

    assert found.what == "Flux kustomization shop in flux-system (prod)"
    assert (found.stage, found.says) == (Stage.UNDERWAY, "it is reconciling: Building manifests")


async def test_a_kustomization_that_only_looks_after_what_it_applied_is_none(
    server: Recorder, tmp_path: Path
) -> None:
    same = {"lastAttemptedRevision": "main@sha1:a", "lastAppliedRevision": "main@sha1:a"}
    flux(server, KUSTOMIZE, "flux-system/kustomizations/shop", same)

    assert await deploying(server, tmp_path, "flux-system", labels=FLUX) == ()


async def test_one_that_is_suspended_deploys_nothing(server: Recorder, tmp_path: Path) -> None:
    flux(server, KUSTOMIZE, "flux-system/kustomizations/shop", {}, suspend=True)

    assert await deploying(server, tmp_path, "flux-system", labels=FLUX) == ()


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        ({"status": "pending-upgrade", "chartVersion": "2.0.0", "configDigest": "d"}, 1),
        ({"status": "deployed", "chartVersion": "1.9.0", "configDigest": "d"}, 1),
        ({"status": "deployed", "chartVersion": "2.0.0", "configDigest": "e"}, 1),
        ({"status": "deployed", "chartVersion": "2.0.0", "configDigest": "d"}, 0),
    ],
)
async def test_a_release_is_seen_until_its_newest_version_stands(
    server: Recorder, tmp_path: Path, newest: dict[str, str], expected: int
) -> None:
    tried = {"lastAttemptedRevision": "2.0.0", "lastAttemptedConfigDigest": "d"}
    flux(server, HELM, "shop/helmreleases/shop", {**tried, "history": [newest]})

    assert len(await deploying(server, tmp_path, labels=RELEASE)) == expected


def test_what_is_not_taken_up_yet_is_seen_without_any_condition() -> None:
    found = {"metadata": {"generation": 2}, "spec": {}, "status": {"observedGeneration": 1}}

    assert syncing.of_flux(found) == ("a change of it is not taken up yet", None)
