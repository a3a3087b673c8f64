"""No log line carries a secret, whichever way it came into it."""

from __future__ import annotations

import logging

from bot.telemetry.logs import Redacting


def line(message: str, *secrets: str) -> str:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, message, None, None)
    return Redacting(secrets).format(record)


def test_a_configured_secret_is_blacked_out() -> None:
    assert "hunter2hunter2" not in line("token hunter2hunter2 refused", "hunter2hunter2")


def test_a_likely_secret_is_blacked_out_unknown_as_it_is() -> None:
    assert "xoxb-123456789012" not in line("sent xoxb-123456789012 to Slack")


def test_a_traceback_is_covered_too() -> None:
    error = ValueError("password=abcdefgh")
    record = logging.LogRecord(
        "x", logging.ERROR, __file__, 1, "failed", None, (type(error), error, None)
    )

    assert "abcdefgh" not in Redacting(()).format(record)


def test_a_word_too_short_to_be_a_secret_is_left_alone() -> None:
    assert "heal is here" in line("heal is here", "heal")
