"""The API as the dashboard asks it: every call, and what comes back."""
