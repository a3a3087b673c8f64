"""What the house is told at its start, and what it says when that is not enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import settings
from bot.core.errors import ConfigurationError
from bot.engine.world import Limits

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_PORT"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_a_missing_token_is_named_with_how_to_make_it(environ: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match=r"SLACK_BOT_TOKEN is missing.*deploy/slack"):
        settings.load()


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_a_blank_token_is_a_missing_one(environ: pytest.MonkeyPatch, blank: str) -> None:
    environ.setenv("SLACK_BOT_TOKEN", blank)
    with pytest.raises(ConfigurationError, match="SLACK_BOT_TOKEN is missing"):
        settings.load()


@pytest.mark.parametrize("blank", ["", "  "])
def test_without_socket_or_signature_nothing_starts(
    environ: pytest.MonkeyPatch, blank: str
) -> None:
    environ.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    environ.setenv("SLACK_SIGNING_SECRET", blank)
    with pytest.raises(ConfigurationError, match="SLACK_APP_TOKEN"):
        settings.load()


def test_an_app_token_means_socket_mode(environ: pytest.MonkeyPatch) -> None:
    for name, value in TOKENS.items():
        environ.setenv(name, value)

    assert settings.load().socket_mode


def test_a_signing_secret_alone_means_http_mode(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    environ.setenv("SLACK_SIGNING_SECRET", "s3cret")

    assert not settings.load().socket_mode


def test_a_wrong_port_is_named_by_its_variable(environ: pytest.MonkeyPatch) -> None:
    for name, value in {**TOKENS, "SLACK_PORT": "99999"}.items():
        environ.setenv(name, value)
    with pytest.raises(ConfigurationError, match=r"SLACK_PORT: '99999': .* \(the port"):
        settings.load()


def test_no_secret_is_ever_printed(environ: pytest.MonkeyPatch) -> None:
    for name, value in TOKENS.items():
        environ.setenv(name, value)

    assert "xoxb-1" not in repr(settings.load())


def test_a_section_holds_what_belongs_to_one_system() -> None:
    environ = {"HEAL_HTTP_ALLOWED_HOSTS": "a:1", "HEAL_HOST_NAME": "x", "HEAL_LEDGER": "y"}

    assert settings.section("http", environ) == {"allowed_hosts": "a:1"}


def test_a_secret_may_be_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from a file\n")
    environ = {"HEAL_ALERTMANAGER_WEBHOOK_TOKEN_FILE": str(tmp_path / "token")}

    assert settings.section("alertmanager", environ) == {"webhook_token": "from a file"}


@pytest.mark.parametrize(
    ("other", "system", "name"),
    [
        ("HEAL_ALERTMANAGER_TOKEN", "alertmanager", "webhook_token"),
        ("PAGERDUTY_WEBHOOK_TOKEN", "pagerduty", "webhook_token"),
        ("PAGERDUTY_API_KEY", "pagerduty", "token"),
    ],
)
def test_a_setting_is_known_by_its_other_name_unless_its_own_is_set(
    other: str, system: str, name: str
) -> None:
    own = settings.OTHER_NAMES[other]

    assert settings.section(system, {other: "a"})[name] == "a"
    assert settings.section(system, {other: "a", own: "b"})[name] == "b"


def test_a_proxy_that_is_no_address_is_named(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("HEAL_PROXIES", "10.0.0.0/8, nginx")
    with pytest.raises(ConfigurationError, match=r"HEAL_PROXIES.*nginx"):
        settings.load()


def test_an_unreadable_file_is_named_by_its_variable(tmp_path: Path) -> None:
    environ = {"HEAL_ALERTMANAGER_WEBHOOK_TOKEN_FILE": str(tmp_path / "none")}
    with pytest.raises(ConfigurationError, match="HEAL_ALERTMANAGER_WEBHOOK_TOKEN_FILE"):
        settings.section("alertmanager", environ)


def test_the_doctor_reads_what_can_be_read(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("SLACK_PORT", "99999")
    environ.setenv("HEAL_COMMAND", "/mend")
    found, wrong = settings.leniently()

    assert (found.port, found.command) == (3001, "/mend")
    assert list(wrong) == ["SLACK_PORT"]


def test_slacks_variables_and_their_defaults_are_those_of_the_documents(
    environ: pytest.MonkeyPatch,
) -> None:
    environ.delenv("SLACK_RECOVERY_CHANNEL", raising=False)
    for name, value in {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}.items():
        environ.setenv(name, value)
    told = settings.load()

    assert (told.slack_channel, told.port) == ("#auto-recovery", 3001)

    environ.setenv("SLACK_RECOVERY_CHANNEL", "#healing")
    environ.setenv("SLACK_PORT", "4000")
    told = settings.load()

    assert (told.slack_channel, told.port) == ("#healing", 4000)


def test_the_times_of_the_stages_can_be_set_and_diagnosing_raised_to_300(
    environ: pytest.MonkeyPatch,
) -> None:
    for name, value in TOKENS.items():
        environ.setenv(name, value)

    assert Limits(**settings.load().limits) == Limits()

    environ.setenv("HEAL_LIMIT_DIAGNOSE", "300")
    assert Limits(**settings.load().limits).diagnose == 300

    environ.setenv("HEAL_LIMIT_DIAGNOSE", "301")
    with pytest.raises(ConfigurationError, match="HEAL_LIMIT_DIAGNOSE: '301'"):
        settings.load()
