"""The trade server: accounts, the execution of requests, and what is kept of it."""
