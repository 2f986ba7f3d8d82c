"""Law and issuers: what they set, with its dates and where it is written."""
