"""Everything compiled: one month of one debt, and the walk through many months of many debts."""
