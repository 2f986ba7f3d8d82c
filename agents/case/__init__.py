"""What one task is about: the portfolio and question, every figure computed for them, and what to do next."""
