"""Choices -> analysis and charts: what is clicked and typed in a notebook."""
