# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person decides, word for word: the text under which he puts his signature.

It is made anew from the facts wherever a signature is checked, never read from whoever shows it: a signature under
another plan, server, site, incident or input is a signature under another text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

#: ssh-keygen's -n: a signature for anything else (git, mail) is none for us.
NAMESPACE = "deadpool-decision"
CHOICE, GO, ACCEPTANCE = 1, 2, 3
_HEADS = {
    CHOICE: "Keputusan 1 / Decision 1: pulihkan database pada / restore the databases on",
    GO: "Keputusan 2 / Decision 2: operasional dilanjutkan dengan / operation is resumed with",
    ACCEPTANCE: "Penerimaan / Acceptance: lokasi diterima setelah uji / the site is accepted after the test",
}


@dataclass(frozen=True)
class Statement:
    """``seen`` is the digest of what was before the decider's eyes: of the plans for decision 1, of the report's
    journal (its last hash) for decision 2 and for an acceptance. ``inputs`` are the choices that the starter typed."""

    number: int
    site: str
    incident: str
    target: str
    server: str
    seen: str
    inputs: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "inputs": dict(self.inputs)}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Statement:
        """The reverse of :meth:`to_dict`."""
        texts = {key: str(value[key]) for key in ("site", "incident", "target", "server", "seen")}
        inputs = {str(key): str(one) for key, one in (value.get("inputs") or {}).items()}
        return cls(number=int(value["number"]), inputs=inputs, **texts)

    @property
    def file_name(self) -> str:
        """Of the file that is signed, in the incident's folder. Another plan is another file."""
        return f"decision-{self.number}-{self.seen[:12]}.txt"

    def text(self) -> str:
        """The bytes that are signed, as text. Line breaks inside a value cannot forge a line of their own."""
        rows = [
            (_HEADS[self.number], self.target),
            ("server", self.server),
            ("lokasi / site", self.site),
            ("insiden / incident", self.incident),
            ("rencana / plan" if self.number == CHOICE else "laporan / report", self.seen),
            *((f"-e {name}", value) for name, value in sorted(self.inputs.items())),
        ]
        return "".join(f"{name}: {' '.join(value.split())}\n" for name, value in rows)
