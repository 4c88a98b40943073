# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The application modules of the simulated hospital: ``python -m simulator.apps NAME --config FILE ...``."""
