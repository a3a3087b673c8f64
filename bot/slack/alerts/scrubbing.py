"""Takes out of a message what is a company's own, and leaves what a format reads; pure.

The same original has the same replacement wherever it stands, so an alert keeps its identity
within its message. Ordinary words stay: only a person sees whether one of them says too much.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import unquote

from pydantic import JsonValue

from bot.core import redaction
from bot.slack.alerts import public

KEPT = frozenset(
    ["type", "subtype", "text", "blocks", "attachments", "bot_id", "app_id", "user", "username",
     "team", "channel", "ts", "thread_ts"]
)  # fmt: skip
"""What of a message is kept at all; profiles, reactions and files are not."""
DEEPEST = 20
_IDS = {"U": "PERSON", "W": "PERSON", "B": "BOT", "A": "APP", "T": "TEAM", "E": "TEAM",
        "C": "CHANNEL", "D": "CHANNEL", "G": "CHANNEL", "S": "GROUP"}  # fmt: skip
_NAMED = frozenset({"real_name", "display_name", "first_name", "last_name", "username",
                    "author_name", "real_name_normalized", "display_name_normalized"})  # fmt: skip
_TITLED = re.compile(
    r"(?:assigned(?: to)?|assignees?|owner|responders?|on.?call|author|"
    r"(?:acknowledged|resolved|closed|created|reported|updated) by):?",
    re.IGNORECASE,
)
_NAME = r"[A-Z][\w'-]+(?: [A-Z][\w'-]+){0,3}"
_PERSON = re.compile(rf"(?i:{_TITLED.pattern})[:*\s]{{1,6}}(?:<[^>|]*\|)?({_NAME})")
_DID = re.compile(rf"({_NAME}) (?:acknowledged|closed|resolved|reassigned|commented)\b")
_THINGS = frozenset(
    ["alert", "incident", "issue", "problem", "alarm", "alertmanager", "grafana", "zabbix",
     "sentry", "opsgenie", "dynatrace", "datadog", "pagerduty", "slack", "amazon q", "aws"]
)  # fmt: skip
"""No names of people: formats know messages by some of them."""
_URL = re.compile(r"(https?)://(?:[^\s/@<>|\"]{1,200}@)?([\w.-]{1,253})(:[0-9]{1,5})?([^\s<>|\"]*)")
_TOKEN = re.compile(r"[^\s/?&;=:#,|<>()+{}%.-]+(?:-[^\s/?&;=:#,|<>()+{}%.-]+)*")
_VENDOR_ID = re.compile(r"(?=[A-Z0-9]*[0-9])[A-Z0-9]{5,40}")
_DONE = re.compile(r"host-[0-9]+")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_SLACK_ID = re.compile(
    r"\b(?=[A-Z]*[0-9])(?!.0(?:PERSON|BOT|APP|TEAM|CHANNEL|GROUP)[0-9])([UWBATECDGS])[A-Z0-9]{8,12}\b"
)
_MENTION = re.compile(r"<([@#]|!subteam\^)([A-Z0-9]{2,})(?:\|[^>]*)?>")
_HOST = re.compile(
    r"\b(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){2,}[a-z]{2,24}\b|"
    r"\b[a-z0-9-]{2,63}\.(?:com|net|org|io|dev|cloud|app|local|internal|corp|lan|intra)\b"
)
_IP = re.compile(r"\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b|\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}\b")
_ACCOUNT = re.compile(r"\b[0-9]{12}\b")
_PHONE = re.compile(r"\+[0-9][0-9 ()-]{7,18}[0-9]")
_OPAQUE = re.compile(r"\b(?=[\w-]*[0-9])(?=[\w-]*[A-Za-z])[A-Za-z0-9_-]{24,}\b")


class Scrub:
    """Scrubs one message; `hidden` are words that its owner wants out besides."""

    def __init__(self, hidden: Iterable[str] = ()) -> None:
        self._hidden = sorted(filter(None, map(str.strip, hidden)), key=len, reverse=True)
        self._given: dict[tuple[str, str], str] = {}
        self._names: list[str] = []
        self._counts: dict[str, int] = {}

    def message(self, message: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Return the message as it may be shown to others."""
        found = {name for name in _names(dict(message), DEEPEST) if name.lower() not in _THINGS}
        self._names = sorted(found, key=len, reverse=True)
        kept = {name: value for name, value in message.items() if name in KEPT}
        clean = self._value("", kept, DEEPEST)
        return clean if isinstance(clean, dict) else {}

    def _value(self, key: str, value: JsonValue, deep: int) -> JsonValue:
        if isinstance(value, str):
            return self._under(key, value)
        if isinstance(value, list):
            return [self._value("", one, deep - 1) for one in value] if deep > 0 else []
        if isinstance(value, dict):
            inner = value.items() if deep > 0 else ()
            button = value.get("type") == "button"
            return {
                name: self._new("value", one) if button and name == "value" and isinstance(one, str)
                else self._value(name, one, deep - 1)
                for name, one in inner
            }  # fmt: skip
        return value

    def _under(self, key: str, said: str) -> str:
        if key in {"user", "team", "channel", "bot_id", "app_id"} and said:
            return self._id(said)
        if key == "username" and said.lower() not in _THINGS:
            return self._new("name", said)
        return said if key in {"ts", "thread_ts", "type", "subtype"} else self.text(said)

    def text(self, said: str) -> str:
        """Scrub one text."""
        for word in self._hidden:
            said = re.sub(re.escape(word), self._as("hidden"), said, flags=re.IGNORECASE)
        said = _URL.sub(self._url, redaction.text(said))
        said = _EMAIL.sub(lambda one: self._new("person", one[0], "@example.com"), said)
        said = _MENTION.sub(lambda one: f"<{one[1]}{self._id(one[2])}>", said)
        for name in self._names:
            said = re.sub(rf"\b{re.escape(name)}\b", self._as("name"), said)
        for pattern, made in self._rest():
            said = pattern.sub(made, said)
        return said

    def _rest(self) -> Iterator[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]]:
        yield _IP, lambda one: f"192.0.2.{self._count('address', one[0]) % 256}"
        yield _OPAQUE, self._as("opaque")
        yield _SLACK_ID, lambda one: self._id(one[0])
        yield _ACCOUNT, lambda one: f"{self._count('account', one[0]):012d}"
        yield _PHONE, lambda one: f"+1000000{self._count('phone', one[0]):04d}"
        yield _HOST, lambda one: self._host(one[0])

    def _url(self, found: re.Match[str]) -> str:
        scheme, host, port, rest = found[1], found[2].lower(), found[3] or "", found[4]
        return f"{scheme}://{self._host(host)}{port}{_TOKEN.sub(self._token, unquote(rest))}"

    def _host(self, host: str) -> str:
        """A vendor's own name stays, for formats know it; the customer's part of it does not."""
        if host == "example.com" or host.endswith(".example"):
            return host
        vendor = next((v for v in public.VENDORS if host == v or host.endswith(f".{v}")), "")
        if not vendor:
            return self._new("host", host, ".example")
        parts = host.removesuffix(vendor).strip(".").split(".") if host != vendor else []
        return ".".join((*(self._part(one) for one in parts), vendor))

    def _part(self, part: str) -> str:
        ours = part in public.SITES or public.REGION.fullmatch(part) or _DONE.fullmatch(part)
        return part if ours else self._new("host", part)

    def _token(self, found: re.Match[str]) -> str:
        """A word of a link; numbers stay, for they are what identifies an alert."""
        word = found[0]
        if word in public.PATHS or word.isdigit() or len(word) < 2 or public.REGION.fullmatch(word):
            return word
        if _VENDOR_ID.fullmatch(word):
            return f"Q{self._count('id', word):013d}"
        return self._new("word", word)

    def _id(self, said: str) -> str:
        kind = _IDS.get(said[:1], "ID")
        return f"{said[:1] or 'X'}0{kind}{self._count(kind, said)}"

    def _as(self, kind: str) -> Callable[[re.Match[str]], str]:
        return lambda one: self._new(kind, one[0].lower() if kind == "hidden" else one[0])

    def _new(self, kind: str, said: str, ending: str = "") -> str:
        return f"{kind}-{self._count(kind, said)}{ending}"

    def _count(self, kind: str, said: str) -> int:
        """Which one of its kind this is, from 1 on."""
        if (kind, said) not in self._given:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._given[kind, said] = str(self._counts[kind])
        return int(self._given[kind, said])


def _names(value: JsonValue, deep: int) -> Iterator[str]:
    """Every name of a person that the message tells as one."""
    if isinstance(value, str):
        for pattern in (_PERSON, _DID):
            yield from (one[1] for one in pattern.finditer(value))
        yield from (one[1] for one in re.finditer(r"<@[A-Z0-9]+\|([^>]+)>", value))
    elif isinstance(value, list) and deep > 0:
        for one in value:
            yield from _names(one, deep - 1)
    elif isinstance(value, dict) and deep > 0:
        title, said = value.get("title"), value.get("value")
        if isinstance(title, str) and isinstance(said, str) and _TITLED.fullmatch(title.strip()):
            yield from (word.strip() for word in said.split(",") if word.strip())
        for name, inner in value.items():
            if name in _NAMED and isinstance(inner, str) and inner.strip():
                yield inner.strip()
            yield from _names(inner, deep - 1)
