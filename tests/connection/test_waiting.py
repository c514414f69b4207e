"""Waiting that works alike in coroutines and in plain threads."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from mt5web_async.waiting import Deadline, drive, wait_for


class LastMoment(Future[str]):
    """It is done in the moment in which a waiter gives up."""

    def result(self, timeout: float | None = None) -> str:
        if not self.done():
            self.set_result("here")
            raise TimeoutError
        return super().result(timeout)


def test_waiting_in_place_honours_its_deadline() -> None:
    never: Future[None] = Future()
    with pytest.raises(TimeoutError):
        drive(wait_for(never, Deadline(0.01)))


@pytest.mark.parametrize("timeout", [0.0, 10.0, None])
def test_what_comes_in_the_last_moment_is_no_time_out(timeout: float | None) -> None:
    assert drive(wait_for(LastMoment(), Deadline(timeout))) == "here"


def test_a_time_out_that_is_the_result_itself_is_raised() -> None:
    failed: Future[None] = Future()
    failed.set_exception(TimeoutError("its own"))
    with pytest.raises(TimeoutError, match="its own"):
        drive(wait_for(failed, Deadline(None)))
