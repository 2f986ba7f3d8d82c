"""Files in requests and in answers."""
