"""Taking offers, and searching for those to take."""
