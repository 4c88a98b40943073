# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One hospital of ten modules for all tests of this folder; each test leaves all of its modules on one server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .ward import Ward


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    ward = Ward(tmp_path_factory.mktemp("ward"))
    try:
        ward.open()
        yield ward
    finally:
        ward.close()
