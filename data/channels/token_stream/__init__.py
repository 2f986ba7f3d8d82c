"""Events on their way to readers: one protocol, Redis Streams, and an in-memory twin."""
