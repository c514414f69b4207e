"""Stands in for MetaQuotes' package of this name: everything in here is mt5web's."""

from mt5web import *  # noqa: F403 - all of it is the interface
from mt5web import __author__ as __author__
from mt5web import _RawOrder as _RawOrder

from . import _core as _core

__version__ = "5.0.6231"
