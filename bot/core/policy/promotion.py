"""Promotion: what the record of a runbook shows, and whether it has earned its next stage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import AwareDatetime

from bot.core import durations
from bot.core.clauses import ANY
from bot.core.library import Library
from bot.core.policy.sections import Promotion, Stage
from bot.core.policy.verdict import Ruling
from bot.core.values import Frozen


class Seen(NamedTuple):
    """One incident as it counts here: a plan that was shown, asked about, run; None = did not."""

    at: datetime
    runbook: str
    service: str
    environment: str
    would: Ruling | None = None
    """How the plan of stage dry_run would have been decided."""
    approved: bool | None = None
    """What people said; a yes in advance is no such word."""
    ran_at: datetime | None = None
    ended: bool = False
    """Whether its run was verified, or is over without that."""
    verified: bool = False
    relapsed_at: datetime | None = None


class Record(Frozen):
    """The sums of what was seen."""

    shown: int = 0
    would_allow: int = 0
    would_ask: int = 0
    would_deny: int = 0
    approved: int = 0
    rejected: int = 0
    attempted: int = 0
    verified: int = 0
    relapses: int = 0
    first_run: AwareDatetime | None = None
    last_relapse: AwareDatetime | None = None

    @property
    def verified_percent(self) -> float | None:
        """Of the runs that ended; None when none did."""
        return 100.0 * self.verified / self.attempted if self.attempted else None


class Criterion(Frozen):
    """One demand of the policy, by its key, with what the record has."""

    key: str
    wanted: str
    has: str
    met: bool


class Rung(Frozen):
    """Where a runbook stands in some places, since when, and what it has earned there."""

    runbook: str
    stage: Stage
    since: AwareDatetime | None
    places: tuple[str, ...]
    record: Record
    criteria: tuple[Criterion, ...]

    @property
    def earned(self) -> bool:
        """Whether the next stage is earned; in auto, whether it still would be."""
        return all(one.met for one in self.criteria)


def rungs(library: Library, seen: Iterable[Seen], now: datetime) -> list[Rung]:
    """Say of each runbook where it stands; places of one stage and one beginning are one rung."""
    known: dict[tuple[str, str, str], list[Seen]] = {}
    for one in seen:
        known.setdefault((one.runbook, one.service, one.environment), []).append(one)
    made = []
    for book in library.runbooks:
        grouped: dict[tuple[Stage, datetime | None], list[tuple[str, str]]] = {}
        for place in dict.fromkeys(_places(library, book.runbook)):
            stands = library.rulebook.stages.of(book.runbook, *place, now)
            grouped.setdefault(stands, []).append(place)
        for (stage, since), places in grouped.items():
            own = [one for place in places for one in known.get((book.runbook, *place), ())]
            record = total(one for one in own if since is None or one.at >= since)
            made.append(
                Rung(
                    runbook=book.runbook,
                    stage=stage,
                    since=since,
                    places=tuple(f"{service}@{environment}" for service, environment in places),
                    record=record,
                    criteria=tuple(criteria(library.rulebook.promotion, stage, record, now)),
                )
            )
    return made


def _places(library: Library, runbook: str) -> Iterator[tuple[str, str]]:
    """Every service and environment of the catalogue where its owner allows it."""
    book = library.runbook(runbook)
    for entry in book.approved_for if book else ():
        for service in library.services:
            if service.environment == entry.environment and entry.service in {ANY, service.name}:
                yield service.name, service.environment


def total(seen: Iterable[Seen]) -> Record:
    """Add them up."""
    all_ = list(seen)
    shown = [one.would for one in all_ if one.would is not None]
    ran = [one for one in all_ if one.ran_at is not None and one.ended]
    return Record(
        shown=len(shown),
        would_allow=shown.count(Ruling.ALLOW),
        would_ask=shown.count(Ruling.ASK),
        would_deny=shown.count(Ruling.DENY),
        approved=sum(one.approved is True for one in all_),
        rejected=sum(one.approved is False for one in all_),
        attempted=len(ran),
        verified=sum(one.verified for one in ran),
        relapses=sum(one.relapsed_at is not None for one in all_),
        first_run=min((one.ran_at for one in ran if one.ran_at), default=None),
        last_relapse=max((one.relapsed_at for one in all_ if one.relapsed_at), default=None),
    )


def criteria(
    promotion: Promotion, stage: Stage, record: Record, now: datetime
) -> Iterator[Criterion]:
    """What the next stage takes, each demand by itself; for auto, what it took."""
    if stage is Stage.DRY_RUN:
        yield _least("dry_runs", promotion.dry_runs, record.shown)
        return
    if stage is Stage.ASK:
        yield _least("asked", promotion.asked, record.approved)
    percent = record.verified_percent
    yield Criterion(
        key="verified_percent",
        wanted=f"{promotion.verified_percent:g} %",
        has=f"{record.verified} of {record.attempted}"
        + (f", {percent:.1f} %" if percent is not None else ""),
        met=percent is not None and percent >= promotion.verified_percent,
    )
    quiet = record.last_relapse or record.first_run
    yield Criterion(
        key="no_relapse_for",
        wanted=durations.in_words(promotion.no_relapse_for),
        has=_quiet(record, now),
        met=quiet is not None and now - quiet >= promotion.no_relapse_for,
    )


def _least(key: str, wanted: int, has: int) -> Criterion:
    return Criterion(key=key, wanted=str(wanted), has=str(has), met=has >= wanted)


def _quiet(record: Record, now: datetime) -> str:
    if record.last_relapse is not None:
        return f"{(now - record.last_relapse).days} d since the last relapse"
    if record.first_run is not None:
        return f"{(now - record.first_run).days} d since the first run, no relapse"
    return "no run yet"


def said(rung: Rung) -> Sequence[str]:
    """The record in a few words, what is met and what is missing: for lists."""
    record = rung.record
    would = f"run {record.would_allow}, asked {record.would_ask}, refused {record.would_deny}"
    ran = f"verified {record.verified} of {record.attempted}, relapses {record.relapses}"
    yes = f"approved {record.approved}, rejected {record.rejected}"
    return (
        f"shown {record.shown} (would have {would}); {yes}; {ran}",
        *(f"{'met' if one.met else 'missing'}: {one.key} {one.wanted} ({one.has})"
          for one in rung.criteria),
    )  # fmt: skip
