"""Who may ask: organisations, the people in them, and API keys."""
