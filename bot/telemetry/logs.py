"""
Logs on standard error: for a program one JSON object a line, for a person the same as a sentence.

Whatever a line holds, nobody but Heal ends it or begins another: what would move a cursor, break
a line or turn it around is written out. Every secret is black before anything is put together.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from types import TracebackType
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.tracebacks import ExceptionDictTransformer

from bot.core import visible
from bot.telemetry import about
from bot.telemetry.secrecy import Secrecy

FIRST = ("timestamp", "level", "logger", "event")
"""What every line has, in this order; what it is about follows, then an exception."""
LAST = ("stack", "exception")
OURS = frozenset({"timestamp", "level"})
"""What no text of anybody gets into."""
FRAMES = 20
"""Calls of a traceback that are kept of each error."""

TOKEN_UNUSED = "`token` will be unused"  # noqa: S105 - a sentence
"""Bolt reads SLACK_BOT_TOKEN by itself and then warns that it has no use for it."""
CHATTY = ("httpx", "httpcore", "apscheduler", "slack_bolt", "slack_sdk", "asyncssh", "kubernetes",
          "urllib3", "aiohttp.access")  # fmt: skip
"""Others' loggers, of which only warnings are of use to an operator."""

_TURNING = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""What JSON need not escape, and a terminal or a viewer of logs obeys all the same."""

Fields = MutableMapping[str, Any]
log = logging.getLogger(__name__)


class Form(StrEnum):
    """Who reads it: a person, a program, or whoever standard error leads to."""

    TEXT = "text"
    JSON = "json"
    AUTO = "auto"


class LogSettings(BaseModel):
    """How is logged: `HEAL_LOG_…`; how much says HEAL_LOG_LEVEL, which the house reads."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: Form = Field(
        default=Form.AUTO,
        description="json: an object a line, for programs; text: for people; auto: text on a "
        "terminal, json everywhere else. See docs/logs.md",
    )


def begin(level: str, secrets: Sequence[str], form: Form = Form.AUTO) -> None:
    """Log from now on; called once, by the command line."""
    channel = _Channel()
    person = form is Form.TEXT or (form is Form.AUTO and sys.stderr.isatty())
    channel.setFormatter(formatter(secrets, Form.TEXT if person else Form.JSON))
    logging.basicConfig(level=level, handlers=[channel], force=True)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    logging.captureWarnings(capture=True)
    sys.excepthook = _last_words
    threading.excepthook = lambda told: _last_words(
        told.exc_type, told.exc_value or told.exc_type(), told.exc_traceback
    )
    logging.getLogger("slack_bolt").addFilter(lambda said: TOKEN_UNUSED not in said.getMessage())


class _Channel(logging.StreamHandler[Any]):
    """Standard error; a line that cannot be put together is said without what was in it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        kind = getattr(sys.exc_info()[0], "__name__", "an error")
        said = {"level": "error", "logger": __name__, "event": f"a line was lost: {kind}"}
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{json.dumps({**said, 'from': record.name})}\n")


def _last_words(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """What nobody caught is a line like any other: Python's own words would hold secrets."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("an error that nobody foresaw", exc_info=(kind, error, trace))


def formatter(secrets: Sequence[str], form: Form = Form.JSON) -> logging.Formatter:
    """Make the one through which every line goes, ours and those of the libraries."""
    secrecy = Secrecy(secrets)
    person = form is Form.TEXT
    return ProcessorFormatter(
        foreign_pre_chain=[_what_it_is_about, ExtraAdder()],
        processors=[
            _told,
            _Clean(secrecy, LAST if person else ()),
            _as_text if person else _as_json,
        ],
        use_get_message=True,
    )


def _what_it_is_about(_: object, __: str, fields: Fields) -> Fields:
    return {**about.known(), **fields}


def _told(_: object, __: str, fields: Fields) -> Fields:
    """Put first what every line has, by the record's own clock and not that of the writing."""
    record: logging.LogRecord = fields.pop("_record")
    fields.pop("_from_structlog", None)
    at = datetime.fromtimestamp(record.created, tz=UTC)
    event, stack = fields.pop("event"), fields.pop("stack_info", fields.pop("stack", None))
    exc_info = fields.pop("exc_info", None)
    return {
        "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": event,
        **{key: value for key, value in fields.items() if key not in (*FIRST, *LAST)},
        **({"stack": stack} if isinstance(stack, str) else {}),
        **({"exception": exc_info} if isinstance(exc_info, tuple) and exc_info[0] else {}),
    }


_traced = ExceptionDictTransformer(show_locals=False, max_frames=FRAMES, use_rich=False)


class _Clean:
    """Blacks out secrets in all fields; of those that are read as they are, line by line."""

    def __init__(self, secrecy: Secrecy, below: Sequence[str]) -> None:
        self._secrecy = secrecy
        self._below = below

    def __call__(self, _: object, __: str, fields: Fields) -> Fields:
        below = {name: fields.pop(name) for name in self._below if name in fields}
        if "exception" in fields:  # frame by frame, never the values of variables
            fields["exception"] = _traced(fields["exception"])
        if "exception" in below:
            below["exception"] = logging.Formatter().formatException(below["exception"])
        clean = {
            name: value
            if name in OURS
            else self._secrecy.whole(value)
            if name == "stack"
            else self._secrecy.value(value)
            for name, value in fields.items()
        }
        read = {name: self._secrecy.whole(text).splitlines() for name, text in below.items()}
        return {**clean, **read}


def _as_json(_: object, __: str, fields: Fields) -> str:
    line = json.dumps(dict(fields), ensure_ascii=False, separators=(", ", ": "))
    return _TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _as_text(_: object, __: str, fields: Fields) -> str:
    """One line; below it, if there is one, a traceback that cannot be taken for lines."""
    at, level, logger, event = (fields.pop(name) for name in FIRST)
    below = [*fields.pop("stack", ()), *fields.pop("exception", ())]
    rest = "".join(f" {visible.line(name)}={_valued(value)}" for name, value in fields.items())
    line = f"{at} {level.upper()} {visible.line(logger)}: {visible.line(event)}{rest}"
    return "\n    | ".join([line, *map(_indented, below)])


def _valued(value: object) -> str:
    told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    shown = visible.line(told)
    return json.dumps(shown, ensure_ascii=False) if not shown or " " in shown else shown


def _indented(line: str) -> str:
    told = line.lstrip(" ")
    return " " * (len(line) - len(told)) + visible.line(told)
