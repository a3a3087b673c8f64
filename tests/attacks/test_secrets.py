"""F07: no secret of a known form is kept or shown, and no text makes the search for one slow."""

from __future__ import annotations

import base64
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from bot.cli import secrecy
from bot.core import redaction
from tests import builders
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


OWN = "correct/horse+battery staple=9"
SPELLED = (
    OWN, quote(OWN, safe=""), quote_plus(OWN), json.dumps(OWN), OWN.encode().hex(), repr(OWN),
    *(base64.b64encode(f"{before}{OWN}xyz".encode()).decode() for before in ("", "u", "u:")),
    base64.urlsafe_b64encode(b"heal:" + OWN.encode()).decode(),
)  # fmt: skip


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An installation with secrets that look like nothing, one of them mounted as a file."""
    (tmp_path / "token").write_text(f"{OWN}\n")
    monkeypatch.setenv("HEAL_GRAFANA_WEBHOOK_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("HEAL_HTTP_SECRET_FLAGS", "plain-words-only")
    monkeypatch.setenv("HEAL_DATADOG_WEBHOOK_TOKEN", "short")
    secrecy.kept()
    yield
    redaction.know(())


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("spelled", [*SPELLED, "plain-words-only"])
def test_a_secret_of_ours_is_blacked_out_however_it_is_spelled(spelled: str) -> None:
    alert = builders.an_alert(
        labels={"note": spelled}, annotations={"summary": f"it said {spelled} again"}
    )
    shown = (
        redaction.text(f"<{spelled}>"),
        str(redaction.within({"seen": [spelled, {"deep": f"a {spelled}"}]})),
        redaction.of_alert(alert).model_dump_json(),
    )

    for one in shown:
        assert spelled[4:-6] not in one
        assert "battery" not in one
        assert redaction.BLACK in one


@pytest.mark.usefixtures("told")
def test_a_secret_that_is_too_short_makes_no_word_of_an_alert_unknown() -> None:
    assert redaction.text("a short outage") == "a short outage"


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
