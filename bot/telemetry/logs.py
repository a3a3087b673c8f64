"""Logs on standard error, one line each, with every known or likely secret blacked out."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.core import redaction

SHORTEST = 6
"""A configured secret shorter than this would black out ordinary words."""

TOKEN_UNUSED = "`token` will be unused"  # noqa: S105 - a sentence
"""Bolt reads SLACK_BOT_TOKEN by itself and then warns that it has no use for it."""


class Redacting(logging.Formatter):
    """Formats first and redacts the whole, so that tracebacks are covered too."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = tuple(secret for secret in secrets if len(secret) >= SHORTEST)

    def format(self, record: logging.LogRecord) -> str:
        said = super().format(record)
        for secret in self._secrets:
            said = said.replace(secret, redaction.BLACK)
        return redaction.text(said)


def begin(level: str, secrets: Sequence[str]) -> None:
    """Log from now on; called once, by the command line."""
    channel = logging.StreamHandler()
    channel.setFormatter(Redacting(secrets))
    logging.basicConfig(level=level, handlers=[channel], force=True)
    for chatty in ("httpx", "httpcore", "apscheduler", "slack_bolt", "slack_sdk", "asyncssh"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    logging.getLogger("slack_bolt").addFilter(lambda said: TOKEN_UNUSED not in said.getMessage())
