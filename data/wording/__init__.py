"""What is said of anything wrong: its code, its values, and its words in each language."""
