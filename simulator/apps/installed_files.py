# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The configuration files that ICS's installers left on the application hosts, with the rest of their content, their
encodings and line ends. Only their connection strings are filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Endpoint:
    host: str
    port: int
    database: str
    login: str
    password: str
    program: str


def registration(at: Endpoint) -> bytes:
    string = (
        f"Server=tcp:{at.host},{at.port};Initial Catalog={at.database};User ID={at.login};"
        f'Password="{at.password}";Application Name={at.program};Encrypt=True;TrustServerCertificate=True;'
    )
    text = f"""{{
  // MyHospital Registration, loket pendaftaran. Perubahan: hubungi EDP, pesawat 117.
  "Logging": {{ "LogLevel": {{ "Default": "Information", "Microsoft.AspNetCore": "Warning" }} }},
  "AllowedHosts": "*",
  /* Sampai 2023: "Server=10.20.0.5;Initial Catalog=SIMRS" */
  "ConnectionStrings": {{
    "MyHospital": {json.dumps(string)}, // server produksi
    "ReportArchive": "Server=10.20.0.9;Database=ReportArchive;Integrated Security=True"
  }},
  "Bpjs": {{ "BaseUrl": "https://bpjs.example/vclaim-rest//", "TimeoutSeconds": 15, "ConsumerId": "0917" }},
  "Ui": {{ "Title": "Pendaftaran Pasien – Rawat Jalan", "TicketPrinter": "\\\\\\\\loket-2\\\\EPSON" }}
}}
"""
    return b"\xef\xbb\xbf" + text.encode("utf-8")


def pharmacy(at: Endpoint) -> bytes:
    string = (
        f"Data Source={at.host},{at.port}; Initial Catalog={at.database}; User ID={at.login}; "
        f"Password='{at.password}'; Application Name={at.program}; Encrypt=True; TrustServerCertificate=True"
    )
    text = f"""<?xml version="1.0" encoding="utf-8"?>
<!-- MyHospital Pharmacy -->
<configuration>
  <configSections>
    <section name="pharmacy" type="MyHospital.Pharmacy.Settings, MyHospital.Pharmacy" />
  </configSections>
  <connectionStrings>
    <clear />
    <add name="PharmacyDb" providerName="System.Data.SqlClient"
         connectionString="{escape(string, {'"': "&quot;"})}" />
    <add name="Formulary" providerName="System.Data.SqlClient"
         connectionString="Data Source=10.20.0.9\\FORMULARY; Initial Catalog=Formulary; Integrated Security=SSPI" />
  </connectionStrings>
  <appSettings>
    <add key="LabelPrinter" value="\\\\apotek-1\\ZEBRA" />
    <add key="StokMinimum" value="25" />
    <add key="Keterangan" value="Obat &amp; alat kesehatan – gudang ‹utama›" />
  </appSettings>
  <system.web><compilation debug="false" targetFramework="4.8" /></system.web>
</configuration>
"""
    return b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode("utf-8")


def laboratory(at: Endpoint) -> bytes:
    password = at.password.replace("}", "}}")
    text = f"""; MyHospital Laboratory - LIS
[General]
Hospital=RS Contoh Sehat
Language=id-ID
[Analyzer1]
Name=Sysmex XN-1000
Address=10.20.4.31
Port=5000
[Database]
; cadangan lama: Driver={{SQL Server}};Server=10.20.0.5;Database=LIS;Uid=lis;Pwd=***
Timeout=30
ConnectionString=Driver={{ODBC Driver 17 for SQL Server}};Server={at.host},{at.port};Database={at.database};\
Uid={at.login};Pwd={{{password}}};APP={at.program};Encrypt=yes;TrustServerCertificate=yes;
[Units]
Glucose=mg/dL
Creatinine=µmol/L
"""
    return b"\xff\xfe" + text.replace("\n", "\r\n").encode("utf-16-le")


def billing(at: Endpoint) -> bytes:
    text = f"""# MyHospital Billing (kasir)
! Tarif r\xe9sum\xe9: lihat SK Direktur 12/2024
billing.site.name=RS Contoh Sehat
billing.currency = IDR
billing.datasource.driver=com.microsoft.sqlserver.jdbc.SQLServerDriver
billing.datasource.url=jdbc\\:sqlserver\\://{at.host}\\:{at.port};databaseName\\={at.database};\\
    encrypt\\=true;trustServerCertificate\\=true;applicationName\\={at.program}
billing.datasource.username={at.login}
billing.datasource.password={_escaped(at.password)}
billing.archive.url=jdbc:sqlserver://10.20.0.9:1433;databaseName=BillingArchive
billing.receipt.footer=Terima kasih \\u2013 semoga lekas sembuh
billing.rounding: 100
"""
    return text.encode("iso-8859-1")


def _escaped(value: str) -> str:
    return re.sub(r"([\\=:#!])", r"\\\1", value)


WRITERS: dict[str, tuple[str, Callable[[Endpoint], bytes]]] = {
    "registration": ("appsettings.json", registration),
    "pharmacy": ("web.config", pharmacy),
    "laboratory": ("laboratory.ini", laboratory),
    "billing": ("billing.properties", billing),
}
