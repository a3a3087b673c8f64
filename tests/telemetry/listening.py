"""What is logged while a test runs, as a program reads it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.telemetry import logs
from bot.telemetry.logs import Form


class Listening(logging.Handler):
    """Keeps every line."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logs.formatter([], Form.JSON))
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))

    def of(self, logger: str) -> list[dict[str, Any]]:
        return [one for one in self.lines if one["logger"] == logger]


@contextmanager
def listening(logger: str, level: int = logging.INFO) -> Iterator[Listening]:
    """Hear this logger and those below it."""
    heard, asked = Listening(), logging.getLogger(logger)
    before = asked.level
    asked.addHandler(heard)
    asked.setLevel(level)
    try:
        yield heard
    finally:
        asked.removeHandler(heard)
        asked.setLevel(before)
