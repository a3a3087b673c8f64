"""What is kept: the ledger, the inbox and the outbox, in one SQLite file with one writer."""
