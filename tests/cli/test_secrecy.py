"""Every secret of the installation is known to the log, wherever it was told."""

from __future__ import annotations

from pathlib import Path

from bot.cli import secrecy


def test_every_variable_that_holds_a_secret_is_known(tmp_path: Path) -> None:
    mounted = tmp_path / "token"
    mounted.write_text("from-a-file\n")
    found = set(
        secrecy.told(
            {
                "SLACK_BOT_TOKEN": "xoxb-bot",
                "HEAL_SHOP_WEBHOOK_TOKEN": "first-one,second-one",
                "HEAL_SHOP_WEBHOOK_BASIC": "user:pass-word",
                "HEAL_HTTP_SECRET_FLAGS": "of-flags",
                "HEAL_REDIS_URL_CACHE": "redis://app:in-the-url@cache:6379/0",
                "HEAL_PROMETHEUS_TOKEN_FILE": str(mounted),
                "HEAL_OPSGENIE_API_KEY_FILE": str(tmp_path / "not there"),
                "HEAL_LEDGER": "heal.db",
                "MY_TOKEN": "of-somebody-else",
            }
        )
    )

    assert found >= {
        "xoxb-bot", "first-one", "second-one", "pass-word", "of-flags", "in-the-url", "from-a-file",
    }  # fmt: skip
    assert not found & {"heal.db", "of-somebody-else", str(mounted)}
