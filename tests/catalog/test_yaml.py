from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalog import yaml
from bot.catalog.problems import CatalogError


def parse(text: str | bytes) -> object:
    content = text if isinstance(text, bytes) else text.encode()
    return yaml.parse(content, "runbooks/x.yaml").content


def refusal(text: str | bytes) -> str:
    with pytest.raises(CatalogError) as refused:
        parse(text)
    return str(refused.value)


def test_plain_yaml_is_read() -> None:
    found = parse("a: 1\nb: [x, 2.5, true, null, ~]\nc:\n  d: >-\n    two\n    words\n")

    assert found == {"a": 1, "b": ["x", 2.5, True, None, None], "c": {"d": "two words"}}


@pytest.mark.parametrize(
    "text",
    ["yes", "no", "on", "0777", "0x10", "12:30", "2026-01-01", "1_000", ".nan", ".inf", "1."],
)
def test_what_yaml_would_make_something_else_of_stays_a_text(text: str) -> None:
    assert parse(f"a: {text}") == {"a": text}


def test_a_number_in_quotes_is_a_text_and_so_is_every_key() -> None:
    assert parse("a: '5'\n1: b\non: c\nnull: d\n") == {"a": "5", "1": "b", "on": "c", "null": "d"}


def test_a_byte_order_mark_is_no_harm() -> None:
    assert parse(b"\xef\xbb\xbfa: 1") == {"a": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x [1]\nb: *x", "runbooks/x.yaml:1: a: &x: aliases are refused"),
        ("a: 1\nb: *x", "runbooks/x.yaml:2: b: *x: aliases are refused"),
        ("<<: *x", "aliases are refused"),
        ("a: !!python/object/apply:os.system [ls]", "python/object/apply:os.system' is refused"),
        ("a: !!str 5", "tag 'tag:yaml.org,2002:str' is refused: remove it"),
        ("a: ! 5", "is refused: remove it"),
        ("!!map {a: 1}", "is refused: remove it"),
        ("!!binary a: 1", "is refused: remove it"),
        ("a: 1\nb: 2\na: 3", "runbooks/x.yaml:3: 'a' stands twice (first in line 1): keep one"),
        ("x:\n- {a: 1,\n   a: 2}", "runbooks/x.yaml:3: x[0]: 'a' stands twice (first in line 2)"),
        ("a: " + "9" * 5000, "is too large a number"),
        ("a: 99999999999999999999", "'99999999999999999999' is too large a number"),
        ("a: -1e308", "is too large a number"),
        ("[" * 100_000, "nested deeper than 20 levels"),
        ("- " * 100_000, "nested deeper than 20 levels"),
        ("{a: " * 100_000, "nested deeper than 20 levels"),
        ("a:\n\t- b", "runbooks/x.yaml:2: a sign stands here that cannot begin a value (a tab?"),
        ("a:\n  b: 1\n\tc: 2", "runbooks/x.yaml:3: a tab stands here: YAML indents with spaces"),
        ("a: b: c", "a colon stands where none may be: put the text in quotes"),
        ("a: {b: [c", "did not find expected"),
        ('a: "x', "unexpected end of stream"),
        ("? [a]\n: b", "a key must be a word"),
        ("a: 1\n---\nb: 2", "runbooks/x.yaml:2: a second document begins"),
        ("", "it is empty"),
        ("# nothing\n", "it is empty"),
        (b"a: 1\nb: \xe9\n", "runbooks/x.yaml:2: it is not UTF-8"),
        ("a: \x00", "control characters are not allowed"),
        ('a: "\\ud800"', "invalid Unicode"),
        (b"a" * 1_000_001, "larger than 1 MB"),
    ],
    ids=range(29),
)
def test_c12_a_hostile_or_careless_text_is_refused_with_its_line(
    text: str | bytes, said: str
) -> None:
    assert said in refusal(text)


@pytest.mark.parametrize(
    "text",
    ["[" * 900_000, "[a" * 300_000, "? " * 400_000, "{" * 900_000, "- " * 400_000, "'" * 899_999],
    ids=range(6),
)
def test_a_large_hostile_text_is_refused_at_once(text: str) -> None:
    start = time.process_time()
    refusal(text)

    assert time.process_time() - start < 1


def test_twenty_levels_are_enough_and_allowed() -> None:
    assert parse("[" * 20 + "1" + "]" * 20) is not None


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        yaml.parse(text.encode("utf-8", "surrogatepass"), "runbooks/x.yaml")
    except CatalogError as error:
        assert str(error).startswith("runbooks/x.yaml:")  # noqa: PT017


def test_every_place_has_its_line() -> None:
    lines = yaml.parse(b"a: 1\nb:\n  - c\n  - d: 2\n", "x.yaml").lines

    assert lines == {(): 1, ("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 1): 4, ("b", 1, "d"): 4}


def test_a_file_is_named_by_its_directory(tmp_path: Path) -> None:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "roles.yaml").write_text("a: 1")

    document = yaml.read(tmp_path / "policy" / "roles.yaml", tmp_path / "policy")

    assert document.file == "policy/roles.yaml"


def test_a_link_out_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("a: 1")
    inside = tmp_path / "runbooks"
    inside.mkdir()
    (inside / "x.yaml").symlink_to(tmp_path / "secret.yaml")

    with pytest.raises(CatalogError, match="leads out of the directory"):
        yaml.read(inside / "x.yaml", inside)


def test_a_link_that_stays_inside_is_followed_as_config_maps_need_it(tmp_path: Path) -> None:
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / "x.yaml").write_text("a: 1")
    (tmp_path / "x.yaml").symlink_to("..data/x.yaml")

    assert yaml.read(tmp_path / "x.yaml", tmp_path).content == {"a": 1}


@pytest.mark.parametrize("kind", ["fifo", "directory", "dangling", "loop"])
def test_what_is_not_a_file_is_refused_and_never_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.yaml"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        path.symlink_to("x.yaml" if kind == "loop" else "nothing.yaml")

    with pytest.raises(CatalogError, match=r"is not a file|cannot be read"):
        yaml.read(path, tmp_path)
