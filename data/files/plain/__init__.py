"""Plain rows of a text file, read by columns, for they are most of a large file; the others are left to row by row."""
