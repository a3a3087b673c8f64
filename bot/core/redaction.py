"""Redaction: what looks like a secret is blacked out before Slack, ledger, log or model see it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import JsonValue

from bot.core.alert import Alert
from bot.core.values import Facts

BLACK = "•••"

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\bxox[abeoprs](?:\.xox[abeoprs])?-[A-Za-z0-9-]{8,}",
        r"\bxapp-[A-Za-z0-9-]{8,}",
        r"\bgh[opsur]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[A-Za-z0-9_-]{16,}",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"\bAIza[A-Za-z0-9_-]{30,}|\bya29\.[A-Za-z0-9_-]{20,}",
        r"\bsk-[A-Za-z0-9_-]{20,}|\b[rs]k_live_[A-Za-z0-9]{16,}",
        r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    )
)
_BEARER = re.compile(
    r"\b((?:Bearer|Basic|Token token=|GenieKey)\s?)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE
)
_IN_URL = re.compile(
    r"(\b[a-z][a-z0-9+.-]{1,20}://[^/\s:@]{0,100}:)[^@\s/]{1,200}(@)", re.IGNORECASE
)
_NAMED = re.compile(
    r"\b((?:[a-z0-9]+[_-])*"
    r"(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?key|token|credentials?)"
    r"[\"']?\s{0,3}[=:]\s{0,3}[\"']?)[^\s\"',;&]{4,}",
    re.IGNORECASE,
)
_HINTS = (
    "xox", "xapp-", "gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "akia", "asia",
    "aiza", "ya29.", "sk-", "k_live_", "eyj", "private key", "bearer", "basic", "token", "geniekey",
    "@", "password", "passwd", "pwd", "secret", "api", "access", "credential",
)  # fmt: skip
"""Every pattern here needs one of these, in some case: what holds none is not searched."""
_SECRET_KEY = re.compile(
    r"(?:^|[_-])(?:password|passwd|pwd|secret|api_?key|access_?key|token|credentials?)$",
    re.IGNORECASE,
)


def text(said: str) -> str:
    """
    Black out what looks like a secret.

    >>> text("password=hunter22 at postgres://app:pa55word@db/shop")
    'password=••• at postgres://app:•••@db/shop'
    """
    if not _may_hold_one(said):
        return said
    for pattern in _PATTERNS:
        said = pattern.sub(BLACK, said)
    said = _BEARER.sub(rf"\1{BLACK}", said)
    said = _IN_URL.sub(rf"\1{BLACK}\2", said)
    return _NAMED.sub(rf"\1{BLACK}", said)


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
    return _SECRET_KEY.search(name) is not None


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
    """Whether it is worth searching; most texts hold no hint of a secret at all."""
    if not said.isascii():
        return True  # beyond ASCII a pattern that ignores case knows more letters than `lower`
    lowered = said.lower()
    return any(hint in lowered for hint in _HINTS)
