"""What several commands share: words, tables, options, input and errors."""
