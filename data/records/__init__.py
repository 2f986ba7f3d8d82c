"""What is kept in SQL: tables, stores, the database and its migrations."""
