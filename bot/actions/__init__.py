"""One thing a runbook may do per file, with its reads, its way back and its proof."""
