"""
Pages: extracts as text: one entry a line, a Markdown document, a page for a browser.

Each holds its entries as lines, and the two for people are written from these alone. So a page is
verified by walking along its lines, and by writing it once more: every word of it is compared.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bot.core import extracts, showcase
from bot.core.chain import Break, Head, Walk
from bot.core.errors import ConfigurationError
from bot.core.extracts import Extract
from bot.core.telling import book, hypertext, markdown
from bot.store import verifying
from bot.store.verifying import Report

FENCE = (f"\n```{book.LINES}\n", "\n```\n")
PRE = (f'\n<pre class="{book.LINES}">\n', "\n</pre>\n")


def _lines(extract: Extract) -> str:
    return "".join(
        f"{line}\n" for line in extracts.lines(extract.stated, extract.parts, extract.contents)
    )


def _markdown(extract: Extract) -> str:
    return markdown.rendered(book.evidence(extract))


def _hypertext(extract: Extract) -> str:
    return hypertext.rendered(book.TITLE, book.evidence(extract))


FORMATS: dict[str, Callable[[Extract], str]] = {
    ".jsonl": _lines,
    ".md": _markdown,
    ".html": _hypertext,
}


def write(to: Path, extract: Extract) -> None:
    """Write a new file in the format of its ending; ConfigurationError when it cannot be."""
    text = FORMATS[to.suffix](extract)
    with ExitStack() as undo:
        try:
            with to.open("x", encoding="utf-8", newline="\n") as file:
                undo.callback(to.unlink)
                to.chmod(0o600)
                file.write(text)
        except FileExistsError:
            raise ConfigurationError(f"{to} is there already: name a new file") from None
        except OSError as error:
            raise ConfigurationError(f"{to} cannot be written: {error.strerror}") from error
        undo.pop_all()


def verify(path: Path, head: Head | None = None) -> Report:
    """Walk along the entries of a file and write its text again; never raises for what it holds."""
    try:
        text = path.read_bytes().decode().replace("\r\n", "\n")
    except (OSError, ValueError) as error:
        return Report(0, Walk().head, Break(1, f"{path} cannot be read: {error}"))
    written, extract = _told(text)
    walk = Walk(head, extract=True)
    broken = extracts.walked(walk, extract.parts) or extract.broken
    broken = broken or showcase.unfit(extract.parts, extract.contents)
    report = verifying.of_extract(walk, extract.stated, broken, head)
    if report.sound and written(extract) != text:
        why = (
            "its entries hold, but the text around them is not what they say: it was edited, or "
            f"another version of Heal wrote it (it names {extract.stated.by}): verify it with that"
        )
        return verifying.of_extract(walk, extract.stated, Break(walk.head.seq, why), head)
    return report


def read(path: Path) -> Extract:
    """Read what a file holds, which `verify` found sound."""
    return _told(path.read_bytes().decode().replace("\r\n", "\n"))[1]


def _told(text: str) -> tuple[Callable[[Extract], str], Extract]:
    """By which format a text was written, and what its lines hold."""
    written, held = _lines, text
    for (begin, end), by, unescape in ((FENCE, _markdown, str), (PRE, _hypertext, html.unescape)):
        _, found, rest = text.rpartition(begin)
        if found:
            written, held = by, unescape(rest.partition(end)[0])
            break
    return written, extracts.read(held.removesuffix("\n").split("\n"))
