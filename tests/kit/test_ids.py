"""Ids: UUIDv7, strictly rising, also from many threads and within one millisecond."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from kit import ids


def test_an_id_is_a_uuid_of_version_7_of_now() -> None:
    before = time.time_ns() // 1_000_000
    found = ids.new()
    assert (found.version, found.variant) == (7, "specified in RFC 4122")
    # The counter may run ahead of the clock by the milliseconds it borrowed.
    assert before <= found.int >> 80 <= before + 10_000


def test_ids_rise_also_within_one_millisecond() -> None:
    made = [ids.new() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_of_many_threads_are_all_different_and_rise_in_each() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _n: [ids.new() for _ in range(2_000)], range(8)))
    assert all(one == sorted(one) for one in made)
    assert len({found for one in made for found in one}) == 16_000


def test_ids_rise_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ids.new()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert ids.new() > first


def test_ids_sort_as_text_as_they_sort_as_numbers() -> None:
    made = [ids.new() for _ in range(1_000)]
    assert sorted(map(str, made)) == list(map(str, sorted(made, key=lambda found: found.int)))
    assert UUID(int=0) == ids.NIL
