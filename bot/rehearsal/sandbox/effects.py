"""The truth about what really happened: one line of JSON for each effect, added and never changed.

The services write it themselves, by a standard output that only ever appends to it; the supervisor
adds what it was asked. A reader may be any process.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot import ports


class Effects:
    """The open log; `descriptor` is what a child gets as its standard output."""

    def __init__(self, file: Path, clock: ports.Clock) -> None:
        self._file = file
        self._clock = clock
        self.descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self.descriptor)

    def write(self, unit: str, pid: int, what: str, value: object = None) -> None:
        """Add one line, in the same words as the services do."""
        at = round(self._clock.now().timestamp(), 3)
        line = {"at": at, "unit": unit, "pid": pid, "what": what, "value": value}
        os.write(self.descriptor, json.dumps(line).encode() + b"\n")


def read(file: Path) -> list[dict[str, Any]]:
    """Every effect since the beginning, oldest first."""
    return [json.loads(line) for line in file.read_text().splitlines()]
