"""The trade server's rules, one subject a module."""
