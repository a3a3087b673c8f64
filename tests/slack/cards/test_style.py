"""Every card obeys the settings of its words, and none changes what people are asked to approve."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.slack.cards import spoken, style
from bot.slack.cards.escaping import escape
from bot.slack.cards.style import CardsSettings
from tests.slack.cards import goldens

MESSAGES = goldens.messages()
EMOJI = re.compile("[\u21a9\u23e9-\u23fa\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
CODE = re.compile(r"`[^`\n]*`")


def texts(value: Any) -> list[dict[str, Any]]:
    """Every text object in blocks, in order."""
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("text"), str):
        return [value]
    return [text for one in value.values() for text in texts(one)]


def shown(block: Any) -> Any:
    """A block without its dialogs and without the names over a table's columns."""
    if isinstance(block, list):
        return [shown(one) for one in block]
    if not isinstance(block, dict):
        return block
    kept = {key: shown(value) for key, value in block.items() if key != "confirm"}
    return {**kept, "rows": block["rows"][1:]} if "rows" in block else kept


def ours(value: Any) -> list[str]:
    """What is said in markup or with emoji of ours, without what is in code style."""
    said = [t for t in texts(value) if t.get("type") == "mrkdwn" or t.get("emoji") is True]
    return [CODE.sub("", t["text"]) for t in said if not t["text"].startswith(style.REACTIONS)]


def exact(value: Any) -> list[str]:
    """What no taste may change: code style, and texts that somebody else wrote."""
    found = [code for t in texts(value) for code in CODE.findall(t["text"])]
    plain = [t["text"] for t in texts(value) if t.get("emoji") is False]
    return found + plain


@pytest.mark.parametrize("name", MESSAGES)
def test_without_emoji_no_line_of_ours_begins_with_one(name: str) -> None:
    blocks = MESSAGES[name]["blocks"]
    said = style.dressed(blocks, CardsSettings(emoji="off"))
    left = [line for text in ours(said) for line in text.split("\n") if EMOJI.match(line)]

    assert left == []
    assert exact(said) == exact(blocks)
    assert all(text["text"].strip() for text in texts(said)) or "" in str(texts(blocks))


def test_without_emoji_a_step_still_says_how_it_ended() -> None:
    blocks = MESSAGES["root/rolled_back"]["blocks"]
    said = "\n".join(ours(style.dressed(blocks, CardsSettings(emoji="off"))))

    assert "1. done: " in said
    assert "2. failed: " in said


def test_own_names_stand_where_our_signs_stood_and_nowhere_else() -> None:
    wanted = CardsSettings(signs="✅=:ship-it:, ⏱️=:stopwatch-2:")
    blocks: list[dict[str, Any]] = [
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "✅ *Verified* `✅ run`\n1. ✅ `x`"},
        },
        {"type": "section", "text": {"type": "plain_text", "emoji": False, "text": "✅ said they"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "⏱️ Every step, 🔧 not this"}},
    ]
    said = [text["text"] for text in texts(style.dressed(blocks, wanted))]

    assert said == [
        ":ship-it: *Verified* `✅ run`\n1. :ship-it: `x`", "✅ said they",
        ":stopwatch-2: Every step, 🔧 not this",
    ]  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_a_brief_card_leaves_blocks_out_and_changes_none(name: str) -> None:
    blocks = MESSAGES[name]["blocks"]
    brief = style.dressed(blocks, CardsSettings(tone="brief"))
    left_out = [one for one in blocks if one not in brief]

    assert brief == [one for one in blocks if one not in left_out]
    assert all(one["block_id"].startswith(style.EXTRA) for one in left_out)
    assert not any(one["type"] in {"actions", "header", "plan", "input"} for one in left_out)


def test_a_brief_card_leaves_out_why_and_hints_and_keeps_all_that_is_approved() -> None:
    blocks = MESSAGES["root/awaiting"]["blocks"]
    whole, brief = (
        json.dumps(blocks),
        json.dumps(style.dressed(blocks, CardsSettings(tone="brief"))),
    )

    assert "Why this runbook" in whole
    assert "Why this runbook" not in brief
    for kept in ("Planned actions", "1 target", "Rollback", "Risk", "asks", "approve_recovery",
                 "This request will timeout", "systemctl restart"):  # fmt: skip
        assert kept in brief, kept


@pytest.mark.parametrize(
    "name", [name for name in MESSAGES if style.has_new(MESSAGES[name]["blocks"])]
)
def test_where_new_blocks_are_not_known_every_word_of_them_is_said_in_older_ones(name: str) -> None:
    blocks = MESSAGES[name]["blocks"]
    plain = style.dressed(blocks, CardsSettings(progress="sections"))

    assert not style.has_new(plain)
    words = "\n".join(text["text"] for text in texts(plain))
    for block in blocks:
        titles = [task["title"] for task in block.get("tasks", ())]
        cells = [cell["text"] for row in block.get("rows", ())[1:] for cell in row]
        for word in (*titles, *cells):
            assert escape(word, 300) in words


@pytest.mark.parametrize("name", MESSAGES)
def test_what_is_read_aloud_has_every_line_of_the_blocks(name: str) -> None:
    message = MESSAGES[name]
    said = spoken.text(message.get("text", name), message["blocks"], 100_000)

    for text in texts([shown(b) for b in message["blocks"] if b["type"] != "input"]):
        line = text["text"].split("\n")[0].strip()
        assert html.unescape(line) in html.unescape(said)
    assert re.search(r"[A-Za-z]{3}", said.split("\n")[0]), "its first line is not words"


@pytest.mark.parametrize("name", MESSAGES)
def test_no_block_is_without_words_for_who_cannot_see(name: str) -> None:
    for block in MESSAGES[name]["blocks"]:
        if block["type"] in {"divider", "input"}:
            continue
        said = "\n".join(spoken.spoken(block))
        assert re.search(r"[A-Za-z]{2}", EMOJI.sub("", said)), block
        for image in [
            one for one in (block, block.get("accessory", {})) if one.get("type") == "image"
        ]:
            assert image["alt_text"].strip()


@given(st.text(max_size=60), st.sampled_from(["off", "on"]))
def test_what_others_wrote_is_the_same_in_every_taste(words: str, emoji: str) -> None:
    wanted = CardsSettings(emoji=emoji, signs="✅=:ship-it:")
    code = words.replace("`", "").replace("\n", " ").strip() or "x"
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"✅ `{code}` and *more* `{code}`"}},
        {"type": "section", "text": {"type": "plain_text", "emoji": False, "text": words}},
    ]
    first, second = texts(style.dressed(blocks, wanted))

    assert (first["text"].count(f"`{code}`"), second["text"]) == (2, words)


@pytest.mark.parametrize("signs", ["x=:ship:", "✅=ship", "✅", "✅=:Ship It:"])
def test_a_sign_that_is_none_is_refused_at_the_start(signs: str) -> None:
    with pytest.raises(ValidationError):
        CardsSettings(signs=signs)
