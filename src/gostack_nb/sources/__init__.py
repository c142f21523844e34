"""Where bytes come from; no parsing."""
