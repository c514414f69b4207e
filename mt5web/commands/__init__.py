"""The commands of `python -m mt5web`, one module each.

A command module has two functions: `add_parser` declares its arguments, `run` does
its work and returns the exit code.
"""
