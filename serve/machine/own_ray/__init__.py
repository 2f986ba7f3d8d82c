"""A Ray of our own: with few processes, watched, HAProxy in front of it."""
