"""Who did what, kept in a chain: a row that is changed, taken out or put in later is found."""
