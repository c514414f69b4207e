"""A simulated trade server that speaks the web terminal's protocol."""
