"""Tables and figures to what people read."""
