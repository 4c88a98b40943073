# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""playbooks/site.yml on booted Debian hosts: from bare to a store and a controller, and what the store refuses, seen
from outside."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.ics.deadpool.plugins.module_utils.recovery.schedule import timings

from simulator.certificates import make_authority, make_server_certificate
from tests.integration.store.pruned import take

from .conftest import CONTROLLER, PASSWORDS, STORE, Site, changed
from .machines import inside

pytestmark = pytest.mark.long

TOP = "/rs-contoh"
FTP, SSH, HTTP = 21, 22, 80


def test_a_look_at_bare_hosts_ends_well_and_changes_nothing(bare: Site) -> None:
    """The first test here: everything after it needs what the playbook made."""
    before = bare.storage.run("sh", "-c", "dpkg --list | sha256sum; ls /etc /srv /var/www 2>&1 | sha256sum")
    code, text = bare.play("--check", "--diff")
    assert code == 0 and changed(text) > 0 and "vsftpd" in text, text
    assert "would be installed" in text and not any(word in text for word in PASSWORDS.values()), text
    after = bare.storage.run("sh", "-c", "dpkg --list | sha256sum; ls /etc /srv /var/www 2>&1 | sha256sum")
    assert before == after


def test_the_second_run_changes_nothing(site: Site) -> None:
    code, text = site.play()
    assert code == 0 and changed(text) == 0, text
    code, text = site.play("--check", "--diff")
    assert code == 0 and changed(text) == 0, text


def test_everything_runs_and_begins_with_the_host(site: Site) -> None:
    for unit in ("vsftpd", "nginx", "deadpool-store-keeper", "deadpool-store-firewall", "deadpool-store-watch.timer"):
        assert site.storage.run("systemctl", "is-active", unit) == "active"
        assert site.storage.run("systemctl", "is-enabled", unit) == "enabled"
    assert site.storage.run("systemctl", "list-units", "--failed", "--plain", "--no-legend", "deadpool*") == ""


def test_the_account_that_adds_can_do_nothing_else(site: Site) -> None:
    name = f"{TOP}/SQL/Ward/FULL/a.bak"
    folders = [[f"MKD {TOP}/{folder}"] for folder in ("SQL", "SQL/Ward", "SQL/Ward/FULL")]
    named = [[f"RNFR {name}.part"], [f"RNTO {name}"], [f"SIZE {name}"]]
    made = site.told("write", *folders, [f"STOR {name}.part", "backup"], *named)
    assert made[5].startswith("250") and made[6] == "213 6", made
    site.kept(name)
    refused = site.told(
        "write", [f"RETR {name}"], [f"LIST {TOP}"], ["NLST /"], ["STAT /"], [f"DELE {name}"], [f"RMD {TOP}/SQL"],
        [f"STOR {name}", "x"], [f"APPE {name}", "x"], [f"RNFR {name}"], [f"SITE CHMOD 777 {name}"],
        ["CWD /etc"], ["SIZE /etc/passwd"], ["SIZE ../../../etc/passwd"], ["STOR /x", "x"],
    )  # fmt: skip
    told = [reply for reply in refused if not reply.startswith(("550", "553", "500", "502"))]
    # RNFR only asks whether there is such a file; the renaming is what must fail.
    assert told in ([], ["350 Ready for RNTO."]), refused
    over = site.told("write", [f"RNFR {name}"], [f"RNTO {name}.part"], [f"STOR {TOP}/b.part", "other"],
                     [f"RNFR {TOP}/b.part"], [f"RNTO {name}"], [f"RNFR {TOP}/SQL"], [f"RNTO {TOP}/b.part"])  # fmt: skip
    assert [over[1][:3], over[4][:3], over[6][:3]] == ["550"] * 3, over
    assert site.storage.run("cat", f"/srv/deadpool{name}") == "backup"


