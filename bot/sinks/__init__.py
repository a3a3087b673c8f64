"""One place per file that keeps checkpoints of the ledger, where Heal cannot change them."""
