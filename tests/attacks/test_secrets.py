"""F07: no secret of a known form is kept or shown, and no text makes the search for one slow."""

from __future__ import annotations

import json
import random
import time
from urllib.parse import quote

import pytest

from bot.core import redaction
from tests.attacks import secrets
from tests.attacks.counts import many

WRAPPED = (
    str,
    lambda said: f"before {said} after",
    lambda said: f"line one\n{said}\nline three",
    repr,
    json.dumps,
    lambda said: json.dumps({"log": json.dumps({"said": said})}),
    lambda said: f"<{said}>",
)
FLOODS = (
    "a-", "a_", "-eyJaaaaaaaa", "a://", "Bearer ", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----",
    "token", "token='", "token=\\", " --", "-a", "$6$", "cookie:", "authorization:", "ab://x:", "<",
    "SG.", " ", "login ", " -u ", "key-", "a+", "x@", '"auth',
    "hooks.slack.com/services/", "0" * 32,
)  # fmt: skip
LURE = " token key @ sig= eyj $ -us"
"""Hints for which the search begins."""


@pytest.mark.parametrize("seed", range(many(3, full=40)))
def test_f07_no_secret_of_a_known_form_outlives_redaction(seed: int) -> None:
    chance = random.Random(seed)
    shown = [
        (said, redaction.text(wrap(said)))
        for said, secret in secrets.planted(chance)
        for wrap in WRAPPED
        if secret in redaction.text(wrap(said))
    ]

    assert shown == []


def test_a_query_that_was_encoded_twice_hides_no_secret() -> None:
    said = quote("token=abcdefgh1234", safe="")

    assert "abcdefgh1234" not in redaction.text(said)


@pytest.mark.parametrize("part", FLOODS)
def test_no_text_makes_the_search_for_secrets_take_more_than_its_length(part: str) -> None:
    small, large = (_seconds(part * (size // len(part)) + LURE) for size in (1_000, 8_000))

    assert large < 24 * small, "8 times the text is 8 times the work; 64 times were the square"


def _seconds(said: str) -> float:
    """The least of some tries, in processor time: what other programs do is none of it."""
    return min(_once(said) for _ in range(3))


def _once(said: str) -> float:
    began = time.process_time()
    redaction.text(said)
    return time.process_time() - began
