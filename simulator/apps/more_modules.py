# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Six more modules, for a larger hospital: what they write is what the first four write, where they keep their server
is not."""

from __future__ import annotations

from dataclasses import replace

from simulator.apps.modules import MODULES, Module

_LIKE = {
    "radiology": "laboratory",
    "inpatient": "registration",
    "emergency": "registration",
    "nutrition": "pharmacy",
    "surgery": "laboratory",
    "reporting": "billing",
}


def _module(name: str, like: str) -> Module:
    title = name.title()
    return replace(
        MODULES[like],
        name=name,
        program=f"MyHospital {title}",
        database=f"MyHospital{title}",
        login=f"myhospital_{name}",
    )


MORE_MODULES: dict[str, Module] = {name: _module(name, like) for name, like in _LIKE.items()}
ALL_MODULES: dict[str, Module] = {**MODULES, **MORE_MODULES}
