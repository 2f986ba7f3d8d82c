"""What changes and offers are worth."""
