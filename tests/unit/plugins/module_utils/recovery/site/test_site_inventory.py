# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An inventory made from the example: every comment kept, every fact in its place, read back as it was meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.ics.deadpool.plugins.module_utils.recovery import site_inventory as pages
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.errors import InvalidInput
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.site_facts import SiteFacts
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.site_pending import Site, lines, pending
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.yaml_text import block, filled, scalar
from hypothesis import given
from hypothesis import strategies as some

from .test_site_facts import GOOD

EXAMPLE = Path(__file__).resolve().parents[6] / "inventory/example"
TEXTS = some.text(some.characters(exclude_categories=("Cs", "Cc")), max_size=20)
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | TEXTS,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def example() -> dict[str, str]:
    return {path: (EXAMPLE / path).read_text("utf-8") for path in (*pages.COPIED, pages.VAULT)}


def files(**more: Any) -> dict[str, str]:
    return pages.inventory_files(SiteFacts.read({**GOOD, **more}), example(), "/etc/deadpool/vault-password")


def comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("#")]


@given(VALUES)
def test_whatever_is_written_is_read_back(value: Any) -> None:
    text = "\n".join(block("key", value))
    assert yaml.safe_load(text) == {"key": value}


@pytest.mark.parametrize(
    "text", ["yes", "null", "1.5", "0x1F", "12:30", "~", "- a", "a: b", "a #b", "", " a", "{{ x }}"]
)
def test_text_stays_text(text: str) -> None:
    assert yaml.safe_load(scalar(text)) == text


def test_a_value_is_replaced_whole_and_everything_about_it_stays() -> None:
    text = "---\n# of a\na:\n  - 1\n\n  # of two\n  - 2\n\n# of b\nb: {c: 1}\n"
    assert filled(text, {"a": [3], "d": 4}) == "---\n# of a\na: [3]\n\n# of b\nb: {c: 1}\n\nd: 4\n"


@pytest.mark.parametrize("path", pages.COPIED)
def test_every_comment_of_the_example_is_kept_and_every_variable(path: str) -> None:
    before, after = example()[path], files()[path]
    assert comments(before) == comments(after)
    assert set(yaml.safe_load(before)) == set(yaml.safe_load(after))


def test_the_facts_stand_where_the_procedure_reads_them() -> None:
    made = files(priorities="Billing=1", rpo_minutes=5, more={"store_port": 990, "store_bandwidth_limit": 20})
    site = yaml.safe_load(made[pages.SITE])
    assert (site["site_name"], site["site_databases"]) == ("RS Contoh", ["Registration", "Billing"])
    assert (site["store_host"], site["store_port"], site["store_bandwidth_limit"]) == ("10.0.0.3", 990, 20)
    assert (site["site_rpo_minutes"], site["site_database_priorities"]) == (5, {"Billing": 1})
    assert [one["name"] for one in yaml.safe_load(made[pages.APPLICATIONS])["applications"]] == [
        "registration",
        "billing",
    ]
    hosts = yaml.safe_load(made[pages.HOSTS])["all"]["children"]
    assert hosts["sql_servers"]["children"]["production"]["hosts"]["sql1"]["mssql_host"] == "10.0.0.1"
    assert set(hosts["application"]["hosts"]) == {"app1", "app2"}


def test_the_firewall_of_the_store_lets_in_who_works_with_it() -> None:
    texts = {
        **example(),
        pages.SERVERS: "storage_client_networks: [192.0.2.0/24]\nstorage_admin_networks: [192.0.2.1/32]\n",
    }
    facts = SiteFacts.read({**GOOD, "controller": "10.0.0.9", "failover": "sql2 sql2.rs.lan"})
    texts = pages.inventory_files(facts, texts, "/password")
    made = {**yaml.safe_load(texts[pages.SERVERS]), **yaml.safe_load(texts[pages.SITE])}
    assert made["storage_client_networks"] == ["10.0.0.1/32", "10.0.0.9/32"], "a name is no network"
    assert made["storage_admin_networks"] == ["10.0.0.9/32"]


def test_nothing_of_the_example_hospital_is_left() -> None:
    text = "\n".join(line for one in files().values() for line in one.splitlines() if not line.startswith("#"))
    for foreign in ("192.0.2.", "MyHospital", "rs-contoh.example", "change-me"):
        assert foreign not in text


def test_a_windows_host_says_how_it_is_reached() -> None:
    made = files(failover="sql2 10.0.0.2 windows")
    host = yaml.safe_load(made["host_vars/sql2.yml"])
    assert host["ansible_connection"] == "winrm" and host["mssql_backup_directory"].startswith("D:\\")
    facts = SiteFacts.read({**GOOD, "failover": "sql2 10.0.0.2 windows"})
    assert pages.WINDOWS_SECRET in pages.secrets_of(facts, example()[pages.VAULT])


