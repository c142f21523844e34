"""Stack -> known pattern: what the goroutine does, how many are normal, what is wrong when there are more."""
