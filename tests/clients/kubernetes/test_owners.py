"""Who would put a change back: by labels, by controllers, by who wrote the part."""

from __future__ import annotations

from typing import Any

import pytest

from bot.clients.kubernetes import owners


def workload(**metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": "api", **metadata}, "spec": {}}


def wrote(manager: str, *fields: str, operation: str = "Update") -> dict[str, Any]:
    spec: dict[str, Any] = {f"f:{field}": {} for field in fields}
    return {"manager": manager, "operation": operation, "fieldsV1": {"f:spec": spec}}


@pytest.mark.parametrize(
    ("metadata", "owner"),
    [
        ({"annotations": {"argocd.argoproj.io/tracking-id": "x"}}, "Argo CD"),
        ({"labels": {"argocd.argoproj.io/instance": "x"}}, "Argo CD"),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "x"}}, "Flux"),
        ({"labels": {"helm.toolkit.fluxcd.io/name": "x"}}, "Flux"),
        ({"labels": {"app.kubernetes.io/managed-by": "Helm"}}, "Helm"),
        ({"managedFields": [wrote("helm", "template")]}, "Helm"),
        ({"managedFields": [wrote("Terraform", "template")]}, "Terraform"),
        ({"managedFields": [wrote("our-robot", "template", operation="Apply")]}, "our-robot"),
        (
            {"ownerReferences": [{"kind": "Prometheus", "name": "main", "controller": True}]},
            "the controller of Prometheus main",
        ),
    ],
)
def test_who_keeps_it_is_named(metadata: dict[str, Any], owner: str) -> None:
    assert owners.of(workload(**metadata), "template") == (owner,)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"labels": {"app.kubernetes.io/managed-by": "us"}, "annotations": {"a": "argocd"}},
        {"managedFields": [wrote("helm", "replicas"), wrote("our-robot", "template")]},
        {"managedFields": [wrote("kubectl", "template", operation="Apply")]},
        {"managedFields": [wrote("heal", "template", operation="Apply")]},
        {"ownerReferences": [{"kind": "Prometheus", "name": "main"}]},
        {"managedFields": [{"manager": "helm"}]},
    ],
)
def test_who_writes_once_or_another_part_keeps_nothing(metadata: dict[str, Any]) -> None:
    assert owners.of(workload(**metadata), "template") == ()


def test_the_number_of_pods_has_owners_of_its_own() -> None:
    made = workload(managedFields=[wrote("helm", "replicas"), wrote("Terraform", "template")])

    assert owners.of(made, "replicas") == ("Helm",)
    assert owners.of(made, "template") == ("Terraform",)
