# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A database with a chain of backups, and mssql_restore of it."""

from __future__ import annotations

from typing import Any

from ansible_collections.ics.deadpool.plugins.module_utils.recovery.decision import plan_digest

from .conftest import Instance, MakeSales, Sales

SAVED = ["in full", "in differential", "in log 1", "in log 2", "in log 3"]


def chain(make_sales: MakeSales) -> Sales:
    """Full, differential and three logs; one row that is in none of them."""
    sales = make_sales()
    sales.write("in full")
    sales.back_up("full")
    sales.write("in differential")
    sales.back_up("differential")
    for n in (1, 2, 3):
        sales.write(f"in log {n}")
        sales.back_up("log")
    sales.write("lost")
    return sales


def restore(sales: Sales, target: Instance, plan: dict[str, Any], **options: Any) -> dict[str, Any]:
    return target.run("restore", plans=[plan], source_directory=str(sales.folder), **options)


def overwrite(sales: Sales, target: Instance) -> tuple[dict[str, Any], dict[str, Any]]:
    """A plan over the database that is there, and the options of the decision for it."""
    plan = sales.plan(target, replace=True, restore_again=True)
    return plan, {"replace": True, "confirmed_plan": [plan_digest(plan)]}
