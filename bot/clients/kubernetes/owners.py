"""Owners: who else keeps a workload as it is, and would put back what Heal changes: pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from bot.clients.kubernetes import selecting
from bot.clients.kubernetes.selecting import Object

Part = Literal["template", "replicas"]
"""What of a workload's spec is changed."""

MARKS = {
    "argocd.argoproj.io/": "Argo CD",
    "kustomize.toolkit.fluxcd.io/": "Flux",
    "helm.toolkit.fluxcd.io/": "Flux",
}
MANAGERS = {
    "argocd-controller": "Argo CD",
    "argocd-application-controller": "Argo CD",
    "kustomize-controller": "Flux",
    "helm-controller": "Flux",
    "helm": "Helm",
    "Terraform": "Terraform",
    "HashiCorp": "Terraform",
}
BY_HAND = frozenset({"heal", "kubectl"})
"""Who writes once and does not come back: a person, and ourselves."""


def of(workload: Object, part: Part) -> tuple[str, ...]:
    """Name each, in order: by labels and annotations, by its controller, by who wrote the part."""
    return tuple(sorted({*_marked(workload), *_controller(workload), *_writers(workload, part)}))


def _marked(workload: Object) -> Iterator[str]:
    labels = selecting.labels(workload)
    marks = (*labels, *selecting.notes(workload))
    for prefix, owner in MARKS.items():
        if any(mark.startswith(prefix) for mark in marks):
            yield owner
    if labels.get("app.kubernetes.io/managed-by") == "Helm":
        yield "Helm"


def _controller(workload: Object) -> Iterator[str]:
    """What made it and looks after it: the object of an operator."""
    for one in workload["metadata"].get("ownerReferences") or ():
        if one.get("controller"):
            yield f"the controller of {one.get('kind')} {one.get('name')}"


def _writers(workload: Object, part: Part) -> Iterator[str]:
    """Programs that apply this part again and again, as the server's own record says."""
    for one in workload["metadata"].get("managedFields") or ():
        manager, spec = str(one.get("manager", "")), (one.get("fieldsV1") or {}).get("f:spec") or {}
        if f"f:{part}" not in spec or manager in BY_HAND:
            continue
        if manager in MANAGERS:
            yield MANAGERS[manager]
        elif one.get("operation") == "Apply":
            yield manager
