"""What the endpoint says of itself: its page, and examples of what to send."""