def test_the_account_that_reads_reads(site: Site) -> None:
    name = f"{TOP}/read.bak"
    site.told("write", [f"STOR {name}.part", "to read"], [f"RNFR {name}.part"], [f"RNTO {name}"])
    site.kept(name)
    wrong = [[f"STOR {name}", "x"], [f"STOR {TOP}/new", "x"], [f"DELE {name}"], [f"RNFR {name}"], [f"MKD {TOP}/x"]]
    read = site.told("read", [f"RETR {name}"], ["CWD " + TOP], ["LIST"], *wrong, ["CWD /etc"])
    assert read[0].endswith("to read") and "read.bak" in read[2], read
    assert all(reply.startswith("550") for reply in read[3:]), read


def test_only_what_is_named_is_let_in(site: Site) -> None:
    first = site.ask("data_port", site.params("write"))
    assert 50000 <= first <= 50199
    listener = ["systemd-run", "--quiet", "--collect", "--unit", "listening", "python3", "-m", "http.server"]
    site.storage.run(*listener, "50200")  # a program on the host, one port beyond the range
    ports = [FTP, HTTP, SSH, 50200]
    assert site.ask("reachable", STORE, ports) == [True, True, False, False]
    assert site.ask("reachable", STORE, ports, place=site.stranger) == [False] * 4
    assert site.ask("reachable", STORE, [50200], place=site.storage.space) == [True], "it does listen"
    site.storage.run("systemctl", "stop", "listening")


@pytest.mark.parametrize("highest", ["TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3"])
def test_tls_below_1_2_is_refused(site: Site, highest: str) -> None:
    agreed = site.ask("version", site.params("write"), highest)
    assert agreed.startswith("refused") if highest in ("TLSv1", "TLSv1_1") else agreed == highest.replace("_", ".")


def test_nobody_logs_in_without_tls_or_as_somebody_else(site: Site) -> None:
    for changes in ({"tls": "none"}, {"username": "root"}, {"username": "anonymous"}, {"password": "wrong"}):
        (told,) = site.ask("session", {**site.params("read"), **changes}, [["PWD"]])
        assert told.startswith("not let in"), changes


def test_the_modules_store_fetch_and_prune(site: Site) -> None:
    """Five weeks of backups of the simulated SQL Server; the modules run on the controller."""
    top, directory = site.inventory.parent / "taken", f"{TOP}/modules"
    made = top / "HIS01/Ward"
    made.mkdir(parents=True)
    for path in take(made).glob("*.sha256"):
        path.unlink()
    send = {
        **site.params("write"),
        "direction": "store",
        "source_directory": str(top),
        "destination_directory": directory,
    }
    stored = site.module("ics.deadpool.ftp_transfer", **send)
    assert stored["changed"] and len(stored["transfers"]) >= 15 and "failed" not in stored, stored
    again = site.module("ics.deadpool.ftp_transfer", **send)
    assert not again["changed"] and "failed" not in again, again
    paths = [one["destination"] for one in stored["transfers"]]
    site.kept(paths[-1])
    fetch = {**site.params("read"), "direction": "fetch", "paths": paths, "destination_directory": "/var/fetched"}
    fetched = site.module("ics.deadpool.ftp_transfer", **fetch)
    assert fetched["changed"] and len(fetched["transfers"]) == len(paths), fetched
    login = {name: value for name, value in site.params("prune").items() if name not in ("validate_certs", "timeout")}
    asked = {**login, "directory": directory, "time_zone": "Asia/Jakarta", "window_days": 14}
    pruned = site.module("ics.deadpool.ftp_prune", **asked)
    assert pruned["changed"] and any("00_full.bak" in path for path in pruned["deleted"]), pruned
    for path in pruned["deleted"]:
        assert site.storage.start("test", "-e", f"/srv/deadpool{path}").returncode == 1
    refused = site.module("ics.deadpool.ftp_prune", **{**asked, **{key: site.params("read")[key] for key in login}})
    assert not refused["changed"], refused


