"""
Amazon SNS: its messages, signed with a certificate that it publishes; the one door to cryptography.

Where the certificate lies is said by the message, which nobody believes yet. So only the host of
the topic's own region is asked, and which topics count is a setting.
"""

from __future__ import annotations

import asyncio
import base64
import importlib.util
import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import httpx
from pydantic import Field

from bot.clients import http
from bot.clients.rig import Rig
from bot.core.errors import (
    ActionError,
    AlertRejected,
    ConfigurationError,
    PermanentError,
    TemporaryError,
)
from bot.core.sent import Sent

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

TOPIC = re.compile(
    r"arn:(?P<partition>aws[a-z-]{0,20}):sns:(?P<region>[a-z]{2}(?:-[a-z]+){1,3}-\d):\d{12}:"
    r"[\w.-]{1,256}",
    re.ASCII,
)
KEPT = 8
"""Certificates at most: a region has one, and another while it changes."""
LARGEST = 20_000
"""Characters of a certificate."""
STRONG = 2048
"""Bits of a key at least."""
WITHIN = 5.0
_FILE = re.compile(r"/[A-Za-z0-9-]{1,100}\.pem")


class Message(Sent):
    """What SNS posts, whatever it is about; its header says the type too, and is not signed."""

    kind: Literal["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"] = Field(
        alias="Type"
    )
    id: str = Field(alias="MessageId", min_length=1, max_length=100)
    topic: str = Field(alias="TopicArn", max_length=400)
    text: str = Field(alias="Message")
    subject: str | None = Field(default=None, alias="Subject")
    said: str = Field(alias="Timestamp", max_length=40)
    token: str = Field(default="", alias="Token", max_length=2000)
    subscribe: str = Field(default="", alias="SubscribeURL", max_length=4000)
    version: Literal["1", "2"] = Field(alias="SignatureVersion")
    signature: str = Field(alias="Signature", max_length=2000)
    certificate: str = Field(alias="SigningCertURL", max_length=500)

    def signed(self) -> bytes:
        """Return what is signed: names and values, a line each, in the order of the names."""
        return "".join(f"{name}\n{value}\n" for name, value in self._signed()).encode()

    def _signed(self) -> Iterator[tuple[str, str]]:
        yield "Message", self.text
        yield "MessageId", self.id
        if self.kind == "Notification":
            if self.subject is not None:
                yield "Subject", self.subject
        else:
            yield "SubscribeURL", self.subscribe
        yield "Timestamp", self.said
        if self.kind != "Notification":
            yield "Token", self.token
        yield "TopicArn", self.topic
        yield "Type", self.kind


def at(message: Message) -> datetime | None:
    """When it was published; None when that cannot be read."""
    try:
        found = datetime.fromisoformat(message.said)
    except ValueError:
        return None
    return found if found.tzinfo else None


def host(topic: str) -> str:
    """
    Name the one host that speaks for a topic; empty when it is no topic's ARN.

    >>> host("arn:aws:sns:eu-west-1:123456789012:alarms")
    'sns.eu-west-1.amazonaws.com'
    """
    if (found := TOPIC.fullmatch(topic)) is None:
        return ""
    suffix = ".cn" if found["partition"] == "aws-cn" else ""
    return f"sns.{found['region']}.amazonaws.com{suffix}"


class Sns:
    """Checks signatures and answers to subscriptions; certificates are kept while they are good."""

    def __init__(self, rig: Rig) -> None:
        if importlib.util.find_spec("cryptography") is None:
            raise ConfigurationError(
                "alarms of CloudWatch come signed, and the package cryptography is not installed: "
                "pip install 'heal-bot[aws]'"
            )
        self._rig = rig
        self._kept: dict[str, Certificate] = {}
        self._fetching = asyncio.Lock()

    async def unsigned(self, message: Message, now: datetime) -> str:
        """
        Say why it is not SNS that signed it; empty when it is.

        AlertRejected with 503 when its certificate cannot be had now: SNS sends it again.
        """
        place = f"https://{host(message.topic)}"
        path = message.certificate.removeprefix(place)
        if path == message.certificate or not _FILE.fullmatch(path):
            return "its certificate does not lie at SNS in the region of its topic"
        try:
            certificate = await self._certificate(message.certificate)
        except TemporaryError as error:
            raise AlertRejected(f"the certificate cannot be read now: {error}", 503) from None
        except ActionError:  # its words repeat the path, and a stranger's fill no ledger
            return "its certificate cannot be read: SNS has none at the address that it names"
        except ValueError as error:
            return f"its certificate cannot be read: {error}"
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            self._kept.pop(message.certificate, None)
            return "its certificate is not valid at this time"
        return "" if _verified(message, certificate) else "it is not signed with its certificate"

    async def confirm(self, message: Message) -> None:
        """
        Accept a subscription; AlertRejected when SNS did not take it, with 503 when it may later.

        The address is made here of what was signed, so SubscribeURL can lead nowhere else.
        """
        query = {
            "Action": "ConfirmSubscription",
            "TopicArn": message.topic,
            "Token": message.token,
        }
        url = httpx.URL(f"https://{host(message.topic)}/", params=query)
        try:
            answer = await http.send(self._rig.http, "GET", url, within=WITHIN)
            if not answer.fine:
                answer.refuse("GET", message.token)
        except TemporaryError as error:
            raise AlertRejected(f"the subscription is not confirmed yet: {error}", 503) from None
        except ActionError as error:
            raise AlertRejected(f"the subscription was not confirmed: {error}") from None

    async def _certificate(self, url: str) -> Certificate:
        """Return one that is kept at once: strangers make others wait who name what is not."""
        if (known := self._kept.get(url)) is not None:
            return known
        async with self._fetching:
            if (known := self._kept.get(url)) is not None:
                return known
            answer = await http.send(self._rig.http, "GET", httpx.URL(url), within=WITHIN)
            if not answer.fine:
                answer.refuse("GET")
            if len(answer.body) > LARGEST:
                raise PermanentError("it is too large")
            found = _read(answer.body)
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[url] = found
            return found


def _read(pem: bytes) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    certificate = x509.load_pem_x509_certificate(pem)
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < STRONG:
        raise ValueError(f"its key is not one of RSA with {STRONG} bits")
    return certificate


def _verified(message: Message, certificate: Certificate) -> bool:
    """SignatureVersion 1 is SHA1, which AWS sends unless a topic says 2: SHA256."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    digest = hashes.SHA1() if message.version == "1" else hashes.SHA256()  # noqa: S303
    key = certificate.public_key()
    try:
        given = base64.b64decode(message.signature, validate=True)
        if isinstance(key, RSAPublicKey):
            key.verify(given, message.signed(), PKCS1v15(), digest)
            return True
    except (ValueError, InvalidSignature):
        return False
    return False
