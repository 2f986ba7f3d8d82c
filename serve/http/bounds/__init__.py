"""What one caller may take of what all share: turns, requests, time, open streams, memory."""
