"""The pages that a web terminal's host serves beside its WebSocket."""

from __future__ import annotations

import json
from html import escape
from http import HTTPStatus
from typing import Final

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from mt5web_async.simulator.clients.tokens import Tokens
from mt5web_async.simulator.config import SimulatorConfig

TERMINAL: Final = "/terminal"
"""Path of the page and of the WebSocket."""

JSON: Final = "/terminal/json"

_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
<h1>{title}</h1>
<p>A simulated trade server. Its WebSocket has this page's address.</p>
{script}
</body>
</html>
"""


def wants_websocket(request: Request) -> bool:
    """Whether a request asks for the WebSocket rather than for a page."""
    return "websocket" in request.headers.get("Upgrade", "").lower()


def path_of(request: Request) -> str:
    """The path that a request names, without its query."""
    return request.path.partition("?")[0].rstrip("/")


def terminal_page(config: SimulatorConfig) -> Response:
    """The page that a browser would load."""
    parameters = json.dumps(_parameters(config)).replace("</", "<\\/")
    script = f"<script>window.__terminal_params = {parameters};</script>"
    page = _PAGE.format(
        title=escape(config.company), script="" if config.older else script
    )
    return _response("text/html; charset=utf-8", page)


def terminal_json(config: SimulatorConfig, tokens: Tokens, address: str) -> Response:
    """What older hosts tell instead: token and key of a connection to come.

    Args:
        config: of the server.
        tokens: takes note of the token.
        address: host and port of the server.
    """
    token, key = tokens.announce()
    told = {
        "signal_server": f"{address}{TERMINAL}",
        "key": key.hex(),
        "token": token.decode(),
        "company": config.company,
        "enabled": True,
        "version": config.build,
    }
    return _response("application/json", json.dumps(told))


def _parameters(config: SimulatorConfig) -> dict[str, object]:
    group = {
        "name": "Demo",
        "group": f"demo\\{config.margin_mode.name}-{config.currency}-01".lower(),
        "account_type": 1,
        "leverages": [1, 10, 50, 100, 200, 500],
        "default_deposit": config.balance,
        "currency": config.currency,
        "flags": 0,
        "agreements": [],
        "real": False,
        "countries": [],
    }
    return {
        "trade_server_demo": config.server_name,
        "trade_server_real": "",
        "broker": {
            "name": config.company,
            "url": "",
            "address": "",
            "email": "",
            "phone": "",
            "desktop_setup_url": "",
        },
        "servers": [{"server": config.server_name, "type": 1, "groups": [group]}],
        "startup_mode": "open_trade_demo",
        "login": config.login,
        "account_auto": False,
        "build": config.build,
    }


def _response(kind: str, text: str) -> Response:
    body = text.encode()
    headers = Headers()
    headers["Content-Type"] = kind
    headers["Content-Length"] = str(len(body))
    headers["Cache-Control"] = "no-store"
    headers["Connection"] = "close"
    return Response(HTTPStatus.OK, HTTPStatus.OK.phrase, headers, body)
