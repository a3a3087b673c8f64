"""Cards: what people see in Slack; pure functions from an incident to blocks, no call to Slack."""
