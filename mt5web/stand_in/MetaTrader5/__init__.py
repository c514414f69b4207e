"""Stands in for MetaQuotes' package of this name: importing it gives mt5web."""
# ruff: noqa: N999 - the name of the original

import sys

import mt5web
from mt5web import *  # noqa: F403 - shows editors what there is
from mt5web import __author__ as __author__
from mt5web import __version__ as __version__
from mt5web import _core as _core
from mt5web import _RawOrder as _RawOrder

sys.modules[__name__] = mt5web
sys.modules[f"{__name__}._core"] = _core
