"""From the engine's records to the official structures, field by field."""
