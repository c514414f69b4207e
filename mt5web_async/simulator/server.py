"""A simulated trade server in a thread of its own."""
