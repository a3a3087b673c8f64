"""
What a forge makes of a comment: CommonMark with tables, then a second look at what was rendered.

Markdown is read by markdown-it, whose results are CommonMark's. The second look is what GitHub
and GitLab document: people, issues, commits, labels, addresses and emoji in text, but not in code.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

_READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_HARMLESS = re.compile(
    r"(paragraph|table|thead|tbody|tr|th|td)_(open|close)|inline|text|code_inline|softbreak|hardbreak"
)
_SECOND_LOOK = {
    "a mention": r"(?<![\w`])@\w",
    "an issue": r"(?<!\w)(#|gh-)\d|\w+/\w+#\d",
    "a key of another tracker": r"\b[a-z][a-z0-9_]+-\d+\b",
    "a merge request, snippet, epic, milestone or label": r"(?<!\w)[!$&%~](\d|\w|\")",
    "a commit": r"(?<![\w-])[0-9a-f]{7,40}(?![\w-])",
    "an address": r"\w+://|\bwww\.|[\w.+-]+@[\w-]+\.\w|mailto:",
    "an emoji": r":(?!\d\d?:)[a-z0-9_+-]+:",
    "an inline difference": r"[{\[][+-].*[+-][}\]]",
    "mathematics": r"\$`|`\$|\$[^\s$]+\$",
    "a reference by name": r"\[[a-z_]+:[^\]]+\]",
}


class Rendered(NamedTuple):
    """The text that people see, and what of it is more than text."""

    text: str
    active: tuple[str, ...]


def rendered(markdown: str) -> Rendered:
    """Render a comment; a cell ends in a tab, a paragraph and a row in a line break."""
    text, active = list[str](), list[str]()
    for token in _READER.parse(markdown):
        if not _HARMLESS.fullmatch(token.type):
            active.append(token.type)
        text.append(_own(token, active))
    return Rendered("".join(text).rstrip("\n"), tuple(active))


def tokens(markdown: str) -> list[Token]:
    return _READER.parse(markdown)


def inside(markdown: str) -> list[Token]:
    """What stands in the paragraphs of a comment."""
    return [child for token in _READER.parse(markdown) for child in token.children or ()]


def commands(markdown: str) -> list[str]:
    """What GitLab would carry out: lines that begin with a slash; older ones look into all."""
    return re.findall(r"(?m)^\s*/\w+", markdown)


def _own(token: Token, active: list[str]) -> str:
    if token.type in {"td_close", "th_close"}:
        return "\t"
    if token.type in {"paragraph_close", "tr_close"}:
        return "\n"
    plain = list[str]()
    told = list[str]()
    for child in token.children or ():
        if not _HARMLESS.fullmatch(child.type):
            active.append(child.type)
        if child.type in {"softbreak", "hardbreak"}:
            told.append("\n")
            plain.append("\n")
            continue
        told.append(child.content)
        plain.append(child.content if child.type == "text" else "\0")
    for kind, pattern in _SECOND_LOOK.items():
        if found := re.search(pattern, "".join(plain), re.IGNORECASE):
            active.append(f"{kind}: {found[0]}")
    return "".join(told)
