"""What a client owes, and what contradicts it."""
