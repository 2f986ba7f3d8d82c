"""What is true of a portfolio today: warnings, disclosures, rates and interest."""
