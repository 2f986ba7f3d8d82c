"""What is seen: the pages, over HTTP only."""
