"""Pages and their JSON, read with tolerance: members may be missing, added or odd."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .endpoint import AccountGroup, Broker, TradeServer

_PARAMETERS: Final = re.compile(r"""__terminal_params(?:["']\s*\])?\s*=\s*(?=\{)""")
_DECODER: Final = json.JSONDecoder()
_MOST: Final = 1000  # of one list
_LONGEST: Final = 512  # text
_LARGEST: Final = 2**63 - 1


def parameters_of(page: str) -> Mapping[str, Any] | None:
    """What a page's script assigns to ``window.__terminal_params``, if it does."""
    for found in _PARAMETERS.finditer(page):
        try:
            parameters, _ = _DECODER.raw_decode(page, found.end())
        except (ValueError, RecursionError):
            continue
        if parameters:
            return mapping(parameters)
    return None


def json_of(body: str) -> Mapping[str, Any] | None:
    """The object that a body consists of, if it does."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def read_broker(parameters: Mapping[str, Any]) -> Broker:
    """Who runs the servers."""
    told = mapping(parameters.get("broker"))
    return Broker(
        **{name: text(told.get(name)) for name in Broker.__dataclass_fields__}
    )


def read_servers(parameters: Mapping[str, Any]) -> tuple[TradeServer, ...]:
    """All servers that a page names, each once."""
    demo = text(parameters.get("trade_server_demo"))
    real = text(parameters.get("trade_server_real"))
    servers: dict[str, TradeServer] = {}
    for told in map(mapping, _items(parameters.get("servers"))):
        if name := text(told.get("server")):
            groups = tuple(map(_group, _items(told.get("groups"))))
            kind = _is_demo(name, demo, real, groups)
            servers.setdefault(
                name,
                TradeServer(
                    name=name, type=number(told.get("type")), demo=kind, groups=groups
                ),
            )
    for name in filter(None, (demo, real)):
        kind = _is_demo(name, demo, real, ())
        servers.setdefault(name, TradeServer(name=name, demo=kind))
    return tuple(servers.values())


def _is_demo(
    name: str, demo: str, real: str, groups: Iterable[AccountGroup]
) -> bool | None:
    if name in {demo, real} and demo != real:
        return name == demo
    kinds = {group.real for group in groups}
    return None if len(kinds) != 1 else not kinds.pop()


def _group(value: object) -> AccountGroup:
    told = mapping(value)
    return AccountGroup(
        name=text(told.get("name")),
        group=text(told.get("group")),
        account_type=number(told.get("account_type")),
        leverages=tuple(map(number, _items(told.get("leverages")))),
        default_deposit=float(number(told.get("default_deposit"))),
        currency=text(told.get("currency")),
        flags=number(told.get("flags")),
        real=bool(told.get("real")),
        countries=tuple(filter(None, map(text, _items(told.get("countries"))))),
        agreements=tuple(filter(None, map(_agreement, _items(told.get("agreements"))))),
    )


def _agreement(value: object) -> str:
    return text(mapping(value).get("url")) if isinstance(value, dict) else text(value)


def text(value: object) -> str:
    """A string in one line that a terminal can print; anything else is empty."""
    if not isinstance(value, str):
        return ""
    return "".join(filter(str.isprintable, value[:_LONGEST])).strip()


def number(value: object) -> int:
    """A whole number, also where it is written as text; anything else is 0."""
    if isinstance(value, str) and value.isdecimal() and len(value) < len(str(_LARGEST)):
        return int(value)
    if not isinstance(value, int | float) or not -_LARGEST <= value <= _LARGEST:
        return 0
    return int(value)


def mapping(value: object) -> Mapping[str, Any]:
    """An object; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def _items(value: object) -> list[Any]:
    return value[:_MOST] if isinstance(value, list) else []
