"""The 32 official functions, as functions of a session."""
