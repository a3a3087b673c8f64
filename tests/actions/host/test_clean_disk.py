"""Old files go and nothing else does, whoever plays with links, mounts and names meanwhile."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.actions.host import clean_disk
from bot.actions.host.clean_disk import CleanDisk, Cleaning
from bot.clients.hosts import HostSettings
from bot.clients.rig import Rig
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility
from tests.clients import disks, rigs
from tests.clients.disks import DAY, write

HOMES = "/home/"


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigs.rig() as made:
        yield replace(made, clock=disks.Later())


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir()
    return folder


@pytest.fixture
def action(cache: Path, rig: Rig) -> CleanDisk:
    return clean_disk.PLUGIN(HostSettings(name="web-1", cleanable=(str(cache),)), rig)


def rule(under: Path, matching: str = "*") -> Cleaning:
    wanted = {"under": str(under), "older_than": "7d", "matching": matching}
    return Cleaning.model_validate({"files": [wanted]})


async def cleaned(action: CleanDisk, params: Cleaning) -> str:
    return await action.execute(params, (await action.scope(params)).pre_state)


async def test_old_files_go_and_young_ones_stay(action: CleanDisk, cache: Path) -> None:
    for name in ("a", "deep/er/b"):
        write(cache / name, 4096)
    write(cache / "young", 4096, ago=6 * DAY)

    said = await cleaned(action, rule(cache))

    assert disks.names(cache) == ["young"]
    assert f"removed 2 files, 8.2 kB under {cache}" == said


async def test_the_scope_counts_exactly_what_would_go(action: CleanDisk, cache: Path) -> None:
    for number in range(25):
        write(cache / f"f{number:02}", 4096 * (number + 1))

    scope = await action.scope(rule(cache, "f*"))

    largest = scope.pre_state["largest"]
    assert isinstance(largest, list)
    assert (20, f"102.4 kB {cache}/f24") == (len(largest), largest[0])
    assert (scope.pre_state["files"], scope.pre_state["bytes"]) == (25, 4096 * 25 * 13)
    assert (
        f"remove 25 files (1.3 MB) called f* under {cache} on web-1, untouched for 7 days"
        == scope.says
    )
    assert scope.blast_radius.line.startswith(
        f"{cache} on web-1: touches 25 of 25 files, none down"
    )
    assert Reversibility.IRREVERSIBLE is action.way_back(rule(cache))


async def test_a_plan_holds_still_while_others_write_young_files(
    action: CleanDisk, cache: Path
) -> None:
    write(cache / "a")
    before = await action.scope(rule(cache))
    write(cache / "new", ago=timedelta())

    assert before == await action.scope(rule(cache))


async def test_a_plan_moves_when_one_of_its_files_is_used_again(
    action: CleanDisk, cache: Path
) -> None:
    write(cache / "a")
    write(cache / "b")
    before = await action.scope(rule(cache))
    disks.aged(cache / "a", timedelta())

    assert before.pre_state["digest"] != (await action.scope(rule(cache))).pre_state["digest"]


async def test_what_was_used_after_the_plan_was_shown_stays(action: CleanDisk, cache: Path) -> None:
    write(cache / "a")
    write(cache / "b")
    before = (await action.scope(rule(cache))).pre_state
    disks.aged(cache / "a", 10 * DAY)

    await action.execute(rule(cache), before)

    assert disks.names(cache) == ["a"]


async def test_a_file_that_only_was_read_lately_is_in_use(action: CleanDisk, cache: Path) -> None:
    path = write(cache / "a")
    seen = path.stat()
    os.utime(path, (seen.st_mtime + 25 * DAY.total_seconds(), seen.st_mtime))

    await cleaned(action, rule(cache))

    assert path.exists()


async def test_a_link_is_neither_followed_nor_removed(
    action: CleanDisk, cache: Path, tmp_path: Path
) -> None:
    outside = write(tmp_path / "outside" / "passwd")
    (cache / "link").symlink_to(outside)
    (cache / "folder").symlink_to(outside.parent)
    (cache / "etc").symlink_to("/etc/passwd")
    for link in cache.iterdir():
        disks.aged(link, 20 * DAY)

    said = await cleaned(action, rule(cache))

    assert f"removed 0 files, 0 B under {cache}" == said
    assert outside.exists()
    assert sorted(path.name for path in cache.iterdir()) == ["etc", "folder", "link"]


async def test_a_folder_swapped_for_a_link_after_the_scope_leads_nowhere(
    action: CleanDisk, cache: Path, tmp_path: Path
) -> None:
    outside = write(tmp_path / "outside" / "a")
    write(cache / "in" / "a")
    scopes = [await action.scope(rule(under)) for under in (cache, cache / "in")]
    (cache / "in").rename(cache / "was")
    (cache / "in").symlink_to(outside.parent)

    with pytest.raises(PermanentError, match="a link or no folder"):
        await action.execute(rule(cache / "in"), scopes[1].pre_state)
    await action.execute(rule(cache), scopes[0].pre_state)

    assert outside.exists()
    assert not (cache / "was" / "a").exists()


async def test_a_folder_swapped_for_a_link_while_it_is_swept_leads_nowhere(
    action: CleanDisk, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = write(tmp_path / "outside" / "a")
    write(cache / "in" / "a")
    before = (await action.scope(rule(cache))).pre_state
    unlink = os.unlink

    def swapped(name: str, *, dir_fd: int) -> None:
        (cache / "in").rename(cache / "was")
        (cache / "in").symlink_to(outside.parent)
        unlink(name, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", swapped)
    await action.execute(rule(cache), before)

    assert outside.exists()
    assert not (cache / "was" / "a").exists()


async def test_the_allowed_folder_itself_may_be_no_link(rig: Rig, tmp_path: Path) -> None:
    kept = write(tmp_path / "real" / "sub" / "a")
    (tmp_path / "tmp").symlink_to(tmp_path / "real")
    action = clean_disk.PLUGIN(HostSettings(cleanable=(str(tmp_path / "tmp"),)), rig)

    for under in (tmp_path / "tmp", tmp_path / "tmp" / "sub"):
        with pytest.raises(PermanentError, match="'tmp' is a link or no folder"):
            await action.scope(rule(under))

    assert kept.exists()


@pytest.mark.parametrize("under", ["/", "/etc", "/var/tmp", "{cache}er", "{cache}/../outside"])
async def test_what_is_not_allowed_is_refused(action: CleanDisk, cache: Path, under: str) -> None:
    wanted = {"under": under.format(cache=cache), "older_than": "7d"}

    with pytest.raises(
        (PermanentError, ValidationError), match=r"is in no folder of|no plain path"
    ):
        await action.scope(Cleaning.model_validate({"files": [wanted]}))


@pytest.mark.parametrize(
    "folder",
    ["/", "/etc", "/etc/x", "/usr/share", "/var", "/var/lib/postgresql", f"{HOMES}ada", "/root",
     "tmp", "/tmp/", "/tmp/../etc", "//tmp", "/tmp/\u202e", "/dev/shm", "/home", "/proc/1"],
)  # fmt: skip
def test_a_setting_cannot_name_what_is_not_temporary(folder: str) -> None:
    with pytest.raises(ValidationError, match=r"system|too much|plain path|nobody can see"):
        HostSettings.model_validate({"cleanable": f"/tmp,{folder}"})


def test_a_setting_may_name_several_folders_and_even_a_cache_at_home() -> None:
    made = HostSettings.model_validate({"cleanable": f"/tmp, {HOMES}ada/.cache,/var/cache/shop"})

    assert made.cleanable == ("/tmp", f"{HOMES}ada/.cache", "/var/cache/shop")


async def test_a_file_with_two_names_stays(action: CleanDisk, cache: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other")
    (cache / "hard").hardlink_to(other)

    scope = await action.scope(rule(cache))
    await action.execute(rule(cache), scope.pre_state)

    assert disks.names(cache) == ["hard"]
    assert "it leaves 1 with a second name" in scope.blast_radius.line


async def test_a_file_that_a_process_holds_open_stays(action: CleanDisk, cache: Path) -> None:
    held, free = write(cache / "held"), write(cache / "free")
    with held.open("rb") as file, subprocess.Popen(["sleep", "60"], stdin=file) as process:
        file.close()
        try:
            scope = await action.scope(rule(cache))
            await action.execute(rule(cache), scope.pre_state)
        finally:
            process.kill()

    assert (held.exists(), free.exists()) == (True, False)
    assert "it leaves 1 in use" in scope.blast_radius.line


async def test_sockets_pipes_locks_and_hidden_files_stay(action: CleanDisk, cache: Path) -> None:
    os.mkfifo(cache / "pipe")
    for name in (".hidden", "mysql.sock.lock", "app.pid", ".s.PGSQL.5432.lock"):
        write(cache / name)
    disks.aged(cache / "pipe", 20 * DAY)

    scope = await action.scope(rule(cache))
    await action.execute(rule(cache), scope.pre_state)

    assert len(disks.names(cache)) == 5
    assert scope.blast_radius.touched == 0


HOSTILE = ["-rf", "a\nb", "; rm -rf $HOME", "\u202ecod.exe", "ü", os.fsdecode(b"\xff\xfe"), "*"]


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_strange_name_is_only_a_name(action: CleanDisk, cache: Path, name: str) -> None:
    write(cache / name, 4096)

    scope = await action.scope(rule(cache))
    said = await action.execute(rule(cache), scope.pre_state)

    shown = scope.pre_state["largest"]
    assert disks.names(cache) == []
    assert said.startswith("removed 1 file, ")
    assert str(shown).isprintable()
    assert scope.model_dump_json()


async def test_another_disk_below_is_not_entered(action: CleanDisk, cache: Path) -> None:
    with disks.tmpfs(cache / "mounted", 1_000_000) as other:
        write(other / "a")
        write(cache / "a")
        await cleaned(action, rule(cache))

        assert disks.names(other) == ["a"]
        assert not (cache / "a").exists()


async def test_the_same_disk_bound_in_below_is_not_entered(
    action: CleanDisk, cache: Path, tmp_path: Path
) -> None:
    outside = write(tmp_path / "outside" / "a")
    with disks.mounted(cache / "bound", "--bind", str(outside.parent)):
        await cleaned(action, rule(cache))

        assert outside.exists()


async def test_what_was_begun_is_not_done_until_all_is_gone(action: CleanDisk, cache: Path) -> None:
    write(cache / "a")
    write(cache / "b")
    before = (await action.scope(rule(cache))).pre_state
    (cache / "a").unlink()
    begun = await action.landed(rule(cache), before)
    await action.execute(rule(cache), before)

    assert (begun, await action.landed(rule(cache), before)) == (False, True)


async def test_when_nothing_can_be_removed_the_step_fails(
    action: CleanDisk, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(cache / "a")
    before = (await action.scope(rule(cache))).pre_state

    def refused(name: str, *, dir_fd: int) -> None:
        raise PermissionError(1, "Operation not permitted", name)

    monkeypatch.setattr(os, "unlink", refused)
    with pytest.raises(PermanentError, match=r"removed 0 files.* left 1 \(operation not permitted"):
        await action.execute(rule(cache), before)


async def test_a_state_that_does_not_fit_removes_nothing(action: CleanDisk, cache: Path) -> None:
    write(cache / "a")

    with pytest.raises(PermanentError, match="does not fit the rules"):
        await action.execute(rule(cache), {})

    assert disks.names(cache) == ["a"]


def with_tools(folder: Path, rig: Rig, cleaner: str = "") -> CleanDisk:
    usage = "echo 'Archived and active journals take up 1.2G in the file system.'"
    settings = HostSettings(
        name="web-1",
        journalctl=disks.tool(folder, "journalctl", usage),
        package_cleaner=f"{disks.tool(folder, 'apt-get', cleaner)} clean",
    )
    return clean_disk.PLUGIN(settings, rig)


ALL = Cleaning.model_validate({"journal": {"keep": "500M"}, "packages": True})


async def test_the_journal_and_the_package_cache_are_cleaned_by_their_own_tools(
    rig: Rig, tmp_path: Path
) -> None:
    action = with_tools(tmp_path, rig)
    scope = await action.scope(ALL)
    said = await action.execute(ALL, scope.pre_state)

    assert said == "emptied the package cache; trimmed the journal to 500M"
    assert scope.pre_state["journal"] == "about 1.0 GB"
    assert [target.key for target in scope.blast_radius.targets] == [
        "host:web-1/journal",
        "host:web-1/packages",
    ]
    assert (tmp_path / "called").read_text().splitlines() == [
        "journalctl --disk-usage",
        "apt-get clean",
        "journalctl --vacuum-size=500M",
    ]
    assert await action.landed(ALL, scope.pre_state) is None


async def test_a_tool_that_fails_is_told_with_its_words(rig: Rig, tmp_path: Path) -> None:
    action = with_tools(tmp_path, rig, "echo 'E: no lock' >&2; exit 100")

    with pytest.raises(PermanentError, match="clean ended with 100: E: no lock"):
        await action.execute(ALL, {"newest": []})


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"files": []},
        {"journal": {"keep": "500"}},
        {"journal": {"keep": "1G --rotate"}},
        {"packages": "yes; reboot"},
        {"files": [{"under": "/tmp", "older_than": "59m"}]},
        {"files": [{"under": "/tmp", "older_than": "7d", "matching": "../*"}]},
        {"files": [{"under": "tmp", "older_than": "7d"}]},
        {"command": "rm -rf /"},
    ],
)
def test_there_are_no_words_for_anything_else(wanted: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Cleaning.model_validate(wanted)


async def test_another_machine_is_not_this_one(action: CleanDisk, cache: Path) -> None:
    write(cache / "a")
    there = rule(cache).model_copy(update={"host": "web-2"})

    for asked in (action.scope(there), action.execute(there, {}), action.landed(there, {})):
        with pytest.raises(PermanentError, match="'web-2' cannot be reached"):
            await asked

    assert disks.names(cache) == ["a"]


async def test_a_folder_too_large_to_see_whole_is_not_cleaned(
    action: CleanDisk, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.actions.host._sweep.MOST", 2)
    for name in "abc":
        write(cache / name)

    with pytest.raises(PermanentError, match="was not seen whole, only after 2 entries"):
        await action.scope(rule(cache))
