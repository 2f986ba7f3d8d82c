"""What things are called, and what is said of anything wrong, in each language."""
