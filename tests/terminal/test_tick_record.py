"""The ticks that were seen, in memory and in files."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt5web_async.calculation.quotes import Quote, apply_tick
from mt5web_async.calculation.spread import Pricing
from mt5web_async.errors import InvalidArgument
from mt5web_async.protocol.records import Tick
from mt5web_async.terminal.ticks import TICKS, TickFiles, TickLimits, TickRecord
from mt5web_async.terminal.ticks.files import (
    DAY,
    RECORD_SIZE,
    day_name,
    pack_rows,
    servers,
)
from mt5web_async.terminal.ticks.rows import rows_of
from tests.protocol.witness import DATA

ALL, INFO, TRADE = -1, 1, 2
BID_ASK: Final = 3
LAST_VOLUME: Final = 12
T: Final = 20_522 * DAY + 36_000_000  # 2026-03-10, 10:00
UNIT: Final = 100_000_000
ALWAYS: Final = 2**42


def quote(time_msc: int = T, bid: float = 1.1, changed: int = BID_ASK) -> Quote:
    return Quote(bid=bid, ask=bid + 0.0001, time_msc=time_msc, changed=changed)


def filled(count: int, limits: TickLimits | None = None, step: int = 10) -> TickRecord:
    record = TickRecord(limits)
    for index in range(count):
        record.take("EURUSD", quote(T + index * step, 1 + index / 100_000))
    return record


def test_a_row_is_that_of_the_official_package() -> None:
    official = json.loads((DATA / "official_api.json").read_text("utf-8"))
    ticks = official["dtypes"]["ticks"]
    assert list(map(list, TICKS.descr)) == ticks["descr"]
    assert TICKS.itemsize == ticks["itemsize"]


def test_a_row_holds_all_prices_after_the_tick_and_what_it_changed() -> None:
    record = TickRecord()
    pricing = Pricing(digits=2)
    now = Quote()
    for tick in (
        Tick(time=5, time_ms=7, fields=BID_ASK, bid=110, ask=120),
        Tick(time=6, fields=LAST_VOLUME, last=115, volume=250_000_000),
        Tick(time=7, fields=1, bid=111),
    ):
        now = apply_tick(now, tick, pricing)
        record.take("EURUSD", now)
    assert record.copy_range("EURUSD", 0, ALWAYS, ALL).tolist() == [
        (5, 1.1, 1.2, 0.0, 0, 5007, 2 | 4, 0.0),
        (6, 1.1, 1.2, 1.15, 2, 6000, 8 | 16, 2.5),
        (7, 1.11, 1.2, 1.15, 2, 7000, 2, 2.5),
    ]


@pytest.mark.parametrize(
    ("flags", "rows"),
    [(ALL, [0, 1, 2, 3]), (INFO, [0, 2, 3]), (TRADE, [1, 2]), (3, [0, 1, 2, 3])],
)
def test_flags_choose_rows_by_what_changed(flags: int, rows: list[int]) -> None:
    record = TickRecord()
    for index, changed in enumerate((1, LAST_VOLUME, 2 | 4, BID_ASK)):
        record.take("EURUSD", quote(T + index, changed=changed))
    found = record.copy_range("EURUSD", T, T + 9, flags)
    assert (found["time_msc"] - T).tolist() == rows
    found = record.copy_from("EURUSD", T, 2, flags)
    assert (found["time_msc"] - T).tolist() == rows[:2]


def test_both_ends_of_a_range_belong_to_it() -> None:
    record = filled(100)
    found = record.copy_range("EURUSD", T + 100, T + 200, ALL)
    assert found["time_msc"].tolist() == list(range(T + 100, T + 201, 10))
    assert len(record.copy_range("EURUSD", T + 101, T + 109, ALL)) == 0
    assert len(record.copy_range("EURUSD", T + 200, T + 100, ALL)) == 0


def test_a_count_begins_at_the_given_moment() -> None:
    record = filled(100)
    found = record.copy_from("EURUSD", T + 105, 3, ALL)
    assert found["time_msc"].tolist() == [T + 110, T + 120, T + 130]
    assert len(record.copy_from("EURUSD", T + 980, 2**31 - 1, ALL)) == 2
    assert len(record.copy_from("EURUSD", T + 999, 5, ALL)) == 0


@pytest.mark.parametrize("count", [0, -1])
def test_no_ticks_at_all_cannot_be_asked_for(count: int) -> None:
    with pytest.raises(InvalidArgument, match="1 or more"):
        filled(1).copy_from("EURUSD", T, count, ALL)


def test_a_symbol_never_seen_has_no_ticks() -> None:
    found = filled(1).copy_range("GBPUSD", 0, ALWAYS, ALL)
    assert (found.dtype, found.shape) == (TICKS, (0,))


def test_results_have_memory_of_their_own() -> None:
    record = filled(200)
    for found in (
        record.copy_range("EURUSD", T, T + 50, ALL),
        record.copy_from("EURUSD", T, 5, INFO),
        record.copy_from("EURUSD", T + DAY, 5, INFO),
    ):
        assert found.flags.owndata
        assert found.flags.c_contiguous
        assert not found.flags.writeable  # as the original's
        found.flags.writeable = True
        found["bid"] = 0
    assert record.copy_range("EURUSD", 0, ALWAYS, ALL)["bid"].min() >= 1


def test_the_same_tick_again_after_a_reconnect_is_no_other_tick() -> None:
    record = filled(1)
    record.take("EURUSD", quote(T, 1.0, changed=BID_ASK))
    record.take("EURUSD", quote(T, 1.0, changed=1))
    assert len(record.copy_range("EURUSD", 0, ALWAYS, ALL)) == 1


def test_deals_that_are_alike_are_all_kept() -> None:
    record = TickRecord()
    for _ in range(3):
        record.take("EURUSD", quote(changed=LAST_VOLUME))
    assert len(record.copy_range("EURUSD", 0, ALWAYS, ALL)) == 3


def test_a_row_has_the_time_of_its_newest_price() -> None:
    late = Quote(1.1, 1.2, 1.15, time_msc=T, time_bidask_msc=T + 50, changed=4)
    record = TickRecord()
    record.take("EURUSD", late)
    assert record.copy_range("EURUSD", 0, ALWAYS, ALL)["time_msc"].tolist() == [T + 50]


def test_rows_are_in_order_even_when_a_servers_clock_goes_back() -> None:
    record = filled(200)
    for index in range(100):
        record.take("EURUSD", quote(T + 5 + index * 10))
    times = record.copy_range("EURUSD", T, ALWAYS, ALL)["time_msc"]
    assert len(times) == 300
    assert bool(np.all(times[:-1] <= times[1:]))
    some = record.copy_from("EURUSD", T + 4, 3, ALL)["time_msc"]
    assert some.tolist() == [T + 5, T + 10, T + 15]
    assert record.start("EURUSD") == T


moves = st.lists(
    st.tuples(st.integers(-3, 5), st.sampled_from([1, 2, 3, 4, 8, 12, 15])),
    max_size=200,
)


@given(moves, st.integers(-5, 300), st.integers(-5, 300), st.sampled_from([-1, 1, 2]))
def test_the_record_answers_as_a_plain_list_would(
    moves: list[tuple[int, int]], start: int, end: int, flags: int
) -> None:
    record = TickRecord()
    plain: list[tuple[int, int, float]] = []
    now = T
    for index, (step, changed) in enumerate(moves):
        now += step
        record.take("X", quote(now, 1.0 + index, changed))
        plain.append((now, changed, 1.0 + index))
    wanted = {-1: 15, 1: 3, 2: 12}[flags]
    plain = sorted((t, c, b) for t, c, b in plain if c & wanted and t >= T + start)
    first = record.copy_from("X", T + start, 7, flags)
    assert first["time_msc"].tolist() == [t for t, _, _ in plain[:7]]
    found = record.copy_range("X", T + start, T + end, flags)
    kept = [(t, b) for t, _, b in plain if t <= T + end]
    assert list(
        zip(found["time_msc"].tolist(), found["bid"].tolist(), strict=True)
    ) == [(t, b) for t, b in sorted(kept)]


def test_a_symbol_keeps_its_newest_ticks() -> None:
    record = filled(5000, TickLimits(per_symbol=1000))
    times = record.copy_range("EURUSD", 0, ALWAYS, ALL)["time_msc"]
    assert times[-1] == T + 49_990
    assert 1000 <= len(times) < 4000
    assert len(times) * 10 == times[-1] - times[0] + 10


def test_all_symbols_together_keep_to_the_total() -> None:
    record = TickRecord(TickLimits(per_symbol=4000, total=6000))
    for index in range(4000):
        for symbol in ("A", "B", "C"):
            record.take(symbol, quote(T + index))
        if index < 10:
            record.take("RARE", quote(T + index))
    counts = [len(record.copy_range(s, 0, ALWAYS, ALL)) for s in ("A", "B", "C")]
    assert sum(counts) <= 6000 + 4 * 64
    assert min(counts) >= 1000
    assert len(record.copy_range("RARE", 0, ALWAYS, ALL)) == 10


def test_a_great_many_symbols_keep_to_the_total() -> None:
    record = TickRecord(TickLimits(total=20_000))
    for index in range(700):
        for symbol in range(100):
            record.take(str(symbol), quote(T + index))
    counts = [len(record.copy_range(str(s), 0, ALWAYS, ALL)) for s in range(100)]
    assert sum(counts) <= 20_000 + 100 * 64
    assert min(counts) > 0


def test_the_log_tells_when_a_range_begins_before_the_record(
    caplog: pytest.LogCaptureFixture,
) -> None:
    record = filled(10)
    caplog.set_level(logging.INFO)
    record.copy_range("EURUSD", T, ALWAYS, ALL)
    assert not caplog.records
    record.copy_range("EURUSD", T - DAY, ALWAYS, ALL)
    record.copy_from("EURUSD", T - DAY, 5, ALL)
    record.copy_range("GBPUSD", T, ALWAYS, ALL)
    early = (
        "EURUSD: ticks since 2026-03-09T10:00:00.000 were asked for, "
        "the record begins at 2026-03-10T10:00:00.000"
    )
    assert [(r.levelname, r.message) for r in caplog.records] == [
        ("WARNING", early),
        ("INFO", early),
        ("WARNING", "GBPUSD: no ticks are recorded"),
    ]


def test_readers_see_whole_rows_while_ticks_come() -> None:
    record = TickRecord(TickLimits(per_symbol=2000, total=3000))
    done = threading.Event()

    def feed() -> None:
        for index in range(30_000):
            record.take("EURUSD", quote(T + index, float(index)))
        done.set()

    feeder = threading.Thread(target=feed)
    feeder.start()
    while not done.is_set():
        rows = record.copy_range("EURUSD", T, ALWAYS, INFO)
        assert np.array_equal(rows["time_msc"] - T, rows["bid"])
        assert np.all(np.diff(rows["time_msc"]) == 1)
    feeder.join()
    assert record.copy_range("EURUSD", T, ALWAYS, ALL)["bid"][-1] == 29_999


# files


def kept(folder: Path, limits: TickLimits | None = None) -> TickRecord:
    record = TickRecord(limits)
    record.keep(TickFiles(folder, "Demo"))
    return record


def all_of(record: TickRecord, symbol: str = "EURUSD") -> list[tuple[object, ...]]:
    return list(map(tuple, record.copy_range(symbol, 0, ALWAYS, ALL).tolist()))


def test_ticks_come_back_in_another_process(tmp_path: Path) -> None:
    record = kept(tmp_path)
    for day in range(3):
        record.take("EURUSD", quote(T + day * DAY, 1.1 + day))
        deal = quote(T + day * DAY + 1, 1.1 + day, changed=LAST_VOLUME)
        record.take("EURUSD", deal._replace(last=1.15, volume=250_000_000))
    before = all_of(record)
    record.close()
    later = kept(tmp_path)
    assert all_of(later) == before
    assert len(before) == 6
    assert before[1][4:] == (2, T + 1, 24, 2.5)
    later.close()


def test_files_are_compact_and_one_a_day(tmp_path: Path) -> None:
    record = kept(tmp_path)
    for index in range(100):
        record.take("EURUSD", quote(T + index))
    record.take("EURUSD", quote(T + DAY))
    record.close()
    folder = tmp_path / "Demo" / "EURUSD"
    sizes = {file.name: file.stat().st_size for file in folder.iterdir()}
    assert sizes == {
        "2026-03-10.ticks": 16 + 100 * 37,
        "2026-03-11.ticks": 16 + 37,
    }


def test_what_was_seen_before_keeping_began_is_kept_too(tmp_path: Path) -> None:
    record = filled(3)
    record.keep(TickFiles(tmp_path, "Demo"))
    record.take("EURUSD", quote(T + 100))
    before = all_of(record)
    record.close()
    later = kept(tmp_path)
    assert all_of(later) == before
    assert len(before) == 4
    later.close()


def test_new_ticks_are_added_to_those_of_earlier(tmp_path: Path) -> None:
    for run in range(3):
        record = kept(tmp_path)
        record.take("EURUSD", quote(T + run))
        assert len(all_of(record)) == run + 1
        record.close()


def test_the_last_tick_is_not_kept_again_at_every_start(tmp_path: Path) -> None:
    for changed in (1, BID_ASK, BID_ASK):
        record = kept(tmp_path)
        record.take("EURUSD", quote(changed=changed))
        assert len(all_of(record)) == 1
        record.close()
    (file,) = (tmp_path / "Demo" / "EURUSD").iterdir()
    assert file.stat().st_size == 16 + 37


def test_several_processes_that_see_the_same_keep_it_once(tmp_path: Path) -> None:
    one, other = kept(tmp_path), kept(tmp_path)
    for index in range(300):
        for record in (one, other):
            record.take("EURUSD", quote(T + index // 3, 1 + index))
        if index % 7 == 0:
            one.flush()
        if index % 11 == 0:
            other.flush()
    one.close()
    other.close()
    later = kept(tmp_path)
    assert [row[1] for row in all_of(later)] == [1 + i for i in range(300)]
    later.close()


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 9)), max_size=30))
def test_whoever_is_ahead_the_same_ticks_are_kept_once(
    steps: list[tuple[int, int]],
) -> None:
    """Each step one process writes the next few of the ticks that both see."""
    count, day = 60, T // DAY
    quotes = [quote(T + i // 4, 1.0 + i % 3, (BID_ASK, 1)[i % 2]) for i in range(count)]
    ((_, packed),) = pack_rows(rows_of(quotes))
    with tempfile.TemporaryDirectory() as folder:
        processes = [TickFiles(Path(folder), "Demo") for _ in range(2)]
        written = [0, 0]
        for who, number in [*steps, (0, count), (1, count)]:
            start, end = written[who], min(written[who] + number, count)
            written[who] = end
            if end > start:
                part = packed[start * RECORD_SIZE : end * RECORD_SIZE]
                processes[who].append("EURUSD", day, part)
        found = processes[0].read("EURUSD", day)
        assert found["bid"].tolist() == [one.bid for one in quotes]


def test_a_file_that_was_taken_away_is_begun_anew(tmp_path: Path) -> None:
    files = TickFiles(tmp_path, "Demo")
    ((day, packed),) = pack_rows(rows_of([quote()]))
    files.append("EURUSD", day, packed)
    (file,) = (tmp_path / "Demo" / "EURUSD").iterdir()
    file.unlink()
    files.append("EURUSD", day, packed)
    assert len(files.read("EURUSD", day)) == 1


def test_what_memory_has_no_room_for_is_read_from_files(tmp_path: Path) -> None:
    record = kept(tmp_path, TickLimits(per_symbol=100))
    for index in range(3000):
        # several ticks of one millisecond lie across what is let go
        record.take("EURUSD", quote(T + index // 7, 1 + index))
    rows = record.copy_range("EURUSD", 0, ALWAYS, ALL)
    assert rows["bid"].tolist() == [1 + index for index in range(3000)]
    some = record.copy_from("EURUSD", T + 100, 9, ALL)
    assert some["bid"].tolist() == [701 + index for index in range(9)]
    assert record.start("EURUSD") == T
    record.close()


def test_days_that_memory_has_no_room_for_are_read_from_files(tmp_path: Path) -> None:
    record = kept(tmp_path)
    for index in range(400):
        record.take("EURUSD", quote(T + index * DAY // 100, 1 + index))
    record.close()
    later = kept(tmp_path, TickLimits(per_symbol=50))
    assert later.start("EURUSD") == T
    for _ in range(2):
        assert [row[1] for row in all_of(later)] == [1 + i for i in range(400)]
    later.take("EURUSD", quote(T + 9 * DAY, 999))
    assert len(all_of(later)) == 401
    later.close()


def test_ticks_that_came_before_the_first_question_are_in_place(
    tmp_path: Path,
) -> None:
    earlier = kept(tmp_path)
    earlier.take("EURUSD", quote(T, 1))
    earlier.take("EURUSD", quote(T + 5, 2))
    earlier.close()
    record = kept(tmp_path)
    record.take("EURUSD", quote(T + 5, 2))
    record.take("EURUSD", quote(T + 9, 3))
    record.flush()
    assert [row[1] for row in all_of(record)] == [1, 2, 3]
    record.close()


@pytest.mark.parametrize("cut", [1, 36])
def test_a_record_cut_by_a_crash_is_left_out_and_cut_off(
    tmp_path: Path, cut: int
) -> None:
    record = filled_files(tmp_path, 5)
    (file,) = (tmp_path / "Demo" / "EURUSD").iterdir()
    os.truncate(file, file.stat().st_size - cut)
    record = kept(tmp_path)
    assert len(all_of(record)) == 4
    record.take("EURUSD", quote(T + 1000))
    record.close()
    assert file.stat().st_size == 16 + 5 * 37
    later = kept(tmp_path)
    assert len(all_of(later)) == 5
    later.close()


@pytest.mark.parametrize("size", [0, 7])
def test_a_file_without_a_whole_head_is_begun_anew(tmp_path: Path, size: int) -> None:
    filled_files(tmp_path, 5)
    (file,) = (tmp_path / "Demo" / "EURUSD").iterdir()
    os.truncate(file, size)
    assert len(all_of(filled_files(tmp_path, 3))) == 3


def test_what_a_power_cut_left_of_records_is_left_out(tmp_path: Path) -> None:
    filled_files(tmp_path, 5)
    (file,) = (tmp_path / "Demo" / "EURUSD").iterdir()
    with file.open("ab") as end:
        end.write(bytes(3 * 37))
    later = kept(tmp_path)
    assert len(all_of(later)) == 5
    later.close()


def test_a_file_of_something_else_is_never_touched(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    filled_files(tmp_path, 1)
    (file,) = (tmp_path / "Demo" / "EURUSD").iterdir()
    file.write_bytes(b"my own notes, long enough")
    record = filled_files(tmp_path, 2)
    assert file.read_bytes() == b"my own notes, long enough"
    assert len(all_of(record)) == 2, "memory has them"
    assert "ticks were not written" in caplog.text


def filled_files(folder: Path, count: int) -> TickRecord:
    record = kept(folder)
    for index in range(count):
        record.take("EURUSD", quote(T + index))
    record.close()
    return record


@pytest.mark.parametrize(
    "name",
    [
        *("..", ".", "a/b", "..\\x", "EURUSD.", "#AAPL", "é", "%", "a b ", "COM:1"),
        *(
            "WIN$N",
            "Step Index",
            "CON",
            "nul.m",
            "com1",
            ".x",
            "金" * 32,
            "a\x07b",
            "*",
        ),
    ],
)
def test_a_symbol_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "ticks"
    record = kept(folder)
    record.take(name, quote())
    record.close()
    files = TickFiles(folder, "Demo")
    assert files.symbols() == [name]
    assert len(files.read(name, T // DAY)) == 1
    (path,) = (folder / "Demo").iterdir()
    assert path.name.lower() not in {"con", "nul.m", "com1"}  # devices of Windows
    assert len(path.name.encode()) < 256
    assert [path.name for path in tmp_path.iterdir()] == ["ticks"]
    assert [path.name for path in folder.iterdir()] == ["Demo"]


def test_servers_are_kept_apart(tmp_path: Path) -> None:
    for server in ("Broker-Demo", "Broker/Live"):
        record = TickRecord()
        record.keep(TickFiles(tmp_path, server))
        record.take("EURUSD", quote())
        record.close()
    assert servers(tmp_path) == ["Broker-Demo", "Broker/Live"]
    assert servers(tmp_path / "none") == []


def test_what_there_is_can_be_listed(tmp_path: Path) -> None:
    files = TickFiles(tmp_path, "Demo")
    assert files.symbols() == []
    filled_files(tmp_path, 5)
    assert files.symbols() == ["EURUSD"]
    there = files.recorded("EURUSD")
    assert (there.symbol, there.ticks, there.size) == ("EURUSD", 5, 16 + 5 * 37)
    assert day_name(there.first) == day_name(there.last) == "2026-03-10"


prices = st.floats(allow_nan=False)


@settings(max_examples=50)
@given(
    st.lists(
        st.builds(
            lambda bid, ask, last, volume, time_msc, changed: Quote(
                bid, ask, last, volume, time_msc, changed=changed
            ),
            prices,
            prices,
            prices,
            st.integers(-1, 2**50),  # above, a real volume is not exact itself
            st.integers(0, 3 * DAY),
            st.integers(1, 15),
        ),
        max_size=20,
    )
)
def test_files_give_back_what_memory_has(quotes: list[Quote]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        record = kept(Path(folder))
        for one in quotes:
            record.take("X", one)
        before = all_of(record, "X")
        record.close()
        later = kept(Path(folder))
        assert all_of(later, "X") == before
        later.close()


KILLED = """
import sys
from pathlib import Path
from tests.terminal.test_tick_record import T, kept, quote

