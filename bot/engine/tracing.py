"""Tracing: what is read again and again while success is watched, few enough points to keep."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core import graph
from bot.core.facts import Reading
from bot.core.plan import Criteria
from bot.core.values import Facts

MOST = 60
"""Points of one field: then every second one is dropped, and from there on every second kept."""
Points = tuple[tuple[float, float | None], ...]


class Trace:
    """The course of the numbers that criteria name."""

    def __init__(self, criteria: Criteria, names: Facts) -> None:
        bounds = graph.bounds(criteria.success, names)
        self._fields = {f"{one.probe}.{one.field}": one for one in bounds}
        self._points: dict[str, list[tuple[float, float | None]]] = {
            key: [] for key in self._fields
        }
        self._seen, self._every = 0, 1

    def note(self, after: float, readings: Sequence[Reading]) -> None:
        """Take down what was read so many seconds after it began."""
        self._seen += 1
        if not self._fields or (self._seen - 1) % self._every:
            return
        known = {one.name: one for one in readings}
        for key, bound in self._fields.items():
            one = known.get(bound.probe)
            value = None if one is None or one.error else graph.number(one.seen.get(bound.field))
            self._points[key].append((round(after, 3), value))
        if any(len(points) > MOST for points in self._points.values()):
            self._points = {key: points[::2] for key, points in self._points.items()}
            self._every *= 2

    @property
    def series(self) -> dict[str, Points]:
        """What to keep; nothing of a single look, which the readings tell whole."""
        return {key: tuple(held) for key, held in self._points.items() if self._seen > 1}
