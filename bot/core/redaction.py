"""Redaction: what looks like a secret is blacked out before Slack, ledger, log or model see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from bot.core import likely
from bot.core.alert import Alert
from bot.core.values import Facts

BLACK = "•••"
LEAST = 12
"""A secret of ours that is shorter might be a word of an alert, which would be unknown then."""
_OWN: list[str] = []
"""What this installation was told, in every spelling; the longest come first."""


def know(secrets: Iterable[str]) -> None:
    """Black these out as well from now on, whatever they look like; said once, at the start."""
    long = {secret for secret in secrets if len(secret) >= LEAST}
    _OWN[:] = sorted(long, key=lambda secret: (-len(secret), secret))


def text(said: str) -> str:
    """
    Black out what looks like a secret.

    >>> text("password=hunter22 at postgres://app:pa55word@db/shop")
    'password=••• at postgres://app:•••@db/shop'
    """
    if not _may_hold_one(said):
        return said
    for secret in _OWN:
        said = said.replace(secret, BLACK)
    for pattern in likely.TOKENS:
        said = pattern.sub(BLACK, said)
    for pattern in likely.AFTER:
        said = pattern.sub(rf"\1{BLACK}", said)
    said = likely.IN_URL.sub(rf"\1{BLACK}\2", said)
    return likely.NAMED.sub(rf"\1\2{BLACK}", said)


def within(value: JsonValue) -> JsonValue:
    """The same for JSON: texts anywhere in it, and whatever stands under a secret's name."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return [within(item) for item in value]
    if isinstance(value, dict):
        return {
            key: BLACK if names_a_secret(key) and isinstance(item, str) else within(item)
            for key, item in value.items()
        }
    return value


def names_a_secret(name: str) -> bool:
    """
    Whether what stands under this name is one, whatever it looks like.

    >>> names_a_secret("HEAL_SHOP_WEBHOOK_TOKEN"), names_a_secret("tokens_used")
    (True, False)
    """
    return likely.KEY.search(name) is not None


def of_facts(seen: Facts) -> Facts:
    """What a probe saw, as it may be kept and shown."""
    clean = within(seen)
    return clean if isinstance(clean, dict) else {}


def of_texts(given: Mapping[str, str]) -> dict[str, str]:
    """
    Names and values as they may be kept and shown.

    >>> of_texts({"token": "abc", "pod": "shop-1"})
    {'token': '•••', 'pod': 'shop-1'}
    """
    return {
        text(key): BLACK if names_a_secret(key) else text(value) for key, value in given.items()
    }


def of_alert(alert: Alert) -> Alert:
    """An alert as it may be kept and shown; its fingerprint is not touched."""
    texts = (*alert.labels, *alert.labels.values(), *alert.annotations)
    said = "\n".join((alert.name, alert.link or "", *texts, *alert.annotations.values()))
    if not _may_hold_one(said):
        return alert
    return alert.model_copy(
        update={
            "name": text(alert.name),
            "labels": of_texts(alert.labels),
            "annotations": of_texts(alert.annotations),
            "link": text(alert.link) if alert.link else None,
        }
    )


def _may_hold_one(said: str) -> bool:
    """Whether it is worth searching; most texts hold no secret of ours and no hint of another."""
    if any(map(said.__contains__, _OWN)):
        return True
    if not said.isascii():
        return True  # beyond ASCII a pattern that ignores case knows more letters than `lower`
    lowered = said.lower()
    return any(map(lowered.__contains__, likely.HINTS))
