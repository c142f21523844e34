"""From a running service to evidence: what is asked, in which order, how often, and what came."""
