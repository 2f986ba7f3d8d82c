"""Every number of a text, and whether it was computed."""
