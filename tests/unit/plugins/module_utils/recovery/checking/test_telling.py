# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the check tells what it found: schedules, alarms, plugin output, textfile, page."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_line import (
    CRITICAL,
    OK,
    UNKNOWN,
    WARNING,
    Line,
    Measure,
    worst,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_memory import (
    DAYS,
    Memory,
    alerted,
    memory_of,
    with_today,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_schedule import schedule
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_text import (
    aloud,
    exit_code,
    nagios,
    prometheus,
)
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.check_words import at_site, typed
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.status_style import PAIRS, PALETTE

from .a_site import Site
from .deeds import rendered

JAKARTA, BERLIN = ZoneInfo("Asia/Jakarta"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 0, 46, tzinfo=timezone.utc)
DAY = timedelta(hours=24)


def line(item: str, level: str) -> Line:
    fix = ("", "") if level == OK else ("lakukan", "do")
    return Line(item, "", level, ("fakta | satu", "a | fact"), fix, (Measure("it's", 1.5, "s", 2, 3),))


@pytest.mark.parametrize(
    ("text", "instants"),
    [
        ("Sun 02:00", ["Sun 22 02:00"]),
        ("Mon..Sat 03:00", ["Mon 23 03:00", "Tue 24 03:00"]),
        ("Sat..Mon 12:30", ["Sat 21 12:30", "Sun 22 12:30", "Mon 23 12:30"]),
        ("Mon,Tue 6:00", ["Mon 23 06:00", "Tue 24 06:00"]),
        ("Tue *:00/20", ["Tue 24 00:00", "Tue 24 00:20"]),
    ],
)
def test_what_is_due_is_due_by_the_sites_clock(text: str, instants: list[str]) -> None:
    start, end = datetime(2026, 11, 21, 8, tzinfo=JAKARTA), datetime(2026, 11, 24, 7, 46, tzinfo=JAKARTA)
    found = [f"{one:%a %d %H:%M}" for one in schedule(text).between(start, end, JAKARTA)]
    assert found[: len(instants)] == instants and all(
        one.split()[0] in text or "." in text or "," in text for one in found
    )


def test_a_day_on_which_the_clock_is_put_forward_has_no_half_past_two() -> None:
    day = datetime(2026, 3, 29, tzinfo=BERLIN), datetime(2026, 3, 30, tzinfo=BERLIN)
    assert len(schedule("*:30").between(*day, BERLIN)) == 23
    assert schedule("02:30").between(*day, BERLIN) == []
    newest = schedule("02:30").last_before(datetime(2026, 3, 29, 12, tzinfo=BERLIN), BERLIN)
    assert newest is not None and newest.day == 28


@pytest.mark.parametrize("text", ["", "daily", "Son 02:00", "24:00", "Sun 02:61", "*:0/0", "Sun"])
def test_a_schedule_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        schedule(text)
    assert "Sun 02:00" in refused.value.hint


def test_what_is_not_known_is_never_good() -> None:
    assert worst([OK, UNKNOWN]) == UNKNOWN and worst([UNKNOWN, CRITICAL]) == CRITICAL
    assert worst([WARNING, UNKNOWN]) == UNKNOWN and worst([]) == UNKNOWN
    assert exit_code([line("store", OK), line("disk", UNKNOWN)]) == 3


def test_a_plugins_output_has_one_bar_and_figures() -> None:
    text = nagios([line("store", OK), line("disk", CRITICAL)], "en").splitlines()
    assert text[0].startswith("CRITICAL: 1 of 2 need somebody") and text[0].count("|") == 1
    assert text[0].endswith("'its'=1.5s;2;3 'its'=1.5s;2;3")
    assert text[2] == "    Do: do" and "|" not in text[1]


def test_the_lines_are_read_aloud_with_the_worst_first() -> None:
    lines = [line("store", OK), line("disk", WARNING), line("plan", CRITICAL)]
    assert [one.split(":")[0] for one in aloud(lines, "id")] == [
        "Gawat",
        "    Lakukan",
        "Perhatian",
        "    Lakukan",
        "Baik",
    ]


def test_the_textfile_is_what_prometheus_reads(site: Site) -> None:
    text = prometheus('RS "Baik"\\', site.lines(), NOW, [("Pharmacy", NOW)])
    sample = re.compile(r'\w+\{(\w+="(\\.|[^"\\])*",?)+\} -?[\d.e+]+')
    kinds = set()
    for row in text.splitlines():
        if row.startswith("# TYPE"):
            assert row.split()[2] not in kinds, "a family stands together"
            kinds.add(row.split()[2])
        elif not row.startswith("#"):
            assert sample.fullmatch(row) and row.split("{")[0] in kinds, row
    assert 'deadpool_line_level{site="RS \\"Baik\\"\\\\",item="store",subject=""} 0' in text


def test_people_are_told_of_a_change_and_again_of_what_they_ignored() -> None:
    memory, told = Memory(), []
    days: list[list[Line]] = [
        [line("disk", OK)],
        [line("disk", WARNING)],
        [line("disk", WARNING)],
        [line("disk", CRITICAL)],
        [line("disk", OK)],
        [line("disk", OK)],
    ]
    for number, lines in enumerate(days):
        alert, memory = alerted(memory, lines, NOW + number * timedelta(hours=6), DAY)
        told.append(alert.reason)
    assert told == ["", "changed", "", "changed", "changed", ""]
    again = []
    for number in range(1, 10):
        alert, memory = alerted(memory, [line("disk", WARNING)], NOW + number * timedelta(hours=10), DAY)
        again.append(alert.reason)
    assert again == ["changed", "", "", "ignored", "", "", "ignored", "", ""]


def test_the_memory_comes_back_as_it_was_and_rubbish_is_no_memory() -> None:
    _alert, memory = alerted(Memory(), [line("disk", WARNING)], NOW, DAY)
    memory = with_today(memory, [line("disk", WARNING)], NOW, zone=JAKARTA, used_bytes=5)
    assert memory_of(memory.to_dict()) == memory
    for rubbish in (
        None,
        [],
        {},
        {"version": 1},
        {"version": 1, "open": {"a": 1}, "days": []},
        {**memory.to_dict(), "days": [3]},
    ):
        assert memory_of(rubbish) == Memory()


def test_the_worst_of_a_day_stays_and_ninety_days_are_kept() -> None:
    memory = Memory()
    for day in range(120):
        at = NOW + timedelta(days=day)
        for level in (OK, CRITICAL if day % 2 else OK, OK):
            memory = with_today(memory, [line("disk", level)], at, zone=JAKARTA, used_bytes=day)
    assert len(memory.days) == DAYS
    assert [day["level"] for day in memory.days[-2:]] == [OK, CRITICAL]
    assert memory.days[-1]["items"] == ["disk"] and memory.growth[-1][1] == 119


class _Page(HTMLParser):
    """Tags that are open, and what the page would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [str(value) for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "br", "rect", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "path"):
            assert self.open.pop() == tag


def test_the_page_is_whole_by_itself_and_says_the_big_answer_first(site: Site) -> None:
    site.lives["Pharmacy"].name = "Pharmacy"
    site.values["site"] = "RS <script>alert(1)</script>"
    text = rendered(site)
    parsed = _Page(text)
    assert parsed.open == [] and parsed.fetched == []
    assert text.count("<script>") == 1 and "url(" not in text and "@import" not in text
    assert text.index("<h1>Bisa dipulihkan sampai 07:45 WIB</h1>") < text.index("<h2>")
    assert "Berlaku sampai 08:31 WIB" in text and "Yang harus dilakukan hari ini" in text


def test_a_database_that_is_lost_is_the_big_answer(site: Site) -> None:
    site.lives["Pharmacy"].sets.clear()
    assert "<h1>TIDAK BISA dipulihkan: Pharmacy</h1>" in rendered(site)
    site.values["store"] = {"failed": True, "msg": "no answer"}
    assert "<h1>Tidak diketahui apakah bisa dipulihkan</h1>" in rendered(site)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0]}-on-{pair[1]}")
def test_colours_that_meet_have_contrast(pair: tuple[str, str, float], scheme: int) -> None:
    lights = sorted(_light(PALETTE[name][scheme]) for name in pair[:2])
    assert (lights[1] + 0.05) / (lights[0] + 0.05) >= pair[2]


def _light(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_command_names_the_inventory_of_its_site() -> None:
    """Without it, ansible.cfg's own inventory would be another hospital."""
    told = at_site(typed("log"), ["/etc/deadpool/rs-contoh"])
    assert told == ("ansible-playbook -i /etc/deadpool/rs-contoh playbooks/backup.yml -e backup_type=log",) * 2
    assert at_site(typed("log"), []) == typed("log")
