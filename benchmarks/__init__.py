"""How fast dumps become tables: what is measured, on which dumps, and the last figures."""
