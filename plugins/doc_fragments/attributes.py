# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all our modules promise about check mode and diff mode."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Looks, refuses what it would refuse, says what it would do, and touches nothing.
    support: full
  diff_mode:
    description: Whether the module shows what it changes as a difference.
    support: none
"""

    INFO_MODULE = r"""
attributes:
  check_mode:
    description: The module only looks; check mode makes no difference.
    support: full
  diff_mode:
    description: Whether the module shows what it changes as a difference.
    support: N/A
"""

    RECORD = r"""
attributes:
  check_mode:
    description: Writes nothing in check mode.
    support: full
  diff_mode:
    description: Does not tell what it writes.
    support: none
"""
