"""From what the user names to a Dataset: the sources opened, the formats read, the tables built."""
