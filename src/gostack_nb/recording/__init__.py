"""Evidence that lasts: raw bytes first, then tables, in a folder that many read and write."""
