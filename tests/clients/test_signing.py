"""Keys and notes are written as C2SP has them: its own example verifies, and ours are whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clients import signing
from bot.clients.signing import Signer
from bot.core import checkpoint, note
from bot.core.errors import ConfigurationError
from bot.core.note import Key

GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZ"
    "b6KE6RyyBwJnAM=\n"
)
"""The example in the documentation of golang.org/x/mod/sumdb/note, from which C2SP's form is."""


def test_the_known_note_verifies_and_is_what_we_would_have_signed() -> None:
    read = note.read(GO_NOTE)
    key, signer = Key.read(GO_PUBLIC), Signer.read(GO_PRIVATE)

    assert read.signed_by(key, signing.check)
    assert signer.public == key
    assert key.written == GO_PUBLIC
    assert note.Note(read.text, (signer.sign(read.text),)).written == GO_NOTE


@given(st.text(max_size=200), st.integers(0, len(GO_NOTE) - 1))
def test_a_note_that_was_changed_anywhere_is_not_signed(said: str, at: int) -> None:
    for spoilt in (GO_NOTE[:at] + said + GO_NOTE[at + 1 :], said + GO_NOTE, said):
        try:
            read = note.read(spoilt)
        except ValueError:
            continue
        same = read.text == note.read(GO_NOTE).text
        assert not read.signed_by(Key.read(GO_PUBLIC), signing.check) or same


def test_a_checkpoint_is_read_back_as_it_was_signed() -> None:
    signer = Signer.new("heal.test")
    signed = signer.checkpoint(7, b"r" * 32)

    assert signed.text.startswith(
        "heal.test\n7\ncnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=\n\n— "
    )
    assert checkpoint.read(signed.text) == signed
    assert checkpoint.several(signed.text * 3) == [signed] * 3
    assert checkpoint.several(f"\n\n{signed.text}\n\n{signed.text}\n") == [signed] * 2
    assert signed.note.signed_by(signer.public, signing.check)


@pytest.mark.parametrize("size", ["-1", "07", "x", "", "1" * 30])
def test_a_size_that_is_no_size_is_refused(size: str) -> None:
    text = Signer.new("heal.test").checkpoint(7, b"r" * 32).text.replace("\n7\n", f"\n{size}\n")

    with pytest.raises(ValueError):
        checkpoint.read(text)


@pytest.mark.parametrize(
    "text",
    ["", "hunter2", GO_PRIVATE[:-8], GO_PRIVATE.replace("c74f", "c74e"), GO_PUBLIC,
     GO_PRIVATE.replace("AYEKF", "AgEKF")],
)  # fmt: skip
def test_what_is_no_private_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ConfigurationError, match="heal audit key new") as refused:
        Signer.read(text)

    assert not text or text[-20:] not in str(refused.value)


@pytest.mark.parametrize("text", ["", "a+b", GO_PUBLIC[:-4], GO_PUBLIC.replace("c74f", "c74e")])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Key.read(text)
