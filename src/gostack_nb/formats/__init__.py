"""Bytes to columns; no I/O."""
