"""
Senders: how those who post alerts prove who they are, the same for every source.

`Sender` is what a source is made of: it asks for every proof that its settings name, so that each
one more makes the door narrower. A source adds its vendor's own signature and its format.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from bot.clients import proofs
from bot.clients.proofs import Networks, Pairs
from bot.core.alert import Alert
from bot.core.posted import Posted

SKEW = timedelta(minutes=5)
"""How far a signed time may be from ours: what is older was recorded and is played again."""


class WebhookSettings(BaseModel):
    """What every source can be told: `HEAL_<SOURCE>_WEBHOOK_…`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr = Field(
        default=SecretStr(""),
        description="a long random text that is sent as a bearer token; several, with commas, are "
        "all good while one replaces another",
    )
    basic: Annotated[SecretStr, AfterValidator(proofs.login)] = Field(
        default=SecretStr(""), description="user:password, for senders that know only basic"
    )
    certificate: Annotated[str, AfterValidator(proofs.certificate)] = Field(
        default="",
        description="header=value by which the proxy tells whose client certificate it checked; "
        "believed of HEAL_PROXIES only",
    )
    addresses: Networks = Field(
        default=(), description="addresses and networks that may post, with commas; all unless set"
    )
    quota: int = Field(
        default=60_000, ge=0, description="messages a minute at most; 0 = any number"
    )
    labels: Pairs = Field(
        default=(),
        description="ours=theirs with commas, where its labels have other names: "
        "service=application,environment=stage",
    )
    add: Pairs = Field(
        default=(),
        description="label=value with commas, where the sender does not say it: environment=prod",
    )


class SignedSettings(WebhookSettings):
    """Of a source whose sender signs what it posts."""

    secret: SecretStr = Field(
        default=SecretStr(""),
        description="the secret that its sender signs with; several, with commas, are all good "
        "while one replaces another",
    )


class Sender(ABC):
    """
    A source, but for its format: `parse` is what each has of its own.

    `name` is its plug-in's name. `paths` are other addresses that its documents give, beside
    `/alerts/<name>`; `reads` are the headers that `parse` looks at, in lower case, kept with the
    body in the inbox. `later` is the status after which its sender comes again by itself. `keys`
    are the settings each of which opens it.
    """

    name: ClassVar[str]
    config: ClassVar[type[WebhookSettings]] = WebhookSettings
    paths: ClassVar[tuple[str, ...]] = ()
    reads: ClassVar[frozenset[str]] = frozenset()
    later: ClassVar[int] = 429
    keys: ClassVar[tuple[str, ...]] = ("token", "basic", "certificate", "secret")

    def __init__(self, config: Any, rig: Any = None) -> None:
        self.settings: WebhookSettings = config
        self.quota = int(config.quota)
        self._tokens = [_octets(each) for each in live(config.token)]
        self._users = [_octets(each) for each in (_text(config.basic).strip(),) if each]
        self._certificate = _pair(config.certificate)
        self._networks = [ipaddress.ip_network(one, strict=False) for one in config.addresses]
        self._renamed = [_pair(one) for one in config.labels]
        self._added = dict(_pair(one) for one in config.add)

    @cached_property
    def locks(self) -> tuple[str, ...]:
        """The settings that keep strangers out, of those that are set; none keeps it shut."""
        return tuple(
            one for one in self.keys if proofs.live(_text(getattr(self.settings, one, "")))
        )

    async def authentic(self, posted: Posted) -> str:
        """Say why it is not from the sender, in words that tell no secret; empty when it is."""
        if not self.locks:
            return f"no secret of {self.name} is set, so nobody can prove to be it"
        return (
            self._from_elsewhere(posted)
            or self._without_token(posted)
            or self._without_user(posted)
            or self._without_certificate(posted)
            or self.unsigned(posted)
        )

    def unsigned(self, posted: Posted) -> str:
        """Say why the vendor's own signature is wrong; empty when it is right or not in use."""
        return ""

    async def greeted(self, posted: Posted) -> str:
        """Deal with what is about the connection itself; what was done, empty for alerts."""
        return ""

    def delivery(self, posted: Posted) -> str:
        """Name this delivery as its sender does, so that it counts once; empty when it does not."""
        return ""

    def read(self, posted: Posted) -> list[Alert]:
        """Parse it, with the labels named as they are here: what `parse` owes, `read` raises."""
        alerts = self.parse(posted)
        if not self._renamed and not self._added:
            return alerts
        return [one.model_copy(update={"labels": self._dressed(one.labels)}) for one in alerts]

    @abstractmethod
    def parse(self, posted: Posted) -> list[Alert]:
        """Read what its sender writes; a source without this does not load."""

    def _dressed(self, labels: Mapping[str, str]) -> dict[str, str]:
        ours = {ours: labels[theirs] for ours, theirs in self._renamed if theirs in labels}
        return {**self._added, **labels, **ours}

    def _from_elsewhere(self, posted: Posted) -> str:
        if not self._networks:
            return ""
        try:
            peer = ipaddress.ip_address(posted.peer)
        except ValueError:
            return "where it came from is not known"
        here = any(peer in network for network in self._networks)
        return "" if here else "it came from an address that is not listed"

    def _without_token(self, posted: Posted) -> str:
        if not self._tokens:
            return ""
        given = _octets(_credentials(posted, "bearer"))
        return "" if _among(given, self._tokens) else "it does not carry the token of this source"

    def _without_user(self, posted: Posted) -> str:
        if not self._users:
            return ""
        try:
            given = base64.b64decode(_credentials(posted, "basic"), validate=True)
        except ValueError:
            given = b""
        return "" if _among(given, self._users) else "it does not carry the user and password"

    def _without_certificate(self, posted: Posted) -> str:
        header, wanted = self._certificate
        if not header:
            return ""
        if not posted.vouched:
            return "it did not come through a proxy of HEAL_PROXIES, which checks certificates"
        given = posted.headers.get(header.lower(), "")
        same = _among(_octets(given), [_octets(wanted)])
        return "" if same else "its client certificate is another one"


def live(secret: SecretStr) -> list[str]:
    """Every secret that is good at the moment: commas stand between them."""
    return proofs.live(secret.get_secret_value())


def signed(
    message: bytes, given: Iterable[str], secrets: Iterable[str], digest: str = "sha256"
) -> bool:
    """Whether one of the signatures, in hex, is the HMAC of the message with one of the secrets."""
    right = [hmac.new(_octets(each), message, digest).hexdigest().encode() for each in secrets]
    return any(_among(_octets(one.strip().lower()), right) for one in given)


def signed_in_64(message: bytes, given: Iterable[str], keys: Iterable[bytes]) -> bool:
    """Like `signed`, for signatures in base64 and keys that are octets."""
    right = [base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()) for key in keys]
    return any(_among(_octets(one.strip()), right) for one in given)


def stale(said: datetime | None, now: datetime, skew: timedelta = SKEW) -> str:
    """Say why a signed time is not ours; empty when it is."""
    if said is None:
        return "it does not say when it was sent"
    if abs(now - said) > skew:
        return (
            f"it says that it was sent more than {skew.total_seconds():g} s from now: a clock is "
            "wrong, or it was recorded and is played again"
        )
    return ""


def _credentials(posted: Posted, scheme: str) -> str:
    given, _, rest = posted.headers.get("authorization", "").partition(" ")
    return rest.strip() if given.lower() == scheme else ""


def _among(given: bytes, right: Iterable[bytes]) -> bool:
    """Compare with each in the same time, whichever it is."""
    found = [hmac.compare_digest(given, each) for each in right]
    return any(found)


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip()


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
