# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The operators' pages (docs/id) against what is there: buttons, commands, lines of the morning, words of messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.ics.deadpool.plugins.module_utils.recovery import check_words

from .playing import CONTROLLER, ROOT
from .test_templates import BUTTONS, QUESTIONS, choices, text_of

PAGES = sorted((ROOT / "docs/id").glob("*.md"))
WORKFLOWS = yaml.safe_load((CONTROLLER / "awx/workflow.yml").read_text("utf-8"))["awx_workflows"]
#: What a button's name says of what it does stands beside it; a person reads the Indonesian half.
NAMES = {name.partition(" (")[0] for name in (one["name"] for one in [*BUTTONS, *WORKFLOWS])}
COMMAND = re.compile(r"`(?:ansible-playbook (?:-i \S+ )?)?(playbooks/\w+\.yml)([^`]*)`")
#: Said by the system and not by us.
THEIRS = {"Login failed", "password", "disk", "space", "No space left", "HINT:", "success", "RESTORING"}
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def tables(page: Path) -> Iterator[dict[str, str]]:
    """Every row of every table, by the words at the head of its column."""
    head: list[str] = []
    for line in page.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            head = []
        elif not head:
            head = cells
        elif not set("".join(cells)) <= set("-"):
            yield dict(zip(head, cells))


def source() -> str:
    files = [path for folder in ("plugins", "roles", "playbooks") for path in (ROOT / folder).rglob("*.[py]*")]
    return re.sub(
        r'\s+|"\s*\n\s*f?"', " ", " ".join(path.read_text("utf-8") for path in files if path.suffix != ".pyc")
    )


def test_there_is_a_page_for_each_situation_and_each_is_named() -> None:
    said = (ROOT / "docs/id/README.md").read_text("utf-8")
    assert len(PAGES) >= 10 and all(f"({page.name})" in said for page in PAGES if page.name != "README.md")


@each_page
def test_a_button_that_is_to_be_pressed_exists(page: Path) -> None:
    for row in tables(page):
        for column in ("tekan", "AWX", "Semaphore"):
            button = re.split(r" ?\(|, ", row.get(column, ""))[0]
            # In brackets: there is none. "sama": as on AWX.
            assert button in NAMES | {"", "sama", "perintah yang sama"}, button


@each_page
def test_a_command_takes_what_it_is_given(page: Path) -> None:
    for playbook, options in COMMAND.findall(page.read_text("utf-8")):
        assert (ROOT / playbook).is_file(), playbook
        accepted, text = choices(ROOT / playbook), text_of({"playbook": playbook})
        for name, value in re.findall(r"-e (\w+)=('[^']*'|\S+)", options):
            assert value in accepted.get(name, [value]), f"{playbook} -e {name}={value}"
            assert name in accepted or (name in QUESTIONS and re.search(rf"\b{name}\b", text)), name
        for tag in re.findall(r"--tags (\w+)", options):
            assert re.search(rf"tags: \[.*\b{tag}\b", text), f"{playbook} --tags {tag}"
        assert not re.sub(r"-e \w+=('[^']*'|\S+)|--tags \w+|\s", "", options), options


def test_a_message_that_is_quoted_is_one_of_ours() -> None:
    ours = source()
    for page in PAGES:
        for row in tables(page):
            for quoted in re.findall(r"`([^`]+)`", row.get("pesan berisi", "")):
                for part in re.split(r" … |…| \(process$|\)", quoted):
                    words = re.sub(r"\d+$", "", part.strip(" ()")).strip()
                    assert not words or words in THEIRS or words in ours, f"{page.name}: {quoted}"


def test_a_line_of_the_morning_that_is_named_is_on_the_page() -> None:
    lines = Path(check_words.__file__).read_text("utf-8")
    for page in PAGES:
        text = page.read_text("utf-8")
        named = re.findall(r"Baris \*([^*]+)\*", text)
        named += [one for row in tables(page) for one in row.get("baris yang merah", "").split(", ") if one]
        assert all(f'"{name}"' in lines for name in named), named


def test_one_thing_has_one_name_and_it_is_that_of_the_procedure() -> None:
    """A berkas is a patient's paper folder, and a cadangan the failover server: neither is a file or a backup."""
    said = [source(), str([*BUTTONS, *WORKFLOWS, *QUESTIONS.values()]), *(page.read_text("utf-8") for page in PAGES)]
    for text in said:
        assert not re.findall(r"\b(?:[Bb]erkas|Manajer IT|[Pp]engendali)\b", text)
        assert not re.findall(r"(?<![Ss]erver )\b[Cc]adangan\b(?! \(failover\))", text)
