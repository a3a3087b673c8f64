"""The report on a while of healing as JSON, for machines."""

from __future__ import annotations

from bot.core import chain
from bot.core.figures import Figures, Rate, Span, Tally
from bot.core.prospects import Report
from bot.core.values import Facts


def record(report: Report) -> Facts:
    """Make one object of it: counts, rates with what they are of, spans in seconds."""
    figures, prospects, _ = report
    return {
        "since": chain.stamp(figures.since),
        "until": chain.stamp(figures.until),
        "rates": {name: _rate(rate) for name, rate in rates(figures.all).items()},
        "counts": figures.all._asdict(),
        "seconds": {name: each._asdict() for name, each in spans(figures).items()},
        "runbooks": {name: one._asdict() for name, one in figures.runbooks.items()},
        "services": dict(figures.services),
        "unmatched": [
            {"alert": alert, "service": service, "incidents": count}
            for (alert, service), count in figures.unmatched.items()
        ],
        "automate": [one._asdict() for one in prospects.automate],
        "stop": [one._asdict() for one in prospects.stop],
        "note": prospects.note,
    }


def rates(of: Tally) -> dict[str, Rate]:
    """The three that are published, by their names."""
    return {"verified": of.success, "auto_resolved": of.auto, "false_actions": of.wrong}


def spans(figures: Figures) -> dict[str, Span]:
    """How long things took, by what they are called for machines."""
    return {
        "time_to_heal": figures.healed,
        "time_to_clear_without_heal": figures.cleared,
        "time_to_take_up": figures.taken_up,
        "time_to_decide": figures.waiting,
    }


def _rate(rate: Rate) -> Facts:
    percent = rate.percent
    return {
        "part": rate.part,
        "whole": rate.whole,
        "percent": None if percent is None else round(percent, 1),
    }
