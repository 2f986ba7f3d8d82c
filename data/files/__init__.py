"""How files of debts are read and written, cell by cell: the parts of `data/files/portfolio_file.py`."""
