"""Pages as brokers serve them."""

from __future__ import annotations

import json
from typing import Any

import responses

HOST = "https://terminal.broker.example"
PAGE = f"{HOST}/terminal"
JSON = f"{HOST}/terminal/json"
WEBSOCKET = "wss://terminal.broker.example/terminal"

KEY = "ab" * 32
TOKEN = "t0ken" * 8

PARAMETERS: dict[str, Any] = {
    "trade_server_demo": "Broker-Demo",
    "trade_server_real": "Broker-Live",
    "broker": {"name": "Broker Ltd", "url": "https://broker.example", "phone": "1"},
    "servers": [
        {
            "server": "Broker-Demo",
            "type": 1,
            "groups": [
                {
                    "name": "Standard",
                    "group": "demo\\standard",
                    "leverages": [1, 100],
                    "default_deposit": 5000,
                    "currency": "EUR",
                    "real": False,
                    "countries": [],
                    "agreements": [{"url": "https://broker.example/terms"}],
                }
            ],
        },
        {"server": "Broker-Live", "type": 0, "groups": []},
    ],
    "build": 5687,
}

OLDER = {
    "signal_server": "terminal.broker.example/terminal",
    "key": KEY,
    "token": TOKEN,
    "company": "Broker Ltd",
    "enabled": True,
    "version": "2485",
}


def page(parameters: object) -> str:
    assigned = json.dumps(parameters)
    return f"<html><script>window.__terminal_params = {assigned};</script></html>"


def serve(web: responses.RequestsMock, url: str, body: str, status: int = 200) -> None:
    web.add(responses.GET, url, body=body, status=status)


def serve_terminal(web: responses.RequestsMock) -> None:
    serve(web, PAGE, page(PARAMETERS))


def serve_older(web: responses.RequestsMock, **changes: object) -> None:
    serve(web, PAGE, "<html>a terminal without parameters</html>")
    web.add(responses.GET, JSON, json={**OLDER, **changes})
