"""The MetaTrader5 API for Python, on any system."""
