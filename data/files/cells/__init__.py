"""What one cell says: an amount, a rate, a month, a text."""
