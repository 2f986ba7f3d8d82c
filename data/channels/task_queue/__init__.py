"""Task ids waiting for a worker: one protocol, Redis Streams, and an in-memory twin."""
