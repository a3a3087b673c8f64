"""
Signing: Ed25519 under notes, and the file that a private key is kept in; a door to cryptography.

The private key is one line, as Go's note tools write it: `PRIVATE+KEY+name+id+key`. What the key
before it signed when it handed over may stand below.
"""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, NamedTuple, Self

from pydantic import Field, SecretStr

from bot.core import keyring, note
from bot.core.checkpoint import Checkpoint, Signed
from bot.core.errors import ConfigurationError
from bot.core.note import ED25519, Key, Note, Signature
from bot.core.values import Frozen

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PREFIX = "PRIVATE+KEY+"
SYSTEM = "checkpoint"


class CheckpointSettings(Frozen):
    """The settings HEAL_CHECKPOINT_*."""

    key: SecretStr = Field(
        default=SecretStr(""),
        description="the private key that signs checkpoints, best by its file: HEAL_CHECKPOINT_"
        "KEY_FILE; `heal audit key new` makes one, and its name is the origin",
    )


class Signer(NamedTuple):
    """A private key; `handover` is the note by which the key before it gave way, if one did."""

    name: str
    seed: bytes
    handover: str = ""

    @classmethod
    def new(cls, name: str) -> Self:
        """Make a key; ValueError when it cannot be called so."""
        return cls(note.named(name), secrets.token_bytes(32))

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the content of a key file; ConfigurationError says what is wrong, not the key."""
        line, _, below = text.strip().partition("\n")
        name, _, rest = line.strip().removeprefix(PREFIX).partition("+")
        written, _, kept = rest.partition("+")
        try:
            raw = base64.b64decode(kept, validate=True)
        except ValueError:
            raw = b""
        if not line.startswith(PREFIX) or len(raw) != 33 or raw[:1] != ED25519:
            raise ConfigurationError(f"it is no private key of Ed25519: {REMEDY}")
        signer = cls(name, raw[1:], f"{below.strip()}\n" if below.strip() else "")
        if signer.public.id.hex() != written:
            raise ConfigurationError(f"it is damaged, its id does not fit: {REMEDY}")
        return signer

    @property
    def written(self) -> str:
        """The content of its file."""
        key = base64.b64encode(ED25519 + self.seed).decode()
        line = f"{PREFIX}{self.name}+{self.public.id.hex()}+{key}\n"
        return f"{line}\n{self.handover}" if self.handover else line

    @property
    def public(self) -> Key:
        return Key(self.name, self._private.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        return Signature(self.name, self.public.id, self._private.sign(text.encode()))

    def checkpoint(self, size: int, root: bytes) -> Signed:
        """Sign how long the ledger is, and its root."""
        said = Checkpoint(self.name, size, root)
        return Signed(said, Note(said.text, (self.sign(said.text),)))

    def hand_over(self) -> Signer:
        """Make the key that takes this one's turn; both sign that it does."""
        fresh = Signer.new(self.name)
        text = keyring.handover(self.public, fresh.public)
        both = Note(text, (self.sign(text), fresh.sign(text)))
        return fresh._replace(handover=both.written)

    @property
    def _private(self) -> Ed25519PrivateKey:
        # Here, for it takes time to load, and a start without a key needs none of it.
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed)


REMEDY = "make one with `heal audit key new`"
UNSET = (
    "set HEAL_CHECKPOINT_KEY_FILE to a key that `heal audit key new` made; without checkpoints a "
    "ledger that was cut off or written anew cannot be told"
)


def check(key: Key, signature: bytes, text: bytes) -> bool:
    """Whether a signature is this key's under this text."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key.octets).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def signer(settings: CheckpointSettings) -> Signer | None:
    """The key that is set, None without one; ConfigurationError when it is none."""
    text = settings.key.get_secret_value()
    if not text.strip():
        return None
    try:
        return Signer.read(text)
    except ConfigurationError as error:
        raise ConfigurationError(f"HEAL_CHECKPOINT_KEY: {error}") from None
