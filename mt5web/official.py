"""What every official function does besides its work.

A function of the interface is written as a plain function of a session and of its
official parameters, and declared with `@official`. What programs call is a `Function`:
that function bound to a session, with the calling conventions of the original and
with its way of reporting failures.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Final,
    Generic,
    NoReturn,
    ParamSpec,
    Self,
    TypeVar,
    overload,
)

from .arguments import Rejected
from .backend import CallFailed
from .constants import RES_E_INTERNAL_FAIL_INIT, RES_E_INVALID_PARAMS, RES_E_NO_MEMORY
from .dates import OVERFLOWED, DateOverflow
from .outcome import SUCCESS, LastError, text_of
from .session import Session

if TYPE_CHECKING:
    from mt5web_async.errors import EngineError

    from .calling import Answers, Convention

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F")

PACKAGE: Final = __name__.partition(".")[0]

logger = logging.getLogger(PACKAGE)


@dataclass(frozen=True)
class Definition(Generic[P, R]):
    """A function of the interface, for no session in particular.

    As an attribute of a class of sessions it gives each of them its `Function`.

    Args:
        body: does the work; raises `Rejected`, `CallFailed` or an `EngineError`.
        doc: the official text, then ours.
        takes: how the original may be called.
        answers: what it returns when it fails.
        texts: texts of codes that differ from the official ones in this function.
        level: of the log record about a failure.
        records: whether a call changes `last_error()`.
        secret: whether an argument is a password, which no report on an error shows.
    """

    body: Callable[Concatenate[Session, P], R]
    doc: str
    takes: Convention
    answers: Answers[R]
    texts: Mapping[int, str]
    level: int
    records: bool
    secret: bool

    @property
    def name(self) -> str:
        """The official name."""
        return self.body.__name__

    @overload
    def __get__(self, session: None, owner: type) -> Self: ...

    @overload
    def __get__(self, session: Session, owner: type) -> Function[P, R]: ...

    def __get__(self, session: Session | None, owner: type) -> Self | Function[P, R]:
        return self if session is None else Function(self, session)


def official(
    usage: str,
    summary: str,
    *,
    takes: Convention,
    answers: Answers[F],
    texts: Mapping[int, str] | None = None,
    level: int = logging.INFO,
    records: bool = True,
    secret: bool = False,
) -> Callable[[Callable[Concatenate[Session, P], R]], Definition[P, R | F]]:
    """Declare an official function; usage and summary make its official docstring."""

    def define(body: Callable[Concatenate[Session, P], R]) -> Definition[P, R | F]:
        doc = f"{usage}\n\n{summary}\n\n{inspect.cleandoc(body.__doc__ or '')}"
        return Definition(
            body, doc, takes, answers, texts or {}, level, records, secret
        )

    return define


class Function(Generic[P, R]):
    """An official function as programs see it: much like a built-in one.

    Kept as an attribute of a class it does not become a method, it has the official
    name and docstring, and it is pickled by name, for process pools.
    """

    def __init__(self, definition: Definition[P, R], session: Session) -> None:
        self.__name__ = self.__qualname__ = definition.name
        self.__module__ = f"{PACKAGE}._core"
        self.__doc__ = definition.doc
        self._definition = definition
        self._session = session
        self._plain, self._check = definition.takes
        self._body = definition.body
        self._records, self._secret = definition.records, definition.secret

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function; see its own documentation."""
        session = self._session
        if self._secret:
            args, kwargs = _hidden(args, kwargs)  # type: ignore[assignment]
        try:
            if kwargs or len(args) not in self._plain:
                self._check(self.__name__, args, kwargs)
            result = self._body(session, *args, **kwargs)
        except Rejected as rejected:
            return self._misused(rejected)
        except DateOverflow as overflow:
            self._go_on_without(overflow, args, kwargs)
        except (CallFailed, MemoryError) as failure:
            return self._failed(failure)
        except failures() as failure:
            return self._failed(failure)
        if self._records:
            session.outcome.last_error = SUCCESS
        return result

    def __get__(self, instance: object, owner: type | None = None) -> Self:
        return self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Function):
            return NotImplemented
        same = self._definition is other._definition
        return same and self._session is other._session

    def __hash__(self) -> int:
        return hash((self.__name__, id(self._session)))

    def __reduce__(self) -> str:
        return self.__name__

    def __repr__(self) -> str:
        return f"<built-in function {self.__name__}>"

    @property
    def __signature__(self) -> inspect.Signature:
        signature = inspect.signature(self._definition.body)
        _, *parameters = signature.parameters.values()
        return signature.replace(parameters=parameters)

    def _misused(self, rejected: Rejected) -> R:
        """Report a bad argument."""
        self._session.outcome.last_error = (RES_E_INVALID_PARAMS, rejected.text)
        if rejected.pending is not None:
            self._raise_pending(rejected.pending)
        return self._definition.answers.misuse

    def _failed(self, failure: CallFailed | MemoryError | EngineError) -> R:
        """Report a call that failed behind the interface."""
        definition = self._definition
        error = last_error_of(failure, definition.texts)
        self._session.outcome.last_error = error
        told = "" if str(failure) in error[1] else f": {failure}"
        logger.log(definition.level, "%s: %s%s", self.__name__, error, told)
        return definition.answers.failure

    def _go_on_without(
        self, overflow: DateOverflow, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> NoReturn:
        """Call as the original does after an overflow, then raise as it does."""
        again: Callable[..., R] = self
        again(*(OVERFLOWED if a is overflow.value else a for a in args), **kwargs)
        self._raise_pending(OverflowError(f"{overflow.value} is no 32-bit date"))

    def _raise_pending(self, pending: Exception) -> NoReturn:
        problem = f"{self!r} returned a result with an exception set"
        raise SystemError(problem) from pending


def _hidden(
    args: tuple[object, ...], kwargs: Mapping[str, object]
) -> tuple[tuple[object, ...], dict[str, object]]:
    """The arguments, texts among them such that a report does not show them."""
    from mt5web_async.hidden import hidden

    hide: Callable[[Any], object] = hidden
    return tuple(map(hide, args)), {k: hide(v) for k, v in kwargs.items()}


def failures() -> tuple[type[CallFailed], type[EngineError]]:
    """The exceptions that stand for a failed call.

    An except clause asks for them only once something was raised, so that importing
    this package does not import the engine.
    """
    from mt5web_async.errors import EngineError

    return CallFailed, EngineError


def last_error_of(
    failure: CallFailed | MemoryError | EngineError, texts: Mapping[int, str]
) -> LastError:
    """The official code and text of a failure.

    Args:
        failure: what was raised. Messages of engine errors are for the log; what
            programs compare is the official text of the code.
        texts: texts that the called function has for some codes.
    """
    if isinstance(failure, MemoryError):
        code, text = RES_E_NO_MEMORY, ""
    elif isinstance(failure, CallFailed):
        code, text = failure.code, failure.text or ""
    else:
        code, text = failure.code, ""
    if code == RES_E_INTERNAL_FAIL_INIT:
        return code, text_of(code, detail=text or str(failure))
    return code, text or texts.get(code) or text_of(code)
