"""One live, logged-in connection: transport, states, pairing, reconnection."""
