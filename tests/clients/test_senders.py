"""Who posts has to prove to be the sender, by everything that the settings name."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.clients import senders
from bot.clients.senders import Sender, SignedSettings
from bot.core.alert import Alert
from bot.core.posted import Posted
from tests import builders

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


class Bell(Sender):
    """Signs its body, as many do."""

    name = "bell"
    config = SignedSettings

    def unsigned(self, posted: Posted) -> str:
        secrets = senders.live(self.settings.secret)  # type: ignore[attr-defined]
        if not secrets:
            return ""
        given = [posted.headers.get("bell-signature", "")]
        return "" if senders.signed(posted.body, given, secrets) else "it is signed by another"

    def parse(self, posted: Posted) -> list[Alert]:
        labels = {"alertname": "Rings", "application": "shop", "site": "north"}
        return [builders.an_alert(labels=labels)]


def bell(**settings: Any) -> Bell:
    return Bell(SignedSettings.model_validate(settings))


def posted(body: bytes = b"{}", peer: str = "", *, vouched: bool = False, **given: str) -> Posted:
    headers = {name.replace("_", "-"): text for name, text in given.items()}
    return Posted(headers, body, NOW, peer, vouched)


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def mark(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


async def test_every_live_token_is_good_while_one_replaces_another() -> None:
    door = bell(token="old-one, new-one")
    said = [
        await door.authentic(posted(authorization=f"Bearer {token}"))
        for token in ("old-one", "new-one", "third", "old-one, new-one")
    ]

    assert [bool(why) for why in said] == [False, False, True, True]


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", "s3cret", "Basic s3cret", "Bearer s3cre", "Bearer \udce9"],
)
async def test_without_the_token_nothing_is_accepted(given: str) -> None:
    assert await bell(token="s3cret").authentic(posted(authorization=given))
    assert await bell(token="s3cret").authentic(posted())


@pytest.mark.parametrize("token", ["", " ", ",", " , "])
async def test_an_empty_token_lets_nobody_in(token: str) -> None:
    assert await bell(token=token).authentic(posted(authorization="Bearer "))


async def test_without_any_secret_the_door_is_shut_even_for_a_listed_address() -> None:
    door = bell(addresses="192.0.2.0/24")

    assert door.locks == ()
    assert "no secret of bell is set" in await door.authentic(posted(peer="192.0.2.7"))


@pytest.mark.parametrize(
    ("given", "good"),
    [("zabbix:pass, word", True), ("zabbix:pass", False), ("zabbix", False), ("", False)],
)
async def test_basic_wants_its_user_and_password_whole(given: str, good: bool) -> None:
    door = bell(basic="zabbix:pass, word")

    assert good is not bool(await door.authentic(posted(authorization=basic(given))))


async def test_basic_that_is_no_base64_is_a_no_and_no_error() -> None:
    assert await bell(basic="zabbix:word").authentic(posted(authorization="Basic é=="))


@pytest.mark.parametrize(
    ("peer", "good"),
    [
        ("192.0.2.7", True),
        ("2001:db8::1", True),
        ("198.51.100.1", False),
        ("", False),
    ],
)
async def test_only_listed_addresses_may_post(peer: str, good: bool) -> None:
    door = bell(token="t", addresses="192.0.2.0/24, 2001:db8::1")
    why = await door.authentic(posted(peer=peer, authorization="Bearer t"))

    assert good is not bool(why)


async def test_a_client_certificate_is_believed_of_a_trusted_proxy_only() -> None:
    door = bell(certificate="X-Client-DN=CN=alerts,O=acme")
    right = "CN=alerts,O=acme"

    assert not await door.authentic(posted(vouched=True, x_client_dn=right))
    assert await door.authentic(posted(vouched=False, x_client_dn=right))
    assert await door.authentic(posted(vouched=True, x_client_dn="CN=mallory"))
    assert await door.authentic(posted(vouched=True))


@pytest.mark.parametrize("half", ["X-Client-DN=", "X-Client-DN", "=CN=alerts", "= "])
def test_half_a_certificate_would_let_everybody_in_and_stops_the_start(half: str) -> None:
    with pytest.raises(ValidationError, match="is not like name=value"):
        bell(certificate=half)


@pytest.mark.parametrize("half", [":", "zabbix:", " zabbix: ", "zabbix"])
def test_a_user_without_a_password_stops_the_start(half: str) -> None:
    with pytest.raises(ValidationError, match="no password"):
        bell(basic=half)


@pytest.mark.parametrize("key", ["token", "secret"])
@pytest.mark.parametrize("blank", [",", " , ", "\t,", ",\n,", "\u00a0,"])
async def test_secrets_of_nothing_but_blanks_open_nothing(key: str, blank: str) -> None:
    door = bell(**{key: blank})

    assert door.locks == ()
    assert await door.authentic(posted())


async def test_every_proof_that_is_named_is_wanted() -> None:
    door = bell(token="t", secret="k")
    signed = mark(b"{}", "k")

    assert not await door.authentic(posted(authorization="Bearer t", bell_signature=signed))
    assert await door.authentic(posted(authorization="Bearer t"))
    assert await door.authentic(posted(bell_signature=signed))


async def test_a_signature_is_of_this_body_and_of_a_live_secret() -> None:
    door = bell(secret="old, new")
    said = [
        await door.authentic(posted(body=b"one", bell_signature=signature))
        for signature in (mark(b"one", "new"), mark(b"one", "old"), mark(b"two", "new"), "", "é")
    ]

    assert [bool(why) for why in said] == [False, False, True, True, True]


async def test_a_reason_never_holds_a_secret() -> None:
    door = bell(token="hunter2", secret="hunter3", basic="a:hunter4")

    assert "hunter" not in await door.authentic(posted(authorization="Bearer guess"))
    assert "hunter" not in repr(door.settings)


@pytest.mark.parametrize(
    "slip", [{"addresses": "shop"}, {"labels": "service"}, {"add": "=x"}, {"tokne": "t"}]
)
def test_a_slip_in_the_settings_is_found_at_the_start(slip: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        bell(**slip)


def test_labels_get_the_names_that_they_have_here() -> None:
    door = bell(labels="service=application, environment=stage", add="environment=prod,site=any")
    [alert] = door.read(posted())

    assert (alert.service, alert.environment) == ("shop", "prod")
    assert alert.labels["site"] == "north"


@pytest.mark.parametrize(("apart", "good"), [(0, True), (300, True), (301, False), (-301, False)])
def test_what_was_signed_long_ago_or_in_the_future_is_refused(apart: int, good: bool) -> None:
    said = NOW + timedelta(seconds=apart)

    assert good is not bool(senders.stale(said, NOW))
    assert senders.stale(None, NOW)


def test_base64_signatures_are_checked_with_keys_of_octets() -> None:
    right = base64.b64encode(hmac.digest(b"\xff", b"message", "sha256")).decode()

    assert senders.signed_in_64(b"message", ["", right], [b"\xff"])
    assert not senders.signed_in_64(b"message", [right], [b"\xfe"])
