"""The tables of the ledger: what is in them, also in memory where it is open."""
