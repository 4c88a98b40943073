# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a site still lacks before it is watched: read from its inventory and from what its runs left behind."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Words = tuple[str, str]
#: What is missing, and the next step; both in Indonesian and English.
Pending = tuple[Words, Words]

_GROUPS = ("production", "failover", "backup_storage")
_MODULE_KEYS = ("host", "files", "restart", "health", "sessions", "databases")
_EXAMPLES = [ipaddress.ip_network(one) for one in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]


@dataclass(frozen=True)
class Site:
    """The inventory as it is read, and what was seen beside it: files that exist, outcomes of the last runs."""

    groups: Mapping[str, Sequence[str]]
    hosts: Mapping[str, Mapping[str, Any]]
    files: frozenset[str] = frozenset()
    outcomes: Mapping[str, str] = field(default_factory=dict)
    checked: str = ""

    @property
    def variables(self) -> Mapping[str, Any]:
        """What holds for the whole site: any host has it."""
        first = next((one for group in _GROUPS for one in self.groups.get(group, ())), "")
        return self.hosts.get(first, {})


def _play(site: Site, folder: str, playbook: str) -> str:
    """The command as it can be typed: with what opens the site's vault."""
    told = " ".join(["", *(str(one) for one in site.variables.get("schedule_arguments") or [])])
    return f"ansible-playbook -i {folder}{told} playbooks/{playbook}"


def pending(site: Site, folder: str) -> list[dict[str, dict[str, str]]]:
    """In the order in which it is best done."""
    rows = [*_places(site), *_modules(site, folder), *_values(site, folder), *_runs(site, folder)]
    names = ("id", "en")
    return [{"what": dict(zip(names, what)), "do": dict(zip(names, do))} for what, do in rows]


def lines(rows: Sequence[Mapping[str, Mapping[str, str]]], language: str) -> list[str]:
    """Numbered, each with its next step below."""
    do = {"id": "Lakukan", "en": "Do"}[language]
    told = [f"{n}. {one['what'][language]}\n   {do}: {one['do'][language]}" for n, one in enumerate(rows, 1)]
    return [line for text in told for line in text.splitlines()]


def _places(site: Site) -> Iterator[Pending]:
    for group in (*_GROUPS, "application"):
        if not site.groups.get(group):
            yield (
                (f"Grup {group} belum berisi host", f"The group {group} has no host"),
                (f"Isi hosts.yml, grup {group}", f"Add it to hosts.yml, group {group}"),
            )
    for name, values in site.hosts.items():
        address = str(values.get("ansible_host") or "")
        if _is_nobodys(address):
            yield (
                (f"{name}: {address} masih alamat contoh", f"{name}: {address} is an address of examples"),
                (
                    f"Tulis alamat sebenarnya dari {name} di hosts.yml",
                    f"Write the true address of {name} into hosts.yml",
                ),
            )


def _is_nobodys(address: str) -> bool:
    try:
        return any(ipaddress.ip_address(address) in one for one in _EXAMPLES)
    except ValueError:
        return False


def _modules(site: Site, folder: str) -> Iterator[Pending]:
    modules = site.variables.get("applications") or []
    place = f"{folder}/group_vars/all/applications.yml"
    find = _play(site, folder, "find_applications.yml")
    if not modules:
        yield (
            ("Belum ada modul aplikasi", "No application module is described"),
            (f"Jalankan {find}, lalu isi {place}", f"Run {find}, then fill {place}"),
        )
    for one in modules:
        missing = ", ".join(key for key in _MODULE_KEYS if not one.get(key))
        if missing:
            name = one.get("name", "?")
            yield (
                (f"Modul {name}: {missing} belum ada", f"Module {name}: {missing} missing"),
                (f"Jalankan {find}, lalu lengkapi {name} di {place}", f"Run {find}, then complete {name} in {place}"),
            )


def _values(site: Site, folder: str) -> Iterator[Pending]:
    values, place = site.variables, f"{folder}/group_vars/all/site.yml"
    seen = {str(row.get("database")) for row in values.get("verify_canaries") or []}
    blind = [one for one in values.get("site_databases") or [] if one not in seen]
    if blind:
        yield (
            (f"Tabel penanda belum ada: {', '.join(blind)}", f"No canary table: {', '.join(blind)}"),
            (
                f"Isi verify_canaries di {place}: tabel yang ditulisi sepanjang hari dan kolom waktunya",
                f"Fill verify_canaries in {place}: a table written to all day, and the column with its time",
            ),
        )
    yield from _secrets(site, folder)
    yield from _networks(values, place)
    for key, what, do in _OPTIONAL:
        if not any(values.get(name) for name in key.split()):
            yield what, (f"{do[0]} ({key.split()[0]}, {place})", f"{do[1]} ({key.split()[0]}, {place})")
    yield from _fences(site, folder)
    yield from _files(site, folder)
    yield from _logs(values, place)


_NETWORKS = ("storage_client_networks", "storage_admin_networks", "storage_page_networks")


