"""The engine of mt5web: the MT5 web terminal's protocol, and what is built on it.

From the bottom up:

* :mod:`~mt5web_async.protocol`: bytes to records and back.
* :mod:`~mt5web_async.connection`: one WebSocket, paired answers, reconnection.
* :mod:`~mt5web_async.terminal`: the live model of a login, and requests.
* :mod:`~mt5web_async.calculation`: profit, margin, account state, checks; pure.
* :mod:`~mt5web_async.simulator`: a trade server that speaks the same protocol.
"""
