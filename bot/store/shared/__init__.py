"""
The ledger, inbox and outbox of several replicas: Postgres holds the truth, each file follows it.

One replica is active. What a commit of its file changed goes to Postgres first, in one statement
that is refused when another replica took over; only then the file is committed. The others, and
the active one when it begins, bring their files to what Postgres says.
"""
