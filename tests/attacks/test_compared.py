"""G02, G03: how secrets are compared, and what becomes of a hostile text in a line of the log."""

from __future__ import annotations

import ast
import inspect
import json
import logging
import re
from collections.abc import Iterator

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.telemetry import logs
from bot.telemetry.logs import Form
from tests.rules import house

SECRET = re.compile(r"token|secret|signature|password|hmac|hexdigest|_mac$", re.IGNORECASE)
COMPARED = {
    ("bot/clients/endpoints.py", "name not in self.secrets"),
    ("bot/core/exhibit.py", "hashlib.sha256(octets).hexdigest() == said.sha256"),
}
"""A name that is looked up, and contents beside their own hash: no stranger guesses at either."""
DOORS = ("bot/clients/senders.py", "bot/web/metrics.py", "bot/web/relay.py")
"""Where a stranger's secret is compared with ours; Slack's is, in slack_sdk."""


def secrets_compared(tree: ast.AST) -> Iterator[str]:
    """Every `==`, `!=` or `in` of what is named like a secret; constants of ours are none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            kinds = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)
            sides = (node.left, *node.comparators)
            named = any(SECRET.search(_last(side)) for side in sides)
            plain = any(isinstance(side, ast.Constant) or _last(side).isupper() for side in sides)
            if named and not plain and any(isinstance(one, kinds) for one in node.ops):
                yield ast.unparse(node)


def _last(side: ast.expr) -> str:
    """The name of what is compared: the last part of a path, the function that gives it."""
    match side:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=made):
            return _last(made)
        case ast.Subscript(value=held):
            return _last(held)
    return ""


def test_g02_no_secret_is_compared_so_that_its_time_tells_how_much_was_right() -> None:
    found = {
        (module.place, said)
        for module in house.modules()
        if not module.name.startswith("bot.rehearsal")
        for said in secrets_compared(module.tree)
    }

    assert found == COMPARED
    for place in DOORS:
        assert "hmac.compare_digest(" in (house.ROOT / place).read_text(), place
    verifier = inspect.getsource(SignatureVerifier.is_valid)
    assert "hmac.compare_digest(" in verifier


FORGED = (
    "ok\n2026-11-22 03:00:00 INFO heal: inc-a1 approved by U0ANA", 'x\r\n{"level": "info"}',
    "\x1b[2J\x1b[1;1Hall is well", "\x1b]0;title\x07", "a\u2028b\u2029c\x85d", "\x00\x08\x08\x08",
    "\u202eslaorppa", '", "level": "info", "x": "', "%s %d %(name)s {0}",
)  # fmt: skip


@pytest.mark.parametrize("form", [Form.TEXT, Form.JSON])
@pytest.mark.parametrize("said", FORGED)
def test_g03_no_text_of_others_begins_a_line_of_the_log_or_moves_its_readers_cursor(
    said: str, form: Form
) -> None:
    record = logging.LogRecord("bot.x", logging.WARNING, __file__, 1, "refused %s", (said,), None)
    line = logs.formatter((), form).format(record)

    assert len(line.splitlines()) == 1
    assert not {*line} & {*map(chr, range(32)), "\x7f", "\x85", "\u2028", "\u2029", "\u202e"}
    if form is Form.JSON:
        told = json.loads(line)
        assert (told["level"], told["event"]) == ("warning", f"refused {said}")
