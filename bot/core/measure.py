"""Measure: what an alert says that it measured, as values; its sender wrote it as text."""

from __future__ import annotations

import re
from enum import StrEnum

from bot.core import durations
from bot.core.alert import Alert
from bot.core.values import Facts, Frozen

_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(?:\.[0-9]{1,20})?(?:[eE][-+]?[0-9]{1,2})?")
_METRIC = re.compile(r"[A-Za-z_][A-Za-z0-9_:. -]{0,79}")
_UNIT = re.compile(r"[A-Za-zµ°%][A-Za-zµ°%/²³·_-]{0,15}")


class Trend(StrEnum):
    """Where a value is going."""

    RISING = "RISING"
    FALLING = "FALLING"
    STABLE = "STABLE"


class Measure(Frozen):
    """A value against its threshold; what the sender left out, or wrote unreadably, is empty."""

    metric: str = ""
    current_value: float
    threshold: float
    window: str = ""
    trend: Trend | None = None
    unit: str = ""

    @property
    def line(self) -> str:
        """
        Say it in one line.

        >>> Measure(current_value=2500, threshold=100, unit="ms", trend=Trend.RISING).line
        '2500 ms against 100 ms, rising'
        """
        unit = f" {self.unit}" if self.unit else ""
        trend = f", {self.trend.lower()}" if self.trend else ""
        window = durations.in_words(durations.parse(self.window)) if self.window else ""
        over = " over ".join(filter(None, (self.metric or ("the value" if window else ""), window)))
        values = f"{_short(self.current_value)}{unit} against {_short(self.threshold)}{unit}"
        return f"{values}{trend}{f' ({over})' if over else ''}"

    @property
    def fields(self) -> Facts:
        """The same for machines, under the names that the sender used."""
        return self.model_dump(mode="json")


def of(alert: Alert) -> Measure | None:
    """
    Read `current_value`, `threshold`, `metric`, `window`, `trend` and `unit` of an alert.

    Annotations go before labels, for values belong there. None without two numbers to compare.
    """
    said = {**alert.labels, **alert.annotations}
    value, threshold = _number(said.get("current_value")), _number(said.get("threshold"))
    if value is None or threshold is None:
        return None
    trend = said.get("trend", "").strip().upper()
    return Measure(
        metric=_fitting(_METRIC, said.get("metric")),
        current_value=value,
        threshold=threshold,
        window=_window(said.get("window", "").strip()),
        trend=Trend(trend) if trend in set(Trend) else None,
        unit=_fitting(_UNIT, said.get("unit")),
    )


def _number(text: str | None) -> float | None:
    written = (text or "").strip()
    return float(written) if _NUMBER.fullmatch(written) else None


def _fitting(pattern: re.Pattern[str], text: str | None) -> str:
    written = (text or "").strip()
    return written if pattern.fullmatch(written) else ""


def _window(text: str) -> str:
    try:
        durations.parse(text)
    except ValueError:
        return ""
    return text


def _short(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1 else f"{round(value, 2):.15g}"
