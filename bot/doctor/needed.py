"""Needed: which rights the runbooks and detectors in use need, in which cluster and namespace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from bot.clients.kubernetes import own
from bot.clients.kubernetes.granting import Need, needs
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import IN_CLUSTER, KubernetesSettings
from bot.core import parameters, templates
from bot.core.catalogue import Service
from bot.core.clauses import Parameter
from bot.core.expressions import ExpressionError
from bot.core.library import Library
from bot.core.parameters import Fitted
from bot.core.runbook import Runbook
from bot.plugins import Room, Toolbox

ANYWHERE = "*"
"""A place that only an alert or a person names."""
OURS = "kubernetes."


@dataclass(frozen=True, order=True)
class Use:
    """One action or probe in one place, and what names it."""

    by: str
    called: str
    cluster: str
    namespace: str
    group: str = ""
    kind: str = ""


def rights(library: Library, toolbox: Toolbox, settings: KubernetesSettings) -> dict[Need, str]:
    """
    Every right that is needed, with the runbook or detector that needs it first.

    What an alert names may be any namespace that is allowed; those that a pattern allows are not
    known before, so grant what is printed for one of them to each.
    """
    found: dict[Need, str] = {}
    for use in sorted(uses(library)):
        wanted = _rights(toolbox, use)
        for cluster, space in _places(use, settings):
            for need in needs(wanted, cluster, space):
                found.setdefault(need, use.by)
    if settings.inside and settings.home:
        for need in needs(own.NEEDS, IN_CLUSTER, settings.home):
            found.setdefault(need, "recognising itself")
    return found


def uses(library: Library) -> set[Use]:
    """Every call of a cluster's actions and probes, for each service that it may be for."""
    found: set[Use] = set()
    for book in library.runbooks:
        for service in _services(library, book):
            names = _names(service, book.parameters)
            found.update(_used(f"runbook {book.runbook}", _calls(book), names))
    for lookout in library.lookouts.values():
        detector, of = lookout.detector, library.service(lookout.service, lookout.environment)
        called = [(one.probe, one.params) for one in detector.probes]
        found.update(_used(f"detector {detector.detector}", called, _names(of, {})))
    for service, call in library.checks:
        by = f"service {service.name} in {service.environment}"
        found.update(_used(by, [(call.probe, call.params)], _names(service, {})))
    return found


def _rights(toolbox: Toolbox, use: Use) -> list[Right]:
    """What it declares, and for an object of any kind to read it; an action to patch it too."""
    room: Room = "actions" if use.called in toolbox.names("actions") else "probes"
    blueprint = toolbox.blueprint(room, use.called)
    declared = list[Right](getattr(blueprint, "needs", ()))
    if use.kind and {"group", "kind"} <= {*blueprint.params.model_fields}:
        verbs = ("get", "patch") if room == "actions" else ("get",)
        declared.append(Right(use.group, _plural(use.kind), verbs))
    return declared


def _plural(kind: str) -> str:
    """
    Guess the resource of a kind by the rule that Kubernetes' own tools guess with.

    >>> _plural("NetworkPolicy"), _plural("Ingress"), _plural("Rollout")
    ('networkpolicies', 'ingresses', 'rollouts')
    """
    word = kind.lower()
    if word.endswith("s"):
        return f"{word}es"
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def _calls(book: Runbook) -> list[tuple[str, Mapping[str, JsonValue]]]:
    steps = [(step.do, step.params) for step in book.steps]
    return [*steps, *((one.probe, one.params) for one in book.probes)]


def _used(
    by: str, calls: Sequence[tuple[str, Mapping[str, JsonValue]]], names: Mapping[str, Any]
) -> Iterator[Use]:
    for called, given in calls:
        if called.startswith(OURS):
            cluster = _filled(given.get("cluster", ""), names)
            space = _filled(given.get("namespace", ""), names)
            group, kind = (_filled(given.get(one, ""), names) or "" for one in ("group", "kind"))
            if cluster is not None and space is not None:
                yield Use(by, called, cluster, space, group, kind)


def _services(library: Library, book: Runbook) -> list[Service]:
    places = {(one.service, one.environment) for one in book.approved_for}
    return [
        one
        for one in library.services
        if {(one.name, one.environment), ("*", one.environment)} & places
    ]


def _names(service: Service | None, given: Mapping[str, Parameter]) -> dict[str, Any]:
    """What a call may be filled with before there is an alert."""
    about = {"service": service.model_dump(mode="json") if service else {}}
    params: dict[str, JsonValue] = {}
    for name, parameter in given.items():
        fitted = parameters.fit({name: parameter}, {}, about)
        source = parameters.template(parameter)
        if isinstance(fitted, Fitted):
            params[name] = fitted.values[name]
        elif source is None or "alert" in source:
            params[name] = ANYWHERE
    return {**about, "params": params}


def _filled(value: JsonValue, names: Mapping[str, Any]) -> str | None:
    """The name of a place; None when the service lacks what the call is filled with."""
    try:
        return str(templates.render(value, names))
    except ExpressionError:
        return ANYWHERE if "alert" in str(value) else None


def _places(use: Use, settings: KubernetesSettings) -> Iterator[tuple[str, str]]:
    """The clusters and namespaces that are meant and allowed; the rest is refused as a plan."""
    known = settings.clusters
    one = known[0] if len(known) == 1 else ""
    meant = known if use.cluster == ANYWHERE else (use.cluster or one,)
    for cluster in meant:
        if cluster not in known:
            continue
        if not use.namespace:
            yield cluster, ""
        spaces = settings.listed(cluster) if use.namespace == ANYWHERE else (use.namespace,)
        for space in filter(None, spaces):
            if not settings.forbids(cluster, space):
                yield cluster, space
