"""Secrets are blacked out wherever they stand, and what is none is left as it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import likely, redaction
from bot.core.redaction import BLACK
from bot.core.values import Facts
from tests.builders import an_alert

# Put together here, so that no scanner takes them for real ones.
SECRETS = {
    "a Slack bot token": "xoxb-" + "1234567890-abcdefghij",
    "a Slack app token": "xapp-" + "1-A0000-abcdefgh",
    "a GitHub token": "ghp_" + "a1" * 18,
    "a fine-grained GitHub token": "github_pat_" + "a1" * 20,
    "a GitLab token": "glpat-" + "a1" * 10,
    "an AWS key": "AKIA" + "A1" * 8,
    "a Google key": "AIza" + "a1" * 16,
    "an API key": "sk-" + "a1" * 12,
    "a payment key": "sk_live_" + "a1" * 10,
    "a web token": "eyJ" + "a1" * 6 + "." + "b2" * 6 + "." + "c3" * 6,
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_secret_in_a_sentence_is_blacked_out(secret: str) -> None:
    assert redaction.text(f"it said {secret} to us") == f"it said {BLACK} to us"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Authorization: Bearer abcdef123456", f"Authorization: Bearer {BLACK}"),
        ("GenieKey 12345678-abcd", f"GenieKey {BLACK}"),
        ("redis://:hunter22@cache:6379/0", f"redis://:{BLACK}@cache:6379/0"),
        ("DB_PASSWORD=hunter22 now", f"DB_PASSWORD={BLACK} now"),
        ('{"api_key": "hunter22"}', f'{{"api_key": "{BLACK}"}}'),
        ("client-secret: hunter22, x", f"client-secret: {BLACK}, x"),
    ],
)
def test_what_stands_under_a_secrets_name_is_blacked_out(said: str, shown: str) -> None:
    assert redaction.text(said) == shown


def test_a_private_key_is_blacked_out_also_when_it_was_cut_off() -> None:
    begin = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE"

    assert redaction.text(f"key: {begin}\nabc") == f"key: {BLACK}"


@pytest.mark.parametrize(
    "said",
    [
        "shop answers 502 on web-1",
        "https://shop.example/healthz?full=1",
        "the tokenizer is slow: 12 tokens in a second",
        "password policy changed",
        "commit 0123456789abcdef0123456789abcdef01234567",
    ],
)
def test_what_is_no_secret_is_left_as_it_is(said: str) -> None:
    assert redaction.text(said) == said


def test_json_is_searched_to_its_leaves() -> None:
    seen: Facts = {
        "password": "x", "status": 200, "ok": True, "none": None,
        "rows": [{"dsn": "pg://a:hunter22@db"}, "plain"],
    }  # fmt: skip

    assert redaction.of_facts(seen) == {
        "password": BLACK, "status": 200, "ok": True, "none": None,
        "rows": [{"dsn": f"pg://a:{BLACK}@db"}, "plain"],
    }  # fmt: skip


def test_a_number_under_a_secrets_name_is_no_secret() -> None:
    assert redaction.of_facts({"token": 5}) == {"token": 5}


def test_an_alert_keeps_its_identity_and_loses_its_secrets() -> None:
    alert = an_alert(
        labels={"service": "shop", "note": "token=abcdefgh"},
        annotations={"summary": "password=hunter22"},
        link="https://u:hunter22@alerts.example/",
    )
    shown = redaction.of_alert(alert)

    assert (shown.fingerprint, shown.service) == ("f1", "shop")
    assert (shown.labels["note"], shown.summary, shown.link) == (
        f"token={BLACK}", f"password={BLACK}", f"https://u:{BLACK}@alerts.example/",
    )  # fmt: skip


def test_an_alert_without_a_link_has_none_afterwards() -> None:
    assert redaction.of_alert(an_alert(link=None)).link is None


@given(st.text(max_size=200))
def test_what_was_redacted_once_is_not_changed_by_a_second_time(said: str) -> None:
    once = redaction.text(said)

    assert redaction.text(once) == once


@pytest.mark.parametrize(
    "pattern",
    [
        *likely.TOKENS,
        *likely.AFTER,
        likely.IN_URL,
        likely.NAMED,
        likely.KEY,
    ],
    ids=lambda pattern: pattern.pattern[:20],
)
def test_nothing_that_a_pattern_finds_is_passed_over_unsearched(pattern: re.Pattern[str]) -> None:
    @settings(max_examples=20)
    @given(st.from_regex(pattern))
    def searched(said: str) -> None:
        assert not said.isascii() or any(hint in said.lower() for hint in likely.HINTS)

    searched()


@pytest.mark.parametrize("said", ["PA\u017fSWORD=hunter22", "to\u212aen: hunter22"])
def test_a_letter_that_only_looks_foreign_hides_no_secret(said: str) -> None:
    assert "hunter22" not in redaction.text(said)


def test_no_word_of_an_alert_keeps_its_secret_but_the_fingerprint() -> None:
    secret = SECRETS["a Slack bot token"]
    alert = an_alert(
        name=f"Leak {secret}",
        labels={"pod": secret, secret: "1", "db_password": "hunter22"},
        annotations={secret: secret},
        link=f"http://prometheus.example/?q={secret}",
    )
    clean = redaction.of_alert(alert)

    assert secret not in clean.model_dump_json()
    assert clean.labels["db_password"] == BLACK
    assert clean.fingerprint == alert.fingerprint
