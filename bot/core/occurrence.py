"""Occurrences: when a trouble fired, carried on from one incident of it to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from bot.core import values
from bot.core.values import Frozen

MOST = 20
"""That many of a trouble are remembered: the newest."""


class Fired(Frozen):
    """One alert began to fire where none of its incident did; the moment is the ledger's."""

    alert: str
    at: AwareDatetime
    incident: str


def after(known: Sequence[Fired], fired: Fired) -> tuple[Fired, ...]:
    """Return what is remembered after one more."""
    return (*known, values.pare(fired, vars(fired)))[-MOST:]


def within(fired: Iterable[Fired], alert: str, now: datetime, span: timedelta) -> tuple[Fired, ...]:
    """Those of one alert in a window; one leaves it at the very instant that is `span` later."""
    return tuple(one for one in fired if one.alert == alert and now - one.at < span)
