"""The official functions of a module, by their docstrings.

::

    .. official:: mt5web.functions.copying
"""

from __future__ import annotations

import importlib
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, GoogleDocstring
from sphinx.util.docutils import SphinxDirective

from mt5web.official import Definition

SECTIONS = Config(napoleon_custom_sections=["Returns", ("Errors", "params_style")])
REWRITTEN = {
    "Errors (see last_error):": "Errors:",  # napoleon wants headings of words alone
    "_...": r"\_...",  # constants of a family: TIMEFRAME_... is a link to docutils
}


class Official(SphinxDirective):
    """Every official function that a module defines, in the order of its source."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The functions' descriptions."""
        module = importlib.import_module(self.arguments[0])
        found = [one for one in vars(module).values() if isinstance(one, Definition)]
        if not found:
            raise self.error(f"{self.arguments[0]} defines no official function")
        lines = [line for one in found for line in described(one)]
        return self.parse_text_to_nodes("\n".join(lines))


def described(definition: Definition[..., Any]) -> list[str]:
    """A function as reStructuredText."""
    usage, _, rest = definition.doc.partition("\n\n")
    signature = usage.splitlines()[0]
    for old, new in REWRITTEN.items():
        rest = rest.replace(old, new)
    body = str(GoogleDocstring(rest, SECTIONS)).splitlines()
    return [f".. py:function:: {signature}", "", *(f"   {one}" for one in body), ""]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("official", Official)
    return {"parallel_read_safe": True}
