"""How a run survives the process: one coroutine an incident, replayed from the record."""