def test_a_variable_that_nothing_reads_is_refused() -> None:
    with pytest.raises(InvalidInput, match="the procedure reads no site_nmae"):
        files(more={"site_nmae": "x"})


@pytest.mark.parametrize("password", ["it's", "{{ x }}", "a: b #c", "ümlaut"])
def test_a_password_is_text_and_no_template(password: str) -> None:
    text = pages.vault_text({"vault_x": password})
    (tag, value) = next(
        (node.tag, node.value)
        for key, node in yaml.compose(text).value
        if key.value == "vault_x"  # type: ignore[union-attr]
    )
    assert (tag, value) == ("!unsafe", password)


def test_a_password_that_could_not_be_typed_is_refused() -> None:
    for bad in ("", "a\nb"):
        with pytest.raises(InvalidInput, match="vault_x"):
            pages.require_one_line({"vault_x": bad})
    with pytest.raises(InvalidInput, match="nothing reads vault_y"):
        pages.require_known_secrets(["vault_y"], ["vault_x"])


def told(values: dict[str, Any], **more: Any) -> list[str]:
    groups = {"production": ["sql1"], "failover": ["sql2"], "backup_storage": ["b"], "application": ["app1"]}
    hosts = {"sql1": values, "sql2": values, "app1": {}}
    return [one["what"]["en"] for one in pending(Site(groups, hosts, **more), "inventory/x")]


WHOLE: dict[str, Any] = {
    "ansible_host": "10.0.0.1",
    "site_databases": ["A"],
    "verify_canaries": [{"database": "A"}],
    "applications": [
        {"name": "a", "host": "app1", "files": [1], "restart": "x", "health": "x", "sessions": [1], "databases": ["A"]}
    ],
    "notify_mail": {"host": "m"},
    "store_others": [1],
    "mssql_fence_commands": [1],
    "store_ca": "/ca.pem",
    "vault_x": "y",
    "schedule_runs": [{"kind": "log", "at": "*:00/15"}],
    "site_rpo_minutes": 15,
}
DONE: dict[str, Any] = {
    "files": frozenset({"/ca.pem"}),
    "outcomes": dict.fromkeys(("connectivity", "schedule", "uat"), "success"),
    "checked": "OK: all is well",
}


def test_a_site_that_lacks_nothing_is_told_nothing() -> None:
    assert told(WHOLE, **DONE) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ansible_host": "192.0.2.11"}, "sql1: 192.0.2.11 is an address of examples"),
        ({"applications": []}, "No application module is described"),
        ({"applications": [{"name": "a", "host": "b", "files": [1]}]}, "a: restart, health, sessions, databases miss"),
        ({"verify_canaries": []}, "No canary table: A"),
        ({"notify_mail": {}}, "Nobody is told when something is wrong"),
        ({"store_others": []}, "There is no second copy in another building"),
        ({"mssql_fence_commands": []}, "No way to shut from outside: sql1, sql2"),
        ({"store_ca": "/other.pem"}, "The store's CA is not on the controller: /other.pem"),
        ({"vault_x": "change-me"}, "No password yet: vault_x"),
        ({"ansible_password": "{{ vault_windows_password }}"}, "No password yet: vault_windows_password"),
        ({"storage_admin_networks": []}, "No network may come in: storage_admin_networks"),
        ({"site_rpo_minutes": 5}, "RPO 5 minutes, but a log every 15 minutes"),
        ({"decision_persons": 2, "decision_signers": "/s"}, "The keys of those who decide are missing: /s"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(change: dict[str, Any], said: str) -> None:
    assert any(said in one for one in told({**WHOLE, **change}, **DONE))


def test_a_run_that_failed_is_no_proof() -> None:
    found = told(WHOLE, **{**DONE, "outcomes": {"uat": "failed"}, "checked": "CRITICAL: x"})
    assert found == [
        "The network's routes are not proven",
        "Nothing begins by itself",
        "Not accepted (failed)",
        "Daily check: CRITICAL: x",
    ]


def test_a_next_step_can_be_typed_as_it_stands() -> None:
    values = {"schedule_arguments": ["--vault-password-file", "/key"]}
    rows = pending(Site({"production": ["sql1"]}, {"sql1": values}), "inventory/x")
    steps = [one["do"]["en"] for one in rows]
    assert "ansible-playbook -i inventory/x --vault-password-file /key playbooks/uat.yml" in steps


def test_each_has_its_next_step() -> None:
    rows = pending(Site({}, {}), "inventory/x")
    for language in ("id", "en"):
        assert len(lines(rows, language)) == 2 * len(rows) and all(one["do"][language] for one in rows)
