"""Routes about who may ask: keys, people, the organisation, and what was done."""
