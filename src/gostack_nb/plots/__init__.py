"""Table to Axes."""
