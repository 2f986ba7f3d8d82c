"""What goes over the wire besides them: tasks, batches, saved portfolios, events, imports, results. No SQL."""
