# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who may decide is read from the inventory's own files, whatever was said with -e."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import context
from ansible.module_utils.common.collections import ImmutableDict
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils.vars import load_extra_vars
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.plugin_utils.site_policy import (
    plans_of,
    refuse_undecided,
    site_of,
    starters,
)

TWO = {
    "decision_persons": 2,
    "decision_signers": "/etc/deadpool/signers",
    "decision_choosers": "{{ [direktur] }}",
    "decision_givers": ["manajer"],
    "direktur": "dr.sri",
}
Started = Callable[..., tuple[Any, dict[str, Any]]]


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Started]:
    """A task of a run on an inventory with these variables, started with these -e: what an action plugin is given."""

    def begin(site: dict[str, Any], given: dict[str, Any], **task: Any) -> tuple[Any, dict[str, Any]]:
        (tmp_path / "group_vars").mkdir()
        (tmp_path / "hosts.json").write_text(json.dumps({"all": {"hosts": {"sql2": {}}}}))
        site = {"site_name": "RS Contoh", "preflight_reports_directory": str(tmp_path / "reports"), **site}
        (tmp_path / "group_vars/all.json").write_text(json.dumps(site))
        sources = {"inventory": [str(tmp_path / "hosts.json")], "extra_vars": [json.dumps(given)]}
        monkeypatch.setattr(context, "CLIARGS", ImmutableDict(sources))
        loader, variables = DataLoader(), {**site, **given, "inventory_hostname": "sql2"}
        options = SimpleNamespace(args={}, check_mode=False)
        options.__dict__.update(task)
        return SimpleNamespace(_loader=loader, _templar=Templar(loader, variables), _task=options), variables

    load_extra_vars.__dict__.pop("extra_vars", None)  # it is read once for a process
    yield begin
    load_extra_vars.__dict__.pop("extra_vars", None)


def test_what_was_given_with_e_does_not_change_who_decides(started: Started, tmp_path: Path) -> None:
    action, variables = started(TWO, {"target": "failover"})
    variables |= {"decision_persons": 1, "site_name": "Another", "preflight_reports_directory": str(tmp_path / "mine")}
    site = site_of(action, variables)
    assert site.policy.persons == 2 and site.policy.choosers == ("dr.sri",), "templates of the inventory hold"
    assert (site.name, site.reports) == ("RS Contoh", str(tmp_path / "reports"))
    assert site.given == {"target": "failover"}


@pytest.mark.parametrize("name", [*TWO, "site_name", "preflight_reports_directory", "mssql_host"])
def test_at_a_site_of_two_nobody_says_with_e_what_the_inventory_says(started: Started, name: str) -> None:
    action, variables = started(TWO, {name: 1, "target": "failover"})
    with pytest.raises(InvalidInput, match=f"so {name} cannot be given with -e"):
        site_of(action, variables)


def test_at_a_site_of_one_a_drill_may_say_where_its_reports_go(started: Started, tmp_path: Path) -> None:
    action, variables = started({}, {"preflight_reports_directory": str(tmp_path / "drill")})
    assert site_of(action, variables).reports == str(tmp_path / "drill")


def test_a_policy_that_cannot_be_read_is_refused(started: Started) -> None:
    action, variables = started({"decision_persons": "{{ 1 + 1 }} persons"}, {})
    with pytest.raises(InvalidInput, match="decision_persons"):
        site_of(action, variables)


@pytest.mark.parametrize(
    ("args", "check_mode", "refused"),
    [
        ({"plans": [{"digest": "a"}], "replace": True}, False, True),
        ({"plan": {"digest": "a"}}, False, True),
        ({"plans": [{"digest": "a"}], "recover": False, "replace": True}, False, True),
        ({"plans": [{"digest": "a"}], "recover": False}, False, False),
        ({"plans": [{"digest": "a"}], "replace": True}, True, False),
    ],
    ids=["replace", "recover", "replace without recovery", "a standby rolls forward", "only looking"],
)
def test_no_way_leads_past_the_second_person(
    started: Started, args: dict[str, Any], check_mode: bool, refused: bool
) -> None:
    action, variables = started(TWO, {"target": "failover"}, args=args, check_mode=check_mode)
    if refused:
        with pytest.raises(InvalidInput) as why:
            refuse_undecided(action, variables)
        assert why.value.hint
    else:
        refuse_undecided(action, variables)


def test_one_person_needs_no_signature(started: Started) -> None:
    action, variables = started({}, {}, args={"plans": [{"digest": "a"}], "replace": True})
    refuse_undecided(action, variables)


def test_everybody_who_started_it_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "budi")
    pressed = {"awx_user_name": "budi", "semaphore_vars": {"task_details": {"username": "ani"}}}
    assert starters(pressed)[:2] == ("budi", "ani")
    assert len(starters(pressed)) == 3, "and the account, by the system"
    assert "ani" not in starters({"semaphore_vars": "ani"})


def test_one_plan_or_several() -> None:
    assert plans_of({"plan": 1}) == [1] and plans_of({"plans": [1, 2]}) == [1, 2] and plans_of({}) == []
