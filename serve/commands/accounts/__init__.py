"""The commands about who may ask: organisations, people, API keys; straight in the database."""
