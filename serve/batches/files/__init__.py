"""A batch's CSV: found, scanned, cut into ranges, read."""
