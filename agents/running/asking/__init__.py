"""Whether models answer: found out without cost, tried out, and asked again while they are away."""