def test_the_page_is_served(site: Site) -> None:
    command = ["-c", f"from urllib.request import urlopen; print(urlopen('http://{STORE}/').read().decode())"]
    assert "No daily check has run yet" in inside(site.client, "python3", *command).stdout
    site.storage.run("sh", "-c", "echo fresh > /var/www/deadpool/status.html")
    assert inside(site.client, "python3", *command).stdout.strip() == "fresh"
    code, text = site.play()
    assert code == 0 and changed(text) == 0, text
    assert inside(site.client, "python3", *command).stdout.strip() == "fresh", "a run leaves the page alone"
    here = site.inventory.parent
    (here / "checked.html").write_text("checked")
    role = {"name": "ics.deadpool.storage", "tasks_from": "publish"}
    tasks = [{"ansible.builtin.include_role": role, "vars": {"daily_check_page": str(here / "checked.html")}}]
    (here / "publish.yml").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    code, *told = site.ansible("ansible-playbook", str(here / "publish.yml"))
    assert code == 0 and inside(site.client, "python3", *command).stdout.strip() == "checked", told


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "America/New_York"])
def test_timers_are_armed_for_the_right_instants(site: Site, zone: str) -> None:
    """By the manager of the booted controller, whose clock is UTC. New York has no 02:00 on one Sunday of the year."""
    rows = [
        {"kind": "full", "at": "Sun 04:00"},
        {"kind": "differential", "at": "Mon..Sat 03:00"},
        {"kind": "prune", "at": "Mon 06:00"},
        {"kind": "daily_check", "at": "07:00"},
    ]
    code, text = site.play("-e", json.dumps({"site_timezone": zone, "schedule_runs": rows}))
    assert code == 0, text
    now = datetime.now(timezone.utc)
    for row, timing in zip(rows, timings(rows, zone, ZoneInfo(zone)), strict=True):
        name = f"deadpool-rs-contoh-{row['kind']}.timer"
        assert site.controller.run("systemctl", "is-enabled", name) == "enabled"
        shown = site.controller.run("systemctl", "show", name, "--property=NextElapseUSecRealtime", "--value")
        armed = datetime.strptime(shown, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=timezone.utc)
        assert armed == timing.between(now, now + timedelta(days=8))[0], (name, shown)


def test_a_given_certificate_and_implicit_tls(site: Site) -> None:
    """And back again: the own certificate is made anew, and trusted."""
    given = site.inventory.parent / "given"
    make_authority(given, "Hospital CA")
    pair = make_server_certificate(given, "store.test", [STORE])
    both = {"store_tls": "implicit", "store_port": 990, "storage_certificate": str(given / "store.test.pem")}
    both |= {
        "storage_certificate_key": str(given / "store.test.pem"),
        "storage_certificate_authority": str(given / "ca.pem"),
    }
    params = {**site.params("read"), "tls": "implicit", "port": 990, "ca_path": str(given / "ca.pem")}
    code, text = site.play("-e", json.dumps(both))
    assert code == 0 and site.ask("session", params, [["PWD"]]) == ['257 "/" is the current directory'], (text, pair)
    assert site.ask("reachable", STORE, [FTP, 990]) == [False, True]
    code, text = site.play()
    assert code == 0, text
    authority = site.controller.run("cat", "/etc/ssl/certs/deadpool-store-ca.pem")
    (site.inventory.parent / "ca.pem").write_text(authority + "\n")
    assert site.told("read", ["PWD"]) == ['257 "/" is the current directory']
    code, text = site.play()
    assert code == 0 and changed(text) == 0, text


def test_what_would_end_badly_is_refused(site: Site) -> None:
    """The overlay that a host has here for a disk keeps no quota."""
    code, text = site.play("--check", "-e", '{"storage_admin_networks": ["192.0.2.0/24"]}')
    assert code != 0 and f"comes from {CONTROLLER}, which is in none of storage_admin_networks" in text, text
    code, text = site.play("-e", "store_write_password=change-me")
    assert code != 0 and "store_write_password is empty or still" in text and "Nothing was changed" in text, text
    code, text = site.play("-e", "storage_quota_gb=5")
    assert code != 0 and "keeps no group quota" in text, text
    assert site.ask("reachable", STORE, [FTP]) == [True], "the store goes on"
