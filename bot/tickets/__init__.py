"""One ticket system per file: each is kept in step with incidents, and no run waits for it."""
