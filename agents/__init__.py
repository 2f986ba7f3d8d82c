"""What is decided: arithmetic first, words second."""
