"""What is measured: how fast dumps become tables, and how often a leak is named rightly."""
