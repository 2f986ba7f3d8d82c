"""What is known: values, records, and where they rest."""
