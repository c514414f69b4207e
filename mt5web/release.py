"""The one place that holds the version of the distribution."""

__version__ = "0.1.0"
RELEASE_DATE = "22 Nov 2026"
