"""What passes through Redis: the queue down, the tokens up."""
