"""Access: a line for each request by method, path, status and time; never a query or a body."""

from __future__ import annotations

import logging
from collections import Counter

from aiohttp.abc import AbstractAccessLogger
from aiohttp.web import BaseRequest, StreamResponse

SLOW = 1.0
"""Seconds after which a good answer is worth a line as well."""
PER_MINUTE = 30
"""Lines of one status within a minute; of a flood the rest is counted."""
LONGEST = 200
"""Characters of a path."""
log = logging.getLogger(__name__)


class Access(AbstractAccessLogger):
    """What was answered well and quickly is a line at DEBUG only: alerts come by the thousand."""

    def log(self, request: BaseRequest, response: StreamResponse, time: float) -> None:
        """Write the line of one request, which took `time` seconds."""
        worth = response.status >= 400 or time >= SLOW
        level = logging.INFO if worth else logging.DEBUG
        if not log.isEnabledFor(level):
            return
        path, status = request.path[:LONGEST], response.status
        told = {"path": path, "status": status, "seconds": round(time, 4)}
        fields = {"method": request.method, **told}
        log.log(level, "%s %s: %d", request.method, path, status, extra=fields)


class Flood(logging.Filter):
    """Lets so many lines of a status pass in a minute; the next minute says how many it did not."""

    def __init__(self) -> None:
        super().__init__()
        self._minute = 0
        self._said: Counter[object] = Counter()
        self._left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno <= logging.DEBUG:
            return True
        if (minute := int(record.created // 60)) != self._minute:
            self._minute = minute
            self._said.clear()
            if self._left_out:
                record.left_out, self._left_out = self._left_out, 0
        status = getattr(record, "status", None)
        self._said[status] += 1
        if self._said[status] > PER_MINUTE:
            self._left_out += 1
            return False
        return True


log.addFilter(Flood())
