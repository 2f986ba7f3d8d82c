"""What a column is: its name, its kind of debt, its minimum rule."""
