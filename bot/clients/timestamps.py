"""Time stamps by RFC 3161: what is asked of an authority, and whether its answer is one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bot.core.errors import PermanentError

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest

ASKS, ANSWERS = "application/timestamp-query", "application/timestamp-reply"
MISSING = "the package for time stamps is not installed: pip install 'heal-bot[timestamps]'"


class Asked(NamedTuple):
    """A request: its octets in DER, and what the answer has to fit."""

    text: bytes
    request: TimeStampRequest

    @property
    def octets(self) -> bytes:
        return self.request.as_bytes()


def ask(text: bytes) -> Asked:
    """Ask for the time of a text, of which only the hash (SHA-256) is told; with a nonce."""
    try:
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder
    except ImportError as error:
        raise PermanentError(MISSING) from error
    builder = TimestampRequestBuilder().data(text).hash_algorithm(HashAlgorithm.SHA256)
    return Asked(text, builder.build())


def insist(asked: Asked, answer: bytes, roots: bytes) -> None:
    """
    Raise PermanentError unless this is the answer, signed under one of the certificates in PEM.

    It has to be granted, for this text and nonce, by a certificate that is meant for time stamps.
    """
    from cryptography import x509
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    try:
        builder = VerifierBuilder.from_request(asked.request)
        for one in x509.load_pem_x509_certificates(roots):
            builder = builder.add_root_certificate(one)
        builder.build().verify_message(decode_timestamp_response(answer), asked.text)
    except (VerificationError, ValueError) as error:
        raise PermanentError(f"the time stamp does not hold: {error}") from None


def certificates(path: Path) -> bytes:
    """Read the certificates of authorities; PermanentError when there are none."""
    try:
        octets = path.read_bytes()
    except OSError as error:
        raise PermanentError(f"{path} cannot be read: {error.strerror}") from None
    if b"-----BEGIN CERTIFICATE-----" not in octets:
        raise PermanentError(f"{path} holds no certificate in PEM")
    return octets
