# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SQL Server Agent: jobs, steps and schedules as msdb keeps them, and the thread that runs them."""
