"""Every line is one line, says whose it is, and carries no secret, however it came into it."""

from __future__ import annotations

import base64
import json
import logging
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telemetry import logs
from bot.telemetry.about import about
from bot.telemetry.logs import Form
from tests.rules import house

SECRET = 'hunter2/"hunter2"+ü'
Raised = tuple[type[BaseException], BaseException, TracebackType | None]


def record(
    message: str, *given: object, more: Mapping[str, object] = {}, error: Exception | None = None
) -> logging.LogRecord:
    raised: Raised | None = (type(error), error, error.__traceback__) if error else None
    return logging.getLogger("x").makeRecord(
        "bot.x", logging.INFO, __file__, 1, message, given, raised, extra=more
    )


def line(
    message: str,
    *secrets: str,
    form: Form = Form.TEXT,
    error: Exception | None = None,
    **more: object,
) -> str:
    return logs.formatter(secrets, form).format(record(message, more=more, error=error))


def told(message: str, error: Exception | None = None, **more: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line(message, form=Form.JSON, error=error, **more))
    return found


def failed(why: str) -> Exception:
    """An error as it is caught, with the one that caused it."""
    with pytest.raises(ValueError) as caught:
        try:
            Path("/nowhere/at/all").stat()
        except OSError as cause:
            raise ValueError(why) from cause
    return caught.value


@pytest.fixture(params=list(Form)[:2])
def form(request: pytest.FixtureRequest) -> Form:
    found: Form = request.param
    return found


def test_a_configured_secret_is_blacked_out(form: Form) -> None:
    assert "hunter2hunter2" not in line("token hunter2hunter2 refused", "hunter2hunter2", form=form)


def test_a_likely_secret_is_blacked_out_unknown_as_it_is(form: Form) -> None:
    assert "xoxb-123456789012" not in line("sent xoxb-123456789012 to Slack", form=form)


SPELLED = {
    "plain": SECRET,
    "json": json.dumps(SECRET),
    "json in json": json.dumps({"a": SECRET}),
    "repr": repr(SECRET),
    "url": quote(SECRET, safe=""),
    "url, lower": quote(SECRET, safe="").lower(),
    "hex": SECRET.encode().hex(),
    **{
        f"base64 behind {before!r}": base64.b64encode(f"{before}{SECRET}:x".encode()).decode()
        for before in ("", "u", "us", "usr:")
    },
    "base64 for urls": base64.urlsafe_b64encode(SECRET.encode()).decode(),
}


@pytest.mark.parametrize("spelled", SPELLED.values(), ids=SPELLED)
def test_a_configured_secret_is_blacked_out_in_every_spelling(spelled: str, form: Form) -> None:
    clean = line("see {}", SECRET, form=form)
    seen = line(f"see {spelled}", SECRET, form=form)
    core = spelled.strip("'\"")[6:14]

    assert core in spelled
    assert "see {}" in clean
    assert "•••" in seen
    assert core not in seen


def test_secrets_are_blacked_out_in_names_and_at_every_depth(form: Form) -> None:
    nested = {"deep": [{"here": f"a {SECRET} b"}], "password": "letmein", SECRET: 1}
    seen = line("asked", SECRET, form=form, sent=nested, note=SECRET)

    assert "hunter2" not in seen
    assert "letmein" not in seen
    assert "deep" in seen


def test_a_traceback_is_covered_too(form: Form) -> None:
    seen = line("failed", SECRET, form=form, error=failed(f"password=abcdefgh {SECRET}"))

    assert "abcdefgh" not in seen
    assert "hunter2" not in seen
    assert "/nowhere/at/all" in seen


def test_a_private_key_is_blacked_out_over_all_its_lines(form: Form) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQ1234\nabcdefgh\n-----END PRIVATE KEY-----"

    assert "MIIEvQ" not in line(key, form=form)
    assert "abcdefgh" not in line("failed", form=form, error=failed(key))


def test_a_word_too_short_to_be_a_secret_is_left_alone() -> None:
    assert "heal is here" in line("heal is here", "heal")


def test_an_error_is_one_field_with_its_cause_and_no_variables() -> None:
    found = told("failed", error=failed("no"))["exception"]

    assert [(one["exc_type"], one["exc_value"], one["is_cause"]) for one in found] == [
        ("ValueError", "no", False),
        ("FileNotFoundError", "[Errno 2] No such file or directory: '/nowhere/at/all'", True),
    ]
    assert {name for one in found for frame in one["frames"] for name in frame} == {
        "filename", "lineno", "name"
    }  # fmt: skip


