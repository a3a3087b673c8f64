"""A start that cannot be: exit code 2 at once, and one sentence that says what to mend."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from bot.rehearsal import stage
from tests.journeys import scenes
from tests.journeys.scenes import Scene

ROOT = Path(__file__).parents[2]
WRONG_SETTINGS: dict[tuple[str, str], str] = {
    ("SLACK_BOT_TOKEN", "xoxb-wrong"): "SLACK_BOT_TOKEN is not taken by Slack (invalid_auth)",
    ("SLACK_RECOVERY_CHANNEL", "#alrts"): "did you mean 'alerts'",
    ("HEAL_PLUGINS", "nonesuch"): "HEAL_PLUGINS: 'nonesuch' is no installed package",
    ("HEAL_PROMETHEUS_URL", ""): "HEAL_PROMETHEUS_URL",
}
WRONG_FILES = {
    ("restart-dead-service.yaml", "host.restart_service", "host.restart_servce"): (
        "restart-dead-service.yaml:32: steps[0].do: 'host.restart_servce' is unknown: "
        "did you mean 'host.restart_service'?"
    ),
    ("policy/rules.yaml", "breaker:", "braeker:"): (
        "rules.yaml:10: braeker: 'braeker' is unknown: did you mean 'breaker'?"
    ),
}


async def test_a_wrong_setting_is_named_with_its_remedy(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        said = await asyncio.gather(
            *(refused(scene, HEAL_LEDGER=str(tmp_path / f"{number}.db"), **{name: value})
              for number, (name, value) in enumerate(WRONG_SETTINGS))
        )  # fmt: skip

    for each, expected in zip(said, WRONG_SETTINGS.values(), strict=True):
        assert expected in each


async def test_a_wrong_file_is_named_with_its_line(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        for (file, right, wrong), expected in WRONG_FILES.items():
            path = tmp_path / "runbooks" / file
            good = path.read_text()
            path.write_text(good.replace(right, wrong, 1))
            assert expected in await refused(scene)
            path.write_text(good)


async def test_a_second_process_and_a_taken_port_are_refused(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        second = await refused(scene, HEAL_LEDGER=str(tmp_path / "heal.db"))
        taken = await refused(scene, SLACK_PORT=str(scene.port))

        assert "heal.db" in second
        assert "cannot listen on 127.0.0.1" in taken


async def refused(scene: Scene, **changed: str) -> str:
    """Run `heal run` with these settings; what it says before it ends with 2."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=ROOT, env=environment(scene) | changed,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(scenes.PATIENCE):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    said = (out + err).decode()

    assert process.returncode == 2, said
    told = [line for line in said.splitlines() if not line.startswith("{")]  # the rest is the log
    assert len(told) == 1, said
    assert told[0].startswith("heal: ")
    return said


def environment(scene: Scene) -> dict[str, str]:
    """The settings of a bot that would start here, on a ledger of its own."""
    plugins = {
        f"HEAL_{system.upper()}_{name.upper()}": value
        for system, section in stage.sections(scene.town).items()
        for name, value in section.items()
    }
    return plugins | {
        "PATH": os.environ["PATH"],
        "SLACK_BOT_TOKEN": stage.LOCAL.bot_token,
        "SLACK_APP_TOKEN": stage.LOCAL.app_token,
        "SLACK_API_URL": scene.workspace.api_url,
        "SLACK_RECOVERY_CHANNEL": "#alerts",
        "SLACK_PORT": "0",
        "HEAL_LEDGER": str(scene.directory / "other.db"),
        "HEAL_RUNBOOKS": str(scene.directory / "runbooks"),
    }


async def test_a_policy_by_which_nobody_can_approve_is_warned_of_and_the_start_goes_on(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        rules = tmp_path / "runbooks" / "policy" / "rules.yaml"
        five = rules.read_text().replace(
            "high: {groups: [approvers]", "high: {quorum: 5, groups: [approvers]"
        )
        rules.write_text(five)
        line = next(n for n, one in enumerate(five.splitlines(), 1) if "quorum: 5" in one)
        said = tmp_path / "said.log"
        with said.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", cwd=ROOT, env=environment(scene),
                stdout=out, stderr=out,
            )  # fmt: skip
        try:
            await scene.until(
                lambda: (
                    "nobody can approve high risk" in said.read_text()
                    or process.returncode is not None
                )
            )
            assert "the quorum of 5 (policy) cannot be reached by" in said.read_text()
            assert f"policy/rules.yaml:{line}: nobody can approve high risk" in said.read_text()
            assert "heal is here" in said.read_text()
        finally:
            process.terminate()
            code = await process.wait()

        assert code == 0, said.read_text()
