# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How to reach the backup store: the options of ``clients/ftp_login.py`` and ``clients/store.py``, described once."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  host:
    description: Name or address of the backup storage server, as its certificate calls it.
    type: str
    required: true
  port:
    description: Port of the FTP control connection.
    type: int
    default: 21
  username:
    description: Account on the store. Use the one that may only add for uploads, the one that may only read otherwise.
    type: str
    required: true
  password:
    description: Password of that account.
    type: str
    required: true
  tls:
    description:
      - V(explicit) upgrades the control connection with AUTH TLS, V(implicit) begins with TLS.
      - V(none) sends passwords and backups in the clear; only for stores that cannot do otherwise.
    type: str
    choices: [explicit, implicit, none]
    default: explicit
  ca_path:
    description: PEM file of the CA that signed the store's certificate. Default is the system's CAs.
    type: path
  validate_certs:
    description: Whether the store's certificate is checked.
    type: bool
    default: true
  timeout:
    description: Seconds without any answer after which the store counts as gone.
    type: int
    default: 30
"""

    # Named before the fragment above: where both describe an option, the first one holds.
    OR_FOLDER = r"""
options:
  host:
    description: Name or address of the backup storage server, as its certificate calls it. Not with O(folder).
    required: false
  username:
    required: false
  password:
    required: false
  folder:
    description:
      - A folder of this host that is the store, such as a mounted share or a second disk. It must be there.
      - What C(/) is in paths on the store.
    type: path
"""