record = kept(Path(sys.argv[1]))
index = 0
while True:
    record.take("EURUSD", quote(T + index, 1 + index))
    if index % 50 == 0:
        record.flush()
        print(index, flush=True)
    index += 1
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_no_record_is_damaged_when_the_process_is_killed(tmp_path: Path) -> None:
    for lines in (3, 20, 50):
        folder = tmp_path / str(lines)
        with subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-c", textwrap.dedent(KILLED), str(folder)],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            written = [int(process.stdout.readline()) for _ in range(lines)][-1]
            process.send_signal(signal.SIGKILL)
        record = kept(folder)
        rows = record.copy_range("EURUSD", 0, ALWAYS, ALL)
        assert len(rows) > written
        assert rows["time_msc"].tolist() == [T + i for i in range(len(rows))]
        assert rows["bid"].tolist() == [1 + i for i in range(len(rows))]
        record.take("EURUSD", quote(T + len(rows), 1 + len(rows)))
        record.close()
        assert len(all_of(kept(folder))) == len(rows) + 1


def test_closing_leaves_no_thread(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    record = kept(tmp_path)
    record.take("EURUSD", quote())
    record.close()
    record.close()
    record.take("EURUSD", quote(T + 1))
    assert set(threading.enumerate()) <= before
    assert len(all_of(record)) == 2
