"""Table to table."""