def _networks(values: Mapping[str, Any], place: str) -> Iterator[Pending]:
    """The store's firewall lets nobody in who is not named; provisioning refuses an empty list."""
    empty = ", ".join(name for name in _NETWORKS if name in values and not values[name])
    if empty:
        yield (
            (f"Jaringan yang boleh masuk belum ada: {empty}", f"No network may come in: {empty}"),
            (f"Isi di {place}, misalnya [192.0.2.0/24]", f"Fill them in {place}, for example [192.0.2.0/24]"),
        )


_OPTIONAL: tuple[tuple[str, Words, Words], ...] = (
    (
        "notify_mail notify_webhooks",
        ("Tidak ada yang diberi tahu bila ada gangguan", "Nobody is told when something is wrong"),
        ("Tulis server email dan penerimanya", "Name a mail server and who receives"),
    ),
    (
        "store_others",
        ("Belum ada salinan kedua di gedung lain", "There is no second copy in another building"),
        ("Sebut penyimpanan kedua", "Name a second store"),
    ),
)


def _secrets(site: Site, folder: str) -> Iterator[Pending]:
    told = {name: value for name, value in site.variables.items() if name.startswith("vault_")}
    weak = sorted(name for name, value in told.items() if str(value) in ("change-me", ""))
    needs = any("vault_windows_password" in str(one.get("ansible_password", "")) for one in site.hosts.values())
    if needs and "vault_windows_password" not in told:
        weak.append("vault_windows_password")
    if weak or not told:
        vault = f"{folder}/group_vars/all/vault.yml"
        yield (
            (f"Kata sandi belum ada: {', '.join(weak) or 'semua'}", f"No password yet: {', '.join(weak) or 'all'}"),
            (f"ansible-vault edit {vault}", f"ansible-vault edit {vault}"),
        )


def _fences(site: Site, folder: str) -> Iterator[Pending]:
    servers = [one for group in ("production", "failover") for one in site.groups.get(group, ())]
    bare = [one for one in servers if not site.hosts.get(one, {}).get("mssql_fence_commands")]
    if bare:
        place = f"{folder}/group_vars/sql_servers.yml"
        yield (
            (
                f"Cara menutup server dari luar belum ada: {', '.join(bare)}",
                f"No way to shut from outside: {', '.join(bare)}",
            ),
            (f"Isi mssql_fence_commands di {place}", f"Fill mssql_fence_commands in {place}"),
        )


def _files(site: Site, folder: str) -> Iterator[Pending]:
    values = site.variables
    signers, ca = str(values.get("decision_signers") or ""), str(values.get("store_ca") or "")
    if values.get("decision_persons") == 2 and signers not in site.files:
        yield (
            (
                f"Kunci para pemberi keputusan belum ada: {signers}",
                f"The keys of those who decide are missing: {signers}",
            ),
            ("Tulis kunci publik mereka di sana (docs/evidence.md)", "Put their public keys there (docs/evidence.md)"),
        )
    if ca and "{{" not in ca and ca not in site.files:
        yield (
            (
                f"Sertifikat CA penyimpanan belum ada di controller: {ca}",
                f"The store's CA is not on the controller: {ca}",
            ),
            (
                f"{_play(site, folder, 'site.yml')} menyiapkan semua server dan membuatnya",
                f"{_play(site, folder, 'site.yml')} provisions all servers, and makes it",
            ),
        )


def _logs(values: Mapping[str, Any], place: str) -> Iterator[Pending]:
    """A target that the schedule cannot keep is missed every day."""
    rows = [one for one in values.get("schedule_runs") or [] if isinstance(one, Mapping) and one.get("kind") == "log"]
    every = [re.fullmatch(r"\*:\d+/(\d+)", str(one.get("at"))) for one in rows]
    minutes = min((int(one[1]) for one in every if one), default=None)
    rpo = values.get("site_rpo_minutes")
    if minutes is not None and isinstance(rpo, (int, float)) and rpo < minutes:
        yield (
            (
                f"RPO {rpo} menit, tetapi log tiap {minutes} menit",
                f"RPO {rpo} minutes, but a log every {minutes} minutes",
            ),
            (f"Perpendek jarak log di schedule_runs, {place}", f"Take logs more often: schedule_runs in {place}"),
        )


_PLAYBOOKS: tuple[tuple[str, str, Words], ...] = (
    ("connectivity", "connectivity.yml", ("Jalur jaringan belum terbukti", "The network's routes are not proven")),
    ("schedule", "schedule.yml", ("Jadwal belum dipasang", "Nothing begins by itself")),
    ("uat", "uat.yml", ("Belum diuji terima", "Not accepted")),
)


def _runs(site: Site, folder: str) -> Iterator[Pending]:
    for kind, playbook, what in _PLAYBOOKS:
        outcome = site.outcomes.get(kind, "")
        if outcome not in ("success", "already_there"):
            told = tuple(f"{one} ({outcome})" if outcome else one for one in what)
            command = _play(site, folder, playbook)
            yield (told[0], told[1]), (command, command)
    if not site.checked.startswith("OK"):
        command = _play(site, folder, "daily_check.yml")
        yield (
            (f"Pemeriksaan harian: {site.checked or 'belum pernah'}", f"Daily check: {site.checked or 'never'}"),
            (command, command),
        )
