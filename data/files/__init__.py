"""How files of debts are read and written, cell by cell: the parts of `data/portfolio_file.py`."""
