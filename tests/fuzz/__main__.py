"""Looks for bytes that are not borne, guided by what they reach: ``make fuzz``.

For one target, and for as long as wanted::

    python -m tests.fuzz responses.read_account -max_total_time=600

Options are those of libFuzzer; what it finds it writes to a file `crash-...`, which
can be given in place of them to see it again.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["mt5web_async"]):
    from .targets import TARGETS, bear, one_input, seeds


def main() -> None:
    """Fuzz one target, or all of them in turn."""
    arguments = sys.argv[:]
    name = arguments.pop(1) if len(arguments) > 1 and arguments[1] in TARGETS else None
    with tempfile.TemporaryDirectory() as corpus:
        for number, (chosen, body) in enumerate(seeds()):
            if name in {None, chosen}:
                head = list(TARGETS).index(chosen).to_bytes(2, "little")
                data = body if name else head + body
                Path(corpus, str(number)).write_bytes(data)

        def given(data: bytes) -> None:
            bear(TARGETS[name], data) if name else one_input(data)

        atheris.Setup([*arguments, corpus], given)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
