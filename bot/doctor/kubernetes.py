"""Kubernetes: whether each cluster lets Heal in, is quick, and allows what runbooks need."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from bot import ports
from bot.clients.kubernetes import granting, reviewing
from bot.clients.kubernetes.cluster import Cluster, Clusters
from bot.clients.kubernetes.granting import Need
from bot.clients.kubernetes.settings import ALLOWED, IN_CLUSTER, LISTED, KubernetesSettings
from bot.core.errors import ActionError, ConfigurationError
from bot.core.library import Library
from bot.doctor import needed
from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.needed import ANYWHERE, Use
from bot.doctor.patient import Patient
from bot.plugins import Toolbox

SLOW = 1.0
"""Seconds for the version: a plan makes about seven calls while people wait."""
ROLE = "heal-more"
"""A name of its own: applied under Heal's present one, it would take away what is there."""
REACH = "see whether its API server is up, and let this machine reach it"
APPLY = "have an administrator of the cluster apply this, or take the runbook out"


async def reached(patient: Patient) -> Sequence[Finding]:
    settings = patient.configured("kubernetes", KubernetesSettings)
    if settings is None or isinstance(patient.library, ConfigurationError):
        return []
    return await examined(patient.library, patient.toolbox, settings, patient.clock)


async def examined(
    library: Library, toolbox: Toolbox, settings: KubernetesSettings, clock: ports.Clock
) -> list[Finding]:
    """One finding a cluster, one for each right that is missing, and one for each wrong place."""
    try:
        wanted = needed.rights(library, toolbox, settings)
    except ConfigurationError:
        return []  # said with the plug-ins
    uses = sorted(needed.uses(library))
    clusters = Clusters(settings)
    every = [clusters.get(name) for name in settings.clusters]
    told = await asyncio.gather(*(_cluster(one, wanted, clock) for one in every))
    return [*_places(uses, settings), *await _twins(every), *chain.from_iterable(told)]


def _places(uses: Sequence[Use], settings: KubernetesSettings) -> Iterator[Finding]:
    """What would be refused before a cluster is even asked."""
    if not settings.clusters:
        if uses:
            remedy = f"list contexts of the kubeconfig in {LISTED}, or run Heal inside a cluster"
            yield failed("kubernetes", "runbooks act on a cluster, and none is set", remedy)
        return
    if not settings.namespaces:
        remedy = f"list what Heal may touch in {ALLOWED}: shop, or prod/shop"
        yield (failed if uses else warning)("kubernetes", "no namespace may be touched", remedy)
        return
    yield from dict.fromkeys(chain.from_iterable(_place(use, settings) for use in uses))


def _place(use: Use, settings: KubernetesSettings) -> Iterator[Finding]:
    if use.cluster == ANYWHERE:
        return
    try:
        cluster = settings.cluster(use.cluster)
    except ValueError as error:
        yield failed(use.by, str(error), f"mend the name of the cluster there, or {LISTED}")
        return
    named = use.namespace not in {"", ANYWHERE}
    if named and (why := settings.forbids(cluster, use.namespace)):
        found, _, remedy = why.rpartition(": ")
        yield failed(use.by, found, remedy)


async def _twins(every: Sequence[Cluster]) -> list[Finding]:
    """Contexts that lead to the very cluster that Heal runs in, seen by its own pod in it."""
    if not any(one.name == IN_CLUSTER for one in every):
        return []
    pods = await asyncio.gather(*(one.own_pod() for one in every), return_exceptions=True)
    uids = {
        one.name: pod["metadata"]["uid"]
        for one, pod in zip(every, pods, strict=True)
        if isinstance(pod, dict) and pod
    }
    here = uids.pop(IN_CLUSTER, None)
    found = "is the cluster that Heal runs in: what one name locks, the other would not"
    remedy = f"take it out of {LISTED}, and call it {IN_CLUSTER}"
    return [failed(f"cluster {name}", found, remedy) for name, uid in uids.items() if uid == here]


def _by_resource(missing: Sequence[Need], wanted: Mapping[Need, str]) -> Iterator[tuple[str, str]]:
    """The verbs on one resource in one sentence."""
    alike: dict[tuple[str, str, str], list[Need]] = defaultdict(list)
    for one in missing:
        alike[one.namespace, one.group, one.resource].append(one)
    for some in alike.values():
        verbs = ", ".join(one.verb for one in some)
        yield some[0]._replace(verb=verbs).says, wanted[some[0]]


async def _cluster(
    cluster: Cluster, wanted: Mapping[Need, str], clock: ports.Clock
) -> list[Finding]:
    name, mine = f"cluster {cluster.name}", [one for one in wanted if one.cluster == cluster.name]
    began = clock.monotonic()
    try:
        version = (await cluster.get("/version")).get("gitVersion", "?")
        took = clock.monotonic() - began
        missing = await reviewing.lacking(cluster, mine)
        user = await reviewing.who(cluster) if missing else ""
    except ActionError as error:
        found, _, remedy = str(error).rpartition("; ")
        return [failed(name, found or remedy, remedy if found else REACH)]
    findings = [failed(name, f"{says} is missing, for {by}", "grant it: the role is below")
                for says, by in _by_resource(missing, wanted)]  # fmt: skip
    if missing:
        found = f"{len(missing)} of {len(mine)} rights are missing"
        yaml = granting.manifests(missing, ROLE, user or granting.OURS)
        findings.append(failed(name, found, APPLY).model_copy(update={"apply": yaml}))
    if took > SLOW:
        remedy = "see what its API server or the way to it suffers from"
        findings.append(warning(name, f"took {took:.1f} s to tell its version", remedy))
    said = f"{version}, lets Heal in; allows the {len(mine)} rights that runbooks need"
    return findings or [ok(name, said)]
