# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the four modules are: their database, their table and the rows they write."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

#: A row's own columns, by name.
Values = dict[str, Any]

_NAMES = (
    "Siti Aminah",
    "Ma'ruf Hidayat",
    "Nur'aini",
    "Bambang Sutrisno",
    "I Wayan Sudarma",
    "Dewi Lestari",
    "Łukasz Rêve",
)
_MEDICINES = ("Amoxicillin 500 mg", "Paracetamol 500 mg", "Metformin 850 mg", "Captopril 25 mg", "ORS – 200 ml")
_TESTS = (("Glucose", "mg/dL"), ("Hemoglobin", "g/dL"), ("Creatinine", "µmol/L"), ("K⁺", "mmol/L"))


@dataclass(frozen=True)
class Module:
    """``columns``: name and T-SQL type; every table has SequenceNumber (its key) and TransactionNumber in front and
    Status, RecordedAt, ChangedAt behind them. ``next_status``: what an update makes of a row."""

    name: str
    program: str
    database: str
    login: str
    table: str
    columns: tuple[tuple[str, str], ...]
    values: Callable[[Random, int], Values]
    first_status: str
    next_status: str

    def definition(self) -> tuple[tuple[str, str], ...]:
        return (
            ("SequenceNumber", "bigint NOT NULL PRIMARY KEY"),
            ("TransactionNumber", "bigint NOT NULL"),
            *self.columns,
            ("Status", "nvarchar(20) NOT NULL"),
            ("RecordedAt", "datetime2(3) NOT NULL"),
            ("ChangedAt", "datetime2(3) NULL"),
        )

    def row(self, random: Random, sequence: int, transaction: int, now: datetime) -> Values:
        """A new row with all its columns, in the table's order."""
        own = self.values(random, sequence)
        return {
            "SequenceNumber": sequence,
            "TransactionNumber": transaction,
            **{name: own[name] for name, _ in self.columns},
            "Status": self.first_status,
            "RecordedAt": now,
            "ChangedAt": None,
        }

    # Table and columns are this file's own words, values are parameters: nothing to inject.
    def create(self) -> str:
        columns = ", ".join(f"{name} {kind}" for name, kind in self.definition())
        return f"CREATE TABLE {self.table} ({columns})"

    def insert(self, names: Collection[str]) -> str:
        marks = ", ".join("?" * len(names))
        return f"INSERT INTO {self.table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608

    def update(self, names: Collection[str]) -> str:
        assignments = ", ".join(f"{name} = ?" for name in names)
        return f"UPDATE {self.table} SET {assignments} WHERE SequenceNumber = ?"  # noqa: S608

    def newest(self) -> str:
        return f"SELECT TOP (20) SequenceNumber FROM {self.table} ORDER BY SequenceNumber DESC"  # noqa: S608

    def everything(self) -> str:
        names = ", ".join(name for name, _ in self.definition())
        return f"SELECT {names} FROM {self.table} ORDER BY SequenceNumber"  # noqa: S608


def _rupiah(random: Random, most: int) -> Decimal:
    return Decimal(random.randrange(500_000, most * 100)).scaleb(-2)


def _registration(random: Random, sequence: int) -> Values:
    return {
        "PatientNumber": f"RM-{random.randrange(10**6):06d}",
        "PatientName": random.choice(_NAMES),
        "Clinic": random.choice(("Poli Umum", "Poli Anak", "IGD", "Poli Gigi")),
        "IsNewPatient": random.random() < 0.3,
        "Fee": _rupiah(random, 250_000),
        "Note": random.choice((None, "rujukan BPJS", "alergi: penisilin; 'berat'", "محمد")),
    }


def _pharmacy(random: Random, sequence: int) -> Values:
    return {
        "Prescription": f"RX{sequence:08d}",
        "Medicine": random.choice(_MEDICINES),
        "Quantity": random.randrange(1, 60),
        "UnitPrice": _rupiah(random, 90_000),
        "Substituted": random.choice((None, False, True)),
    }


def _laboratory(random: Random, sequence: int) -> Values:
    test, unit = random.choice(_TESTS)
    return {
        "Sample": f"LAB-{sequence:07d}",
        "Test": test,
        "Result": round(random.gauss(90, 25), 3),
        "Unit": unit,
        "Trace": random.randbytes(12),
        "Comment": random.choice((None, "", "ulang; sampel lisis")),
    }


def _billing(random: Random, sequence: int) -> Values:
    return {
        "Invoice": f"INV/{sequence:07d}",
        "Payer": random.choice(_NAMES),
        "Method": random.choice(("TUNAI", "BPJS", "DEBIT")),
        "Amount": _rupiah(random, 9_000_000),
        "Paid": random.random() < 0.5,
    }


MODULES: dict[str, Module] = {
    module.name: module
    for module in (
        Module(
            name="registration",
            program="MyHospital Registration",
            database="MyHospitalRegistration",
            login="myhospital_registration",
            table="dbo.Registrations",
            columns=(
                ("PatientNumber", "nvarchar(12) NOT NULL"),
                ("PatientName", "nvarchar(80) NOT NULL"),
                ("Clinic", "nvarchar(40) NOT NULL"),
                ("IsNewPatient", "bit NOT NULL"),
                ("Fee", "decimal(12,2) NOT NULL"),
                ("Note", "nvarchar(200) NULL"),
            ),
            values=_registration,
            first_status="WAITING",
            next_status="SEEN",
        ),
        Module(
            name="pharmacy",
            program="MyHospital Pharmacy",
            database="MyHospitalPharmacy",
            login="myhospital_pharmacy",
            table="dbo.Dispensings",
            columns=(
                ("Prescription", "nvarchar(20) NOT NULL"),
                ("Medicine", "nvarchar(80) NOT NULL"),
                ("Quantity", "int NOT NULL"),
                ("UnitPrice", "decimal(12,2) NOT NULL"),
                ("Substituted", "bit NULL"),
            ),
            values=_pharmacy,
            first_status="PREPARED",
            next_status="HANDED OUT",
        ),
        Module(
            name="laboratory",
            program="MyHospital Laboratory",
            database="MyHospitalLaboratory",
            login="myhospital_laboratory",
            table="dbo.Results",
            columns=(
                ("Sample", "nvarchar(20) NOT NULL"),
                ("Test", "nvarchar(40) NOT NULL"),
                ("Result", "float NOT NULL"),
                ("Unit", "nvarchar(20) NOT NULL"),
                ("Trace", "varbinary(32) NOT NULL"),
                ("Comment", "nvarchar(200) NULL"),
            ),
            values=_laboratory,
            first_status="MEASURED",
            next_status="VALIDATED",
        ),
        Module(
            name="billing",
            program="MyHospital Billing",
            database="MyHospitalBilling",
            login="myhospital_billing",
            table="dbo.Invoices",
            columns=(
                ("Invoice", "nvarchar(20) NOT NULL"),
                ("Payer", "nvarchar(80) NOT NULL"),
                ("Method", "nvarchar(10) NOT NULL"),
                ("Amount", "decimal(14,2) NOT NULL"),
                ("Paid", "bit NOT NULL"),
            ),
            values=_billing,
            first_status="OPEN",
            next_status="SETTLED",
        ),
    )
}


def as_json(value: Any) -> Any:
    """A column's value as it stands in the journal; equal values give equal JSON, whatever type a driver chose."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return value
