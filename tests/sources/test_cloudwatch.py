"""Only what SNS signed for a listed topic is believed: real certificates at a real HTTPS server."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from bot.clients import commands, sns
from bot.clients.rig import Rig
from bot.core import labels
from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.errors import AlertRejected, ConfigurationError
from bot.core.posted import Posted
from bot.plugins import configure
from bot.sources.cloudwatch import PLUGIN, CloudwatchSettings
from tests.fakes import FakeClock

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"
HOST = "sns.eu-west-1.amazonaws.com"
PEM = "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
}
SIGNED["UnsubscribeConfirmation"] = SIGNED["SubscriptionConfirmation"]
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certificate(key: Key, name: str, since: datetime = NOW - timedelta(days=9)) -> bytes:
    """A certificate of ten days for a name, signed by itself."""
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=10))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(Encoding.PEM)


@dataclass
class Amazon:
    """SNS of one region: its certificate lies at its host, behind real TLS."""

    rig: Rig
    key: rsa.RSAPrivateKey
    kept: dict[str, bytes]
    status: int = 200
    asked: list[str] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    def sign(self, content: dict[str, Any]) -> bytes:
        lines = "".join(f"{name}\n{content[name]}\n" for name in SIGNED[content["Type"]]
                        if name in content)  # fmt: skip
        digest = hashes.SHA1() if content["SignatureVersion"] == "1" else hashes.SHA256()
        seal = self.key.sign(lines.encode(), padding.PKCS1v15(), digest)
        return json.dumps({**content, "Signature": base64.b64encode(seal).decode()}).encode()

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(f"https://{request.host}{request.path_qs}")
        await self.open.wait()
        found = self.kept.get(request.path)
        return web.Response(body=found, status=self.status if found is not None else 404)


class ToLoopback(httpx.AsyncBaseTransport):
    """Sends every request to one server here; its certificate must still be the host's."""

    def __init__(self, inner: httpx.AsyncBaseTransport, port: int) -> None:
        self._inner, self._port = inner, port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        here = request.url.copy_with(host="127.0.0.1", port=self._port)
        named = {**request.extensions, "sni_hostname": request.url.host}
        sent = httpx.Request(request.method, here, headers=request.headers,
                             stream=request.stream, extensions=named)  # fmt: skip
        return await self._inner.handle_async_request(sent)

    async def aclose(self) -> None:
        await self._inner.aclose()


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The key and certificate of SNS's own host, as its web server shows it today."""
    held = ec.generate_private_key(ec.SECP256R1())
    private = held.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = tmp_path_factory.mktemp("tls") / "sns.pem"
    file.write_bytes(private + certificate(held, HOST, datetime.now(UTC) - timedelta(days=1)))
    return file


@asynccontextmanager
async def serving(tls: Path, key: rsa.RSAPrivateKey) -> AsyncIterator[Amazon]:
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(tls)
    theirs = httpx.AsyncHTTPTransport(verify=ssl.create_default_context(cafile=str(tls)))
    app = web.Application()
    runner = web.AppRunner(app)
    held: list[Amazon] = []

    async def answer(request: web.Request) -> web.Response:
        return await held[0].answer(request)

    app.router.add_get("/{path:.*}", answer)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=ours)
    await site.start()
    port = runner.addresses[0][1]
    async with httpx.AsyncClient(transport=ToLoopback(theirs, port)) as client:
        rig = Rig(client, FakeClock(NOW), commands.Commands({}))
        held.append(Amazon(rig, key, {PEM: certificate(key, "sns.amazonaws.com"), "/": b"<ok/>"}))
        yield held[0]
    await runner.cleanup()


@pytest.fixture
async def amazon(tls: Path, key: rsa.RSAPrivateKey) -> AsyncIterator[Amazon]:
    async with serving(tls, key) as found:
        yield found


def content(name: str = "alarm", **changed: Any) -> dict[str, Any]:
    read = json.loads((PAYLOADS / f"cloudwatch_{name}.json").read_text())
    return {key: value for key, value in {**read, **changed}.items() if value is not None}


def subscription(kind: str = "SubscriptionConfirmation", **changed: Any) -> dict[str, Any]:
    said = {
        "Type": kind,
        "Subject": None,
        "Token": "2336412f37fb687f5d51e6e2425f464de257ebbbe8c2df1e0e3d",
        "Message": "You have chosen to subscribe to the topic.",
        "SubscribeURL": f"https://{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336",
    }
    return content(**{**said, **changed})


def posted(body: bytes, at: datetime = NOW, **headers: str) -> Posted:
    return Posted(headers, body, at)


