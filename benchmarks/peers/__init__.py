"""Other tools that read goroutine dumps, timed where the user has their sources: none of their code is here."""
