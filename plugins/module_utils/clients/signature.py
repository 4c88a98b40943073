# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Signatures of people, checked by OpenSSH's ssh-keygen: it is on every controller, and people have keys already."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Collection
from pathlib import Path

from ..recovery.decision_statement import NAMESPACE
from ..recovery.errors import InvalidInput

_LARGEST = 65536


def read(path: Path) -> str | None:
    """A signature that somebody put there; None where there is none."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode("ascii")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"{path}: this should be a signature of ssh-keygen, and cannot be read ({error}).",
            hint="Delete it, and sign the file beside it again.",
        ) from error


def signer(text: str, signature: str, signers: str, principals: Collection[str]) -> str:
    """The one of the principals who signed the text. Raises InvalidInput where none of them did."""
    if not Path(signers).is_file():
        raise InvalidInput(
            f"{signers}: there is no such file of allowed signers.",
            hint="Put it where the inventory's decision_signers says; inventory/example shows a line of it.",
        )
    with tempfile.TemporaryDirectory(prefix="decision-") as folder:
        signed = Path(folder, "signature")
        signed.write_text(signature, encoding="ascii")
        told = [(who, _verify(text, str(signed), signers, who)) for who in principals]
    for who, refusal in told:
        if refusal is None:
            return who
    reasons = "; ".join(dict.fromkeys(f"{who}: {refusal}" for who, refusal in told)) or "nobody may decide here"
    raise InvalidInput(
        f"The signature is of nobody who may decide ({reasons}).",
        hint="Somebody whom the inventory names for this decision signs the file as it is, with his own key.",
    )


def _verify(text: str, signature: str, signers: str, who: str) -> str | None:
    command = ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", who, "-n", NAMESPACE, "-s", signature]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=20, check=False)
    except FileNotFoundError as error:
        raise InvalidInput(
            "ssh-keygen is not installed on this controller, so no signature can be checked.",
            hint="Install OpenSSH's client (Debian: openssh-client).",
        ) from error
    if done.returncode == 0:
        return None
    told = (done.stderr or done.stdout).decode(errors="replace").split("\n")
    return told[0].strip() or f"ssh-keygen ended with {done.returncode}"
