"""A directory's print is another after every change that could matter, and else the same."""

from __future__ import annotations

import os
from pathlib import Path

from bot.catalog.watching import print_of


def a_tree(folder: Path) -> Path:
    (folder / "policy").mkdir(parents=True)
    (folder / "policy" / "rules.yaml").write_text("a: 1")
    return folder


def test_nothing_changed_is_the_same_print(tmp_path: Path) -> None:
    tree = a_tree(tmp_path / "runbooks")

    assert print_of(tree) == print_of(tree)


def test_each_kind_of_change_is_seen(tmp_path: Path) -> None:
    tree = a_tree(tmp_path / "runbooks")
    rules = tree / "policy" / "rules.yaml"
    prints = [print_of(tree)]

    rules.write_text("a: 22")
    prints.append(print_of(tree))
    swapped = tree / "policy" / "other"
    swapped.write_text("b: 22")
    stat = rules.stat()
    os.utime(swapped, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # as long, and as old
    swapped.replace(rules)
    prints.append(print_of(tree))
    (tree / "more.yaml").touch()
    prints.append(print_of(tree))
    (tree / "more.yaml").unlink()
    rules.unlink()
    prints.append(print_of(tree))

    assert len(set(prints)) == len(prints)


def test_a_directory_that_is_switched_as_a_whole_is_seen(tmp_path: Path) -> None:
    """As a ConfigMap is: each file is a link through one link that is replaced."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rules.yaml").write_text(name)
    tree = tmp_path / "runbooks"
    tree.mkdir()
    (tree / "..data").symlink_to(tmp_path / "one")
    (tree / "rules.yaml").symlink_to("..data/rules.yaml")
    before = print_of(tree)
    (tree / "..tmp").symlink_to(tmp_path / "two")
    (tree / "..tmp").replace(tree / "..data")

    assert print_of(tree) != before


def test_a_directory_that_is_gone_or_turns_in_circles_has_a_print_too(tmp_path: Path) -> None:
    tree = a_tree(tmp_path / "runbooks")
    before = print_of(tree)
    (tree / "policy" / "again").symlink_to(tree)

    assert print_of(tree) != before
    assert print_of(tmp_path / "nowhere") == print_of(tmp_path / "nowhere")
