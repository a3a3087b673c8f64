"""Block Kit as strictly as Slack takes it: slack_sdk's validators and the rules they leave out."""
