"""A report told in words, with no model: what the offline narrator says, in each language."""
