"""Stories of incidents, as far as each one got: what the golden cards are drawn from."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from bot.core.incident import Incident
from tests import builders
from tests.slack.cards import asks, runs
from tests.slack.cards.pieces import Story

STORIES: dict[str, Callable[[], Story]] = {
    told.__name__: told
    for told in (
        asks.looking, asks.diagnosed, asks.awaiting, asks.in_company, asks.passed_on, asks.behind,
        asks.waiting, asks.reminded, asks.reminded_alone,
        asks.awaiting_two, asks.recurring, asks.repeating, asks.proposed, asks.changed, asks.edited,
        asks.rebuilding, asks.approved, asks.permitted, asks.rejected, asks.expired, asks.withdrawn,
        asks.taken_out, asks.cleared_early, asks.cancelled, asks.halted, asks.paused,
        asks.unmatched, asks.denied,
        asks.already_healthy, asks.dry_run, asks.staged, asks.glass,
        asks.glass_broken, asks.undoing,
        runs.queued, runs.running, runs.in_increments, runs.between, runs.stepped, runs.not_stood,
        runs.verifying, runs.healed, runs.healed_for_now, runs.kept, runs.resolved,
        runs.taken_back, runs.for_review, runs.reviewed,
        runs.resolved_alone, runs.stopped_midway, runs.rolling_back, runs.rolled_back,
        runs.rollback_failed, runs.not_verified, runs.not_fixed, runs.reverting, runs.reverted,
    )
}  # fmt: skip


@cache
def incident(name: str) -> Incident:
    """The incident of a story; folded once, for it is a value."""
    return builders.an_incident(*STORIES[name]())
