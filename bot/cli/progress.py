"""Progress: a bar on a terminal, that leaves nothing behind; elsewhere one plain line."""

from __future__ import annotations

import sys
from typing import TextIO

WIDE = 30


class Progress:
    """Told of each thing that is done; writes to stderr, and seldom enough to cost nothing."""

    def __init__(self, what: str, total: int, stream: TextIO | None = None) -> None:
        self._what = what
        self._total = max(total, 1)
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._done = 0
        self._shown = -1
        if not self._live:
            print(f"{what}: {total}", file=self._stream, flush=True)

    def tick(self) -> None:
        self._done += 1
        percent = min(100, self._done * 100 // self._total)
        if self._live and percent != self._shown:
            self._shown = percent
            full = percent * WIDE // 100
            bar = "█" * full + "░" * (WIDE - full)
            self._stream.write(f"\r{self._what} {bar} {percent:3d} %")
            self._stream.flush()

    def end(self) -> None:
        """Take the bar away."""
        if self._live:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
