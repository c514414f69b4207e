"""The WebSocket server: its thread, its pages, and what answers each command."""
