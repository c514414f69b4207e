"""The market: symbols, where their prices come from, their quotes, books and bars."""
