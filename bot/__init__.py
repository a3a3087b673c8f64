"""Heal: a Slack bot that heals production only as far as people and policy allow, and proves it."""
