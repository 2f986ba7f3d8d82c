"""The planner in a notebook: files, data frames and dicts in, pandas tables out; `debt_optimizer.py` is its door."""
