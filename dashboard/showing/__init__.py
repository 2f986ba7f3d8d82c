"""Plans, tables and answers as they are drawn."""
