"""What editors look at for `MetaTrader5._core`; importing it gives mt5web's."""

from mt5web._core import *  # noqa: F403 - shows editors what there is
