"""What may not stand in a plan: the ledger keeps it for ever, and everybody may read it: pure."""

from __future__ import annotations

import re

from pydantic import JsonValue

from bot.core import redaction, values
from bot.core.errors import PermanentError

LARGEST = 8192
"""Characters of a value, as JSON, that a plan may carry."""
SHOWN = 60
_NAMES = re.compile(
    r"passw|pwd|passphrase|secret|token|credential|private|certificate|(?:^|[^a-z])auth(?:$|[^a-z])"
    r"|(?:^|[^a-z])(?:api|access|signing|encryption|session|master)?[^a-z]?keys?$|apikey|\.pem$",
    re.IGNORECASE,
)


def refuse_name(name: str) -> None:
    """
    Refuse a name that a secret would have.

    >>> refuse_name("POOL_SIZE"), refuse_name("KEY_PREFIX")
    (None, None)
    """
    if _NAMES.search(name):
        raise PermanentError(
            f"{name} looks like the name of a secret, and its value would stand in the ledger: "
            "Heal does not set it"
        )


def refuse_value(name: str, value: JsonValue) -> None:
    """Refuse a value that would be blacked out, for then nobody could put it back."""
    if len(values.canonical(value)) > LARGEST:
        raise PermanentError(f"the value of {name} is longer than {LARGEST} characters")
    if redaction.within(value) != value:
        raise PermanentError(
            f"the value of {name} looks like a secret, and would stand in the ledger: Heal leaves "
            "it alone"
        )


def shown(value: JsonValue) -> str:
    """
    A value on a card: all of it when it is short, else its length and fingerprint.

    >>> shown("50"), shown(None)
    ('50', 'nothing')
    """
    text = (
        "nothing" if value is None else value if isinstance(value, str) else values.canonical(value)
    )
    if len(text) <= SHOWN and text.isprintable():
        return text
    return f"{len(text)} characters ({values.digest(value)[:12]})"
