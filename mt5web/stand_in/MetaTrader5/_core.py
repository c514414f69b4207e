"""API Connector to MetaTrader 5 Terminal."""

from mt5web._core import *  # noqa: F403 - all of it is the interface
