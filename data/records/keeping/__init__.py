"""How long records are kept: what organisations decide, and SQL that removes what is over."""
