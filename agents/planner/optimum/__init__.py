"""Solving the equations and proving the answer: the search, its limits, and the plan in cents."""
