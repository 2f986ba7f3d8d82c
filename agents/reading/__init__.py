"""What a client's own words say: topics, amounts, strategies."""
