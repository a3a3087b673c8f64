"""Secrecy: the configured secrets in every spelling in which a log might come to hold them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

from bot.core import redaction

SHORTEST = 6
"""A configured secret shorter than this would black out ordinary words."""
LONGEST = 4000
"""Characters of one text that are kept: a log is no place for a megabyte of somebody's label."""
DEEPEST = 8
"""Levels of a nested value that are followed."""


class Secrecy:
    """Blacks out the secrets it is told of, and what looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        long = {secret for secret in secrets if len(secret.strip()) >= SHORTEST}
        spelled = {form for secret in long for form in forms(secret)}
        longest_first = sorted(spelled, key=lambda form: (-len(form), form))
        self._known = re.compile("|".join(map(re.escape, longest_first))) if spelled else None

    def text(self, said: str) -> str:
        """Black out every secret, also one that a cut would have left the beginning of."""
        said = self.whole(said)
        return said if len(said) <= LONGEST else f"{said[:LONGEST]}… [{len(said)} characters]"

    def whole(self, said: str) -> str:
        """Do the same without a cut: the end of a traceback is what it is read for."""
        if self._known is not None:
            said = self._known.sub(redaction.BLACK, said)
        return redaction.text(said)

    def value(self, value: object, deep: int = 0) -> object:
        """Do the same anywhere in a value that shall become JSON; keys are texts as well."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping) and deep < DEEPEST:
            return {
                self.text(str(key)): redaction.BLACK
                if redaction.names_a_secret(str(key)) and isinstance(one, str)
                else self.value(one, deep + 1)
                for key, one in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset) and deep < DEEPEST:
            return [self.value(one, deep + 1) for one in value]
        return self.text(str(value))


def forms(secret: str) -> Iterator[str]:
    """A secret as it is, and as JSON, Python, URLs, headers and dumps would write it."""
    yield secret
    yield secret.strip()
    yield from (line for line in secret.split("\n") if len(line.strip()) >= 2 * SHORTEST)
    yield from (json.dumps(secret, ensure_ascii=ascii_)[1:-1] for ascii_ in (True, False))
    yield repr(secret)[1:-1]
    for quoted in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield quoted
        yield re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)
    yield from (raw.hex() for raw in (secret.encode(), secret.strip().encode()))
    yield from _coded(secret.strip().encode())


def _coded(secret: bytes) -> Iterator[str]:
    """
    Give what base64 makes of it wherever it stands, as a password stands behind `user:`.

    Three bytes are four letters, so there are three ways to begin; the letters at both ends
    that also depend on the neighbours are left out.
    """
    for before, cut in ((0, 0), (1, 2), (2, 3)):
        whole = (before + len(secret)) * 8 // 6
        for coded in (base64.b64encode, base64.urlsafe_b64encode):
            form = coded(bytes(before) + secret)[cut:whole].decode()
            if len(form) >= SHORTEST:
                yield form
