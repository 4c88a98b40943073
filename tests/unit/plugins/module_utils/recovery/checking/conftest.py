# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site in order, anew for each test."""

from __future__ import annotations

import pickle

import pytest

from .a_site import Site


@pytest.fixture(scope="session")
def made() -> bytes:
    return pickle.dumps(Site())


@pytest.fixture
def site(made: bytes) -> Site:
    copy: Site = pickle.loads(made)
    return copy