def test_a_person_reads_a_traceback_whose_lines_cannot_be_taken_for_others() -> None:
    first, *below = line("failed", error=failed("no\n2026-01-01 INFO x: all is well")).splitlines()

    assert " INFO bot.x: failed" in first
    assert {one[:6] for one in below} == {"    | "}
    assert "    |   File " in "\n".join(below)


@given(st.text(), st.dictionaries(st.text(min_size=1), st.text(), max_size=3))
def test_whatever_a_line_holds_it_is_one_line_of_what_can_be_printed(
    said: str, more: dict[str, str]
) -> None:
    rest = {f"more_{key}": value for key, value in more.items()}
    as_json = logs.formatter((), Form.JSON).format(record("%s", said, more=rest))
    as_text = logs.formatter((), Form.TEXT).format(record("%s", said, more=rest))

    assert len(as_text.splitlines()) == 1
    assert len(as_json.splitlines()) == 1
    assert not {*as_text, *as_json} & {"\x1b", "\x07", "\x7f", "\x9b", "\u202e", "\u2066"}
    assert isinstance(json.loads(as_json), dict)


def test_what_stands_in_a_line_is_not_changed_for_programs() -> None:
    said = "a\nb \x1b[31m \u202e ü"

    assert told("%", hear=said)["hear"] == said


def test_a_megabyte_of_somebodys_label_is_cut() -> None:
    assert len(line("x" * 1_000_000, form=Form.JSON)) < 5000


def test_every_line_says_when_how_bad_where_and_what_in_this_order() -> None:
    found = told("taken", incident="inc-1", timestamp="never", logger="theirs")

    assert list(found) == ["timestamp", "level", "logger", "event", "incident"]
    assert found["timestamp"].endswith("Z")
    assert (found["level"], found["logger"], found["event"]) == ("info", "bot.x", "taken")


def test_lines_say_what_they_are_about_as_it_stands_when_they_are_written() -> None:
    stands = {"service": "shop"}
    with about(incident="inc-1", whose=lambda: stands):
        with about(step="act:1"):
            inner = told("within")
        stands["service"] = "bakery"
        outer = told("behind")
    after = told("outside")

    assert (inner["incident"], inner["service"], inner["step"]) == ("inc-1", "shop", "act:1")
    assert (outer["service"], "step" in outer) == ("bakery", False)
    assert "incident" not in after


PROGRAM = f"""
import logging, threading, warnings
from bot.telemetry import logs
logs.begin("INFO", [{SECRET!r}])
for name in ("slack_bolt", "aiohttp.server", "apscheduler.scheduler", "kubernetes.client"):
    logging.getLogger(name).error("%s failed with %s", name, {SECRET!r})
logging.getLogger("bot.x").info("%d %d", 1)
warnings.warn("old {{}}".format({SECRET!r}))
def dies(): raise OSError("thread " + {SECRET!r})
thread = threading.Thread(target=dies); thread.start(); thread.join()
raise ValueError("unforeseen " + {SECRET!r})
"""


def played(**streams: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=house.ROOT, check=False, text=True, timeout=60, **streams,
    )  # fmt: skip


def test_the_lines_of_libraries_warnings_and_last_words_are_like_ours_for_a_program() -> None:
    written = played(capture_output=True).stderr
    found = [json.loads(one) for one in written.splitlines()]

    assert [one["logger"] for one in found] == [
        "slack_bolt", "aiohttp.server", "apscheduler.scheduler", "kubernetes.client",
        "bot.telemetry.logs", "py.warnings", "bot.telemetry.logs", "bot.telemetry.logs",
    ]  # fmt: skip
    assert found[4]["event"] == "a line was lost: TypeError"
    assert [one["exception"][0]["exc_type"] for one in found[-2:]] == ["OSError", "ValueError"]
    assert "hunter2" not in written


def test_on_a_terminal_the_same_is_written_for_a_person() -> None:
    ours, theirs = pty.openpty()
    try:
        played(stdout=theirs, stderr=theirs)
        os.close(theirs)
        written = os.read(ours, 1 << 16).decode()
    finally:
        os.close(ours)

    assert " ERROR slack_bolt: slack_bolt failed with •••" in written
    assert "    | ValueError: unforeseen •••" in written
    assert "hunter2" not in written
