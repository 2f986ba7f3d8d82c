"""Portfolios into the kernel's arrays, and the kernel's arrays back into schedules and plans."""
