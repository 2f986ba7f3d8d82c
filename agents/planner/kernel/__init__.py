"""Everything compiled: one month of one debt, and what many months of many debts come to."""