def source(amazon: Amazon, **settings: Any) -> PLUGIN:
    return PLUGIN(CloudwatchSettings(**{"topics": (TOPIC,), **settings}), amazon.rig)


def parsed(said: dict[str, Any]) -> list[Alert]:
    return PLUGIN(CloudwatchSettings()).read(posted(json.dumps(said).encode()))


@pytest.mark.parametrize("version", ["1", "2"])
async def test_what_sns_signed_for_a_listed_topic_is_authentic(
    amazon: Amazon, version: str
) -> None:
    body = amazon.sign(content(SignatureVersion=version))

    assert await source(amazon).authentic(posted(body)) == ""
    assert amazon.asked == [f"https://{HOST}{PEM}"]


async def test_a_message_without_a_subject_is_signed_without_one(amazon: Amazon) -> None:
    assert await source(amazon).authentic(posted(amazon.sign(content(Subject=None)))) == ""


async def test_the_certificate_is_fetched_once(amazon: Amazon) -> None:
    door = source(amazon)

    for _ in range(3):
        await door.authentic(posted(amazon.sign(content())))

    assert len(amazon.asked) == 1


@pytest.mark.parametrize("name", ["Message", "MessageId", "Subject", "Timestamp"])
async def test_a_message_that_was_changed_is_refused(amazon: Amazon, name: str) -> None:
    changed = json.loads(amazon.sign(content()))
    changed[name] = "2026-11-20T18:29:00.000Z" if name == "Timestamp" else f"{changed[name]} "

    why = await source(amazon).authentic(posted(json.dumps(changed).encode()))

    assert why == "it is not signed with its certificate"


async def test_a_signature_of_one_version_is_none_of_the_other(amazon: Amazon) -> None:
    said = json.loads(amazon.sign(content(SignatureVersion="1")))
    body = json.dumps({**said, "SignatureVersion": "2"}).encode()

    assert await source(amazon).authentic(posted(body)) == "it is not signed with its certificate"


async def test_a_signature_of_somebody_else_is_refused(amazon: Amazon) -> None:
    amazon.key = rsa.generate_private_key(65537, 2048)

    why = await source(amazon).authentic(posted(amazon.sign(content())))

    assert why == "it is not signed with its certificate"


@pytest.mark.parametrize(
    "url",
    [
        f"http://{HOST}{PEM}",
        f"https://{HOST}.example.org{PEM}",
        f"https://example.org/{HOST}{PEM}",
        f"https://{HOST}@example.org{PEM}",
        f"https://{HOST}:8443{PEM}",
        f"https://sns.us-east-1.amazonaws.com{PEM}",
        f"https://{HOST}/../{PEM}",
        f"https://{HOST}/?x={PEM}",
        f"https://{HOST}/certificate.txt",
        f"https://bucket.s3.eu-west-1.amazonaws.com{PEM}",
        f"https://{HOST}{PEM}#.pem",
    ],
)
async def test_a_certificate_from_anywhere_else_is_never_fetched(amazon: Amazon, url: str) -> None:
    why = await source(amazon).authentic(posted(amazon.sign(content(SigningCertURL=url))))

    assert "does not lie at SNS in the region of its topic" in why
    assert amazon.asked == []


async def test_a_topic_that_is_not_listed_is_refused_and_nothing_is_fetched(
    amazon: Amazon,
) -> None:
    other = "arn:aws:sns:eu-west-1:999999999999:alarms"

    why = await source(amazon).authentic(posted(amazon.sign(content(TopicArn=other))))

    assert why == "its topic is not one of HEAL_CLOUDWATCH_WEBHOOK_TOPICS"
    assert amazon.asked == []


@pytest.mark.parametrize("late", [timedelta(minutes=61), timedelta(minutes=-65)])
async def test_what_was_published_long_ago_is_refused(amazon: Amazon, late: timedelta) -> None:
    said = datetime.fromisoformat(content()["Timestamp"])

    why = await source(amazon).authentic(posted(amazon.sign(content()), said + late))

    assert "played again" in why


async def test_what_sns_sends_again_within_its_hour_is_the_same_delivery(amazon: Amazon) -> None:
    door, body = source(amazon), amazon.sign(content())
    said = datetime.fromisoformat(content()["Timestamp"])

    assert await door.authentic(posted(body, said + timedelta(minutes=50))) == ""
    assert door.delivery(posted(body)) == "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324"


async def test_a_certificate_whose_time_is_over_proves_nothing(
    amazon: Amazon, key: rsa.RSAPrivateKey
) -> None:
    amazon.kept[PEM] = certificate(key, "sns.amazonaws.com", NOW - timedelta(days=11))

    why = await source(amazon).authentic(posted(amazon.sign(content())))

    assert why == "its certificate is not valid at this time"


