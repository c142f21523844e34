"""What is measured: each module holds one `measure(scale)` that yields figures as they are ready."""
