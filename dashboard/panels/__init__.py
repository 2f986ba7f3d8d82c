"""The larger panels of the pages, one a file."""