@pytest.mark.parametrize("kept", [b"", b"no certificate", b"x" * 30_000])
async def test_what_is_no_certificate_proves_nothing(amazon: Amazon, kept: bytes) -> None:
    amazon.kept[PEM] = kept

    why = await source(amazon).authentic(posted(amazon.sign(content())))

    assert why.startswith("its certificate cannot be read")


async def test_strangers_who_name_ever_other_certificates_are_refused_in_the_same_words(
    amazon: Amazon,
) -> None:
    """Each reason is a line of the ledger: theirs would fill it."""
    door = source(amazon)

    said = {
        await door.authentic(posted(json.dumps({**content(), "SigningCertURL": url}).encode()))
        for url in (f"https://{HOST}/one.pem", f"https://{HOST}/two.pem")
    }

    assert len(said) == 1
    assert len(amazon.asked) == 2


async def test_a_known_certificate_waits_for_no_stranger_who_names_another(amazon: Amazon) -> None:
    door, body = source(amazon), amazon.sign(content())
    assert await door.authentic(posted(body)) == ""
    amazon.open.clear()
    strange = json.dumps({**content(), "SigningCertURL": f"https://{HOST}/other.pem"}).encode()
    stranger = asyncio.create_task(door.authentic(posted(strange)))
    while len(amazon.asked) < 2:
        await asyncio.sleep(0)

    known = asyncio.create_task(door.authentic(posted(body)))
    done, _ = await asyncio.wait({known, stranger}, return_when=asyncio.FIRST_COMPLETED)
    amazon.open.set()
    await stranger

    assert done == {known}


async def test_a_certificate_with_another_kind_of_key_proves_nothing(amazon: Amazon) -> None:
    amazon.kept[PEM] = certificate(ec.generate_private_key(ec.SECP256R1()), "sns.amazonaws.com")

    why = await source(amazon).authentic(posted(amazon.sign(content())))

    assert "not one of RSA" in why


async def test_a_certificate_that_cannot_be_had_now_makes_sns_come_again(amazon: Amazon) -> None:
    door, body = source(amazon), amazon.sign(content())
    amazon.status = 503

    with pytest.raises(AlertRejected, match="certificate cannot be read now") as refused:
        await door.authentic(posted(body))

    amazon.status = 200
    assert refused.value.status == 503
    assert await door.authentic(posted(body)) == ""


async def test_a_host_that_cannot_prove_its_name_is_not_believed(
    tls: Path, key: rsa.RSAPrivateKey
) -> None:
    topic = TOPIC.replace("eu-west-1", "us-east-1")
    said = content(TopicArn=topic, SigningCertURL=f"https://sns.us-east-1.amazonaws.com{PEM}")
    async with serving(tls, key) as amazon:
        with pytest.raises(AlertRejected, match="cannot be read now"):
            await source(amazon, topics=(topic,)).authentic(posted(amazon.sign(said)))

        assert amazon.asked == []


async def test_raw_delivery_has_no_signature_and_says_what_to_turn_off(amazon: Amazon) -> None:
    raw = Posted({"x-amz-sns-rawdelivery": "true"}, content()["Message"].encode(), NOW)

    assert "turn off raw message delivery" in await source(amazon).authentic(raw)


async def test_without_topics_the_door_stays_shut() -> None:
    door = PLUGIN(CloudwatchSettings(basic="amazon:secret"))

    assert door.locks == ()
    assert "nobody can prove" in await door.authentic(posted(b"{}"))


async def test_a_password_in_the_address_is_asked_for_beside_the_signature(amazon: Amazon) -> None:
    door, body = source(amazon, basic="amazon:secret"), amazon.sign(content())
    given = base64.b64encode(b"amazon:secret").decode()

    assert "user and password" in await door.authentic(posted(body))
    assert await door.authentic(posted(body, authorization=f"Basic {given}")) == ""


@pytest.mark.parametrize("topic", ["alarms", "arn:aws:sns:eu-west-1:1:alarms", f"{TOPIC}/x"])
def test_a_topic_that_is_no_arn_stops_the_start(topic: str) -> None:
    with pytest.raises(ConfigurationError, match="HEAL_CLOUDWATCH_WEBHOOK_TOPICS is wrong"):
        configure("cloudwatch_webhook", CloudwatchSettings, {"topics": topic})


def test_a_topic_in_china_has_its_host_there() -> None:
    assert sns.host("arn:aws-cn:sns:cn-north-1:123456789012:a") == "sns.cn-north-1.amazonaws.com.cn"


