"""Tasks in SQL: the rows, what their owners ask of them, and what workers write while they run."""
