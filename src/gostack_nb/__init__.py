"""Goroutine dumps as pandas tables."""
