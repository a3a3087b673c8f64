"""The blast radius of a rollout: one line of numbers, and a note for all that could surprise."""

from __future__ import annotations

from collections.abc import Iterator

from bot.clients.kubernetes import around as about
from bot.clients.kubernetes import budgets, owners, rollouts, selecting
from bot.clients.kubernetes.owners import Part
from bot.clients.kubernetes.settings import OnWorkload
from bot.clients.kubernetes.surroundings import Surroundings
from bot.core.blast_radius import BlastRadius, Target


def of_rollout(which: OnWorkload, around: Surroundings) -> BlastRadius:
    """
    What replacing all pods of a workload touches, and how many are away at the worst moment.

    A plan is asked for again when any of it moves, so it says nothing that moves by itself while
    something is broken: how many pods are ready is for the probes to tell.
    """
    return BlastRadius(
        targets=(Target(key=which.key, name=f"{which.short} ({which.cluster})"),),
        unit="pod",
        touched=len(around.pods),
        down_at_once=rollouts.worst_loss(which.kind, around.workload, len(around.pods)),
        total=len(around.pods),
        notes=tuple(_notes(which, around, "template")),
        ready=sum(map(selecting.ready, around.pods)),
        headroom=min(map(budgets.headroom, around.budgets), default=None),
        deploying=around.deploying,
        seen=about.table(which, around, owners.of(around.workload, "template")),
    )


def of_scaling(which: OnWorkload, around: Surroundings, now: int, wanted: int) -> BlastRadius:
    """Pods that are added or taken away; those that stay are not touched."""
    return BlastRadius(
        targets=(Target(key=which.key, name=f"{which.short} ({which.cluster})"),),
        unit="pod",
        touched=abs(wanted - now),
        down_at_once=max(0, now - wanted),
        total=now,
        becomes=wanted,
        notes=(f"from {now} to {wanted}", *_notes(which, around, "replicas")),
        ready=sum(map(selecting.ready, around.pods)),
        headroom=min(map(budgets.headroom, around.budgets), default=None),
        deploying=around.deploying,
        seen=about.table(which, around, owners.of(around.workload, "replicas")),
    )


def _notes(which: OnWorkload, around: Surroundings, part: Part) -> Iterator[str]:
    if rollouts.desired(around.workload) == 1:
        yield "a single replica"
    state = rollouts.of(which.kind, around.workload)
    if not state.done:
        yield f"a rollout is {'failing' if state.failed else 'on its way'}"
    for one in around.budgets:
        yield f"budget {selecting.name(one)} limits evictions, but no rollout"
    for one in around.scalers:
        yield f"autoscaler {selecting.name(one)} sets its number of pods"
    if around.services:
        entry = f", reached through {', '.join(around.ingresses)}" if around.ingresses else ""
        yield f"behind service {', '.join(around.services)}{entry}"
    if around.claims:
        yield f"its data is in {about.named(around.claims)}"
    if keepers := owners.of(around.workload, part):
        yield f"kept by {' and '.join(keepers)}, which may put a change back"
    if around.unseen:
        yield f"Heal may not see its {', '.join(around.unseen)}"
