"""Library: whether runbooks, policy and detectors load, and whether they name what is there."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

from bot.catalog import oddities, shelving
from bot.catalog.problems import CatalogError
from bot.core import facts
from bot.core.errors import ConfigurationError, StoreUnavailable
from bot.core.library import Library
from bot.core.runbook import Runbook
from bot.doctor.finding import Finding, failed, ok, refused, warning
from bot.doctor.patient import Patient
from bot.store.past import Past

KINDS = ("house.policy_taken", "house.policy_refused")
MOST = 20
"""Problems told one by one; the rest are counted."""


async def loads(patient: Patient) -> Sequence[Finding]:
    library = patient.library
    if isinstance(library, CatalogError):
        problems = library.problems
        told = [
            failed("runbooks", str(one), "mend that line: heal runbooks lint reads it again")
            for one in problems[:MOST]
        ]
        more = f"and {len(problems) - MOST} more"
        return [*told, failed("runbooks", more, "mend those first")] if problems[MOST:] else told
    if isinstance(library, ConfigurationError):
        return [refused("runbooks", library, "point HEAL_RUNBOOKS at your runbooks")]
    counted = f"{len(library.runbooks)} runbooks, {len(library.detectors)} detectors"
    if not library.runbooks:
        remedy = "write one: runbooks/README.md tells how"
        return [warning("runbooks", "there are none, so every incident is escalated", remedy)]
    sleeping = "; ".join(shelving.asleep(library))
    said = f"{counted} and the policy are valid"
    return [ok("runbooks", f"{said}; {sleeping}" if sleeping else said)]


async def places(patient: Patient) -> Sequence[Finding]:
    """Whether there is something that may be healed, and each runbook has somewhere to run."""
    library = patient.library
    if isinstance(library, ConfigurationError):
        return []
    name, remedy = "policy/services.yaml", "add it to policy/services.yaml"
    if not library.services:
        return [failed(name, "no service is named, so nothing is ever healed", remedy)]
    lost = [
        warning(f"runbook {book.runbook}", "no listed service is one that it is approved for",
                f"{remedy}, or widen the runbook's approved_for")
        for book in library.runbooks if not _has_a_place(library, book)
    ]  # fmt: skip
    return [*lost, ok(name, f"{len(library.services)} entries")]


async def meant(patient: Patient) -> Sequence[Finding]:
    """Whether the policy says what its owners can have meant."""
    library = patient.library
    if isinstance(library, ConfigurationError):
        return []
    found = oddities.of_policy(patient.settings.runbooks, library, patient.clock.now())
    remedy = "mend that line: heal policy lint reads it again"
    told = [(failed if one.grave else warning)("policy", str(one), remedy) for one in found[:MOST]]
    return told or [ok("policy", "no line of it is odd")]


async def in_force(patient: Patient) -> Sequence[Finding]:
    """Whether a running Heal has what lies on disk."""
    path = patient.settings.ledger
    if not path.is_file():
        return []
    try:
        with closing(Past(path)) as past:
            told = past.of_kinds(KINDS, past.head())
    except (sqlite3.Error, StoreUnavailable):
        return []  # the ledger's own check says what is wrong with it
    last = facts.read(told[-1].body) if told else None
    if not isinstance(last, facts.PolicyRefused):
        return []
    found = f"since {told[-1].at:%Y-%m-%d %H:%M} Heal keeps policy {last.keeps[:12]}: "
    remedy = "mend what is told; Heal reads it again by itself"
    return [failed("policy in force", found + "; ".join(last.problems), remedy)]


def _has_a_place(library: Library, book: Runbook) -> bool:
    """Whether one of its places is listed; `*` asks for any service of its environment."""
    known = {(one.name, one.environment) for one in library.services}
    known |= {("*", one.environment) for one in library.services}
    return any((one.service, one.environment) in known for one in book.approved_for)
