"""MetaQuotes' web terminal in its habits: what it asks for, believes and refuses.

It knows of an account only what a server has told it, in the order in which it was
told, and is as particular as the real one: what that one would misread, drop or stop
at fails here. It computes its own account state.

::

    with bootstrapped(server) as client:
        browser = Browser(client)
        browser.log_in(server.login, server.password)
        browser.show("EURUSD")
        assert browser.outcome(browser.window.deal("EURUSD", Side.BUY, 0.10)) == 10009
        assert browser.figures.margin > 0
"""

from .terminal import Browser, PasswordMustChange

__all__ = ["Browser", "PasswordMustChange"]
