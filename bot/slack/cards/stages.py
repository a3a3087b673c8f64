"""Where each runbook stands, and what its record says of the next stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.core.policy import promotion
from bot.core.policy.promotion import Rung
from bot.core.policy.sections import Stage
from bot.slack.cards import message, parts, words
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Message

NEXT = {Stage.DRY_RUN: Stage.ASK, Stage.ASK: Stage.AUTO}
MOST_PLACES = 4


def stages(rungs: Sequence[Rung]) -> Message:
    """Each runbook on a few lines; Heal says what is earned, and a person edits the policy."""
    lines = [line for rung in rungs for line in _lines(rung)]
    return message.of("Stages", [
        *parts.sections("Stages of the runbooks", lines or ["None is loaded."], 11_000),
        parts.context("Nothing moves by itself: `stages` of the policy is edited and reviewed"),
    ])  # fmt: skip


def _lines(rung: Rung) -> Iterator[str]:
    since = f" since {words.moment(rung.since)}" if rung.since else ""
    more = len(rung.places) - MOST_PLACES
    places = escape(", ".join(rung.places[:MOST_PLACES]), 300)
    others = f" and {more} more" if more > 0 else ""
    yield f"{code(rung.runbook, 80)} *{rung.stage}*{since} · {places}{others}{_earned(rung)}"
    yield from (f"      {escape(one, 200)}" for one in promotion.said(rung))


def _earned(rung: Rung) -> str:
    after = NEXT.get(rung.stage)
    if after is None:
        return ""
    return f" · ✅ *{after} is earned*" if rung.earned else f" · {after} is not earned yet"
