"""From bytes to sheets of plain cells."""
