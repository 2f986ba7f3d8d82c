"""The least-cost plan as linear equations: one month of a debt, what it may owe, what missing a minimum brings."""
