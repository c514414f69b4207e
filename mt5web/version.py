"""The one place that holds the version of the distribution."""

from typing import Final

__version__: Final = "0.1.0"
RELEASE_DATE: Final = "22 Nov 2026"
