"""What may go wrong while debts are paid, in thousands of scenarios."""
