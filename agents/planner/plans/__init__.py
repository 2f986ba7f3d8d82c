"""One portfolio planned, and with how much money."""