async def test_a_subscription_of_a_listed_topic_is_confirmed(amazon: Amazon) -> None:
    door, body = source(amazon), amazon.sign(subscription())

    assert await door.authentic(posted(body)) == ""
    assert await door.greeted(posted(body)) == f"the subscription to {TOPIC} is confirmed"
    [asked] = [httpx.URL(one) for one in amazon.asked[1:]]
    assert (asked.host, asked.path) == (HOST, "/")
    assert dict(asked.params) == {
        "Action": "ConfirmSubscription",
        "TopicArn": TOPIC,
        "Token": subscription()["Token"],
    }


async def test_a_subscription_leads_nowhere_else(amazon: Amazon) -> None:
    body = amazon.sign(subscription(SubscribeURL="https://metadata.internal/latest"))

    await source(amazon).greeted(posted(body))

    assert {httpx.URL(one).host for one in amazon.asked} == {HOST}


@pytest.mark.parametrize(("status", "told"), [(503, 503), (403, 422)])
async def test_a_subscription_that_is_not_taken_is_not_told_as_done(
    amazon: Amazon, status: int, told: int
) -> None:
    amazon.status = status

    with pytest.raises(AlertRejected, match="confirmed") as refused:
        await source(amazon).greeted(posted(amazon.sign(subscription())))

    assert refused.value.status == told


async def test_a_subscription_that_ended_is_told_and_nothing_is_done(amazon: Amazon) -> None:
    body = amazon.sign(subscription("UnsubscribeConfirmation"))

    assert "no alarm of it comes any more" in await source(amazon).greeted(posted(body))
    assert amazon.asked == []


async def test_an_alarm_is_no_greeting(amazon: Amazon) -> None:
    assert await source(amazon).greeted(posted(amazon.sign(content()))) == ""


def test_an_alarm_is_one_alert_with_its_dimensions_and_what_its_description_says() -> None:
    [alert] = parsed(content())

    assert alert == Alert(
        source="cloudwatch",
        name="shop-errors",
        fingerprint=labels.named("cloudwatch", "123456789012", "eu-west-1", "shop-errors"),
        status=AlertStatus.FIRING,
        severity=Severity.CRITICAL,
        labels={
            "service": "shop",
            "environment": "prod",
            "metric": "HTTPCode_Target_5XX_Count",
            "metric_namespace": "AWS/ApplicationELB",
            "LoadBalancer": "app/shop/50dc6c495c0c9188",
            "severity": "critical",
            "alarm": "shop-errors",
            "region": "eu-west-1",
            "account": "123456789012",
        },
        annotations={
            "summary": "Threshold Crossed: 1 datapoint [10.0 (20/11/26 18:25:00)] was greater than "
            "or equal to the threshold (1.0).",
            "description": '{"service": "shop", "environment": "prod", "severity": "critical"}',
        },
        starts_at=datetime(2026, 11, 20, 18, 28, 2, 104000, tzinfo=UTC),
        link="https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
        "#alarmsV2:alarm/shop-errors",
    )


def test_an_alarm_that_is_over_is_the_same_alert() -> None:
    [began], [over] = parsed(content()), parsed(content("ok"))

    assert began.fingerprint == over.fingerprint
    assert over.status is AlertStatus.RESOLVED
    assert over.ends_at == datetime(2026, 11, 20, 18, 40, 2, 104000, tzinfo=UTC)


def test_no_readings_neither_begin_nor_end_an_alarm() -> None:
    assert parsed(content("no_readings")) == []


def test_a_composite_alarm_has_no_metric() -> None:
    [alert] = parsed(content("composite"))

    assert (alert.name, alert.severity) == ("shop-is-down", Severity.WARNING)
    assert alert.annotations["description"] == "The shop answers nobody"
    assert set(alert.labels) == {"alarm", "region", "account"}


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (content(Message="hello"), "the body is not JSON: it is not an alarm"),
        (content(Message="{}"), "'AlarmArn'"),
        (content(Message=content()["Message"].replace("alarm:shop", "rule:shop")), "is no ARN"),
        (content(Message=content()["Message"].replace('"ALARM"', '"MAYBE"')), "'NewStateValue'"),
        (content(MessageId=None), "'MessageId'"),
        (content(Type="Rumour"), "'Type'"),
        (subscription(), "'Type'"),
    ],
)
def test_what_is_no_alarm_is_refused_by_its_place(said: dict[str, Any], named: str) -> None:
    with pytest.raises(AlertRejected, match=named) as refused:
        parsed(said)

    assert refused.value.status == 422
