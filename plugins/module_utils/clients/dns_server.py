# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The server of a DNS zone: what it says of a name, and dynamic updates (RFC 2136) signed with a key (RFC 8945)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from ..recovery.dns_record import NamedRecords, RecordSet
from ..recovery.errors import InvalidInput, RecoveryError, RepointRefused

KINDS = ("A", "AAAA", "CNAME")
ALGORITHMS = ("hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha224", "hmac-sha1")
_TIMEOUT = 5.0


@dataclass(frozen=True)
class DnsKey:
    name: str
    algorithm: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class DnsServer:
    """The primary server of a zone, by its address. Nothing of what it is asked goes through a cache."""

    address: str
    port: int = 53
    key: DnsKey | None = None

    def __str__(self) -> str:
        return self.address + (f" port {self.port}" if self.port != 53 else "")

    def records(self, name: str, zone: str = "") -> NamedRecords:
        """What it says of a name that it is the authority for."""
        zone = zone or self._zone(name)
        found = [one for one in (self._record_set(name, kind) for kind in KINDS) if one]
        if any(one.kind == "CNAME" for one in found):
            found = [one for one in found if one.kind == "CNAME"]
        if not found:
            raise RepointRefused(
                f"the DNS server {self} knows no address and no alias of {name}",
                hint="Check the name; ask with: dig @SERVER NAME",
            )
        return NamedRecords(name, zone, tuple(found))

    def replace(self, before: NamedRecords, after: NamedRecords) -> None:
        """The records of ``after``, if those of ``before`` stand there still: the server decides both in one step. With
        twice the same it changes nothing, and shows whether it would take the change from us."""
        dns = dnspython()
        # Of the same answer, RFC 2136 makes no difference between a record that stands there and one that is added.
        update = dns.update.UpdateMessage(f"{before.zone}.", **self._signed())
        name = dns.name.from_text(f"{before.name}.")
        there = {one.kind: one for one in before.sets}
        for kind in KINDS:
            if kind in there:
                # What is required has no time to live (RFC 2136, 2.4.2).
                update.present(name, _data(there[kind], 0))
            else:
                update.absent(name, kind)
        for one in after.sets:
            if after == before:
                update.add(name, _data(one, one.ttl))
            else:
                update.replace(name, _data(one, one.ttl))
        self._require_done(self._asked(update), before)

    def _signed(self) -> dict[str, Any]:
        dns = dnspython()
        if not self.key:
            return {}
        try:
            secret = base64.b64decode(self.key.secret.strip(), validate=True)
        except ValueError:
            raise InvalidInput(
                f"dns_keys: the secret of {self.key.name} is not written in base64",
                hint="Give it as tsig-keygen prints it.",
            ) from None
        name = dns.name.from_text(f"{self.key.name.rstrip('.')}.")
        return {"keyring": {name: secret}, "keyname": name, "keyalgorithm": dns.name.from_text(self.key.algorithm)}

    def _require_done(self, answer: Any, before: NamedRecords) -> None:
        dns = dnspython()
        code = answer.rcode()
        if code == dns.rcode.NOERROR:
            return
        if code in (dns.rcode.NXRRSET, dns.rcode.YXRRSET, dns.rcode.NXDOMAIN, dns.rcode.YXDOMAIN):
            raise RepointRefused(
                f"{before.name}: was changed by another program meanwhile",
                hint="Find out who changes it, then run again.",
            )
        raise RepointRefused(
            f"{before.name}: the DNS server {self} refuses the change ({dns.rcode.to_text(code)})",
            hint="Let the zone be changed with this key (BIND: update-policy or allow-update), or name another server "
            "or key in the entry's dns.",
        )

    def _zone(self, name: str) -> str:
        dns = dnspython()
        answer = self._asked(dns.message.make_query(f"{name}.", "SOA", flags=0))
        self._require_authority(answer, name)
        for section in (answer.answer, answer.authority):
            for one in section:
                if one.rdtype == dns.rdatatype.SOA:
                    return str(one.name).rstrip(".")
        raise RepointRefused(
            f"the DNS server {self} does not say which zone {name} belongs to", hint="Name it as dns.zone."
        )

    def _record_set(self, name: str, kind: str) -> RecordSet | None:
        dns = dnspython()
        answer = self._asked(dns.message.make_query(f"{name}.", kind, flags=0))
        self._require_authority(answer, name)
        wanted = dns.name.from_text(f"{name}.")
        for one in answer.answer:
            if one.name == wanted and one.rdtype == dns.rdatatype.from_text(kind):
                values = tuple(sorted(data.to_text().rstrip(".") for data in one))
                return RecordSet(kind, one.ttl, values)
        return None

    def _require_authority(self, answer: Any, name: str) -> None:
        dns = dnspython()
        known = answer.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)
        if not known or not answer.flags & dns.flags.AA:
            raise RepointRefused(
                f"the DNS server {self} is no authority for {name} ({dns.rcode.to_text(answer.rcode())})",
                hint="Name the primary server of its zone as dns.server: dig SOA NAME names it.",
            )

    def _asked(self, message: Any) -> Any:
        """The server's answer, over TCP: what was sent is lost or arrives, and never arrives twice."""
        dns = dnspython()
        try:
            return dns.query.tcp(message, self.address, timeout=_TIMEOUT, port=self.port)
        except dns.tsig.PeerBadTime:
            raise RepointRefused(
                f"the DNS server {self} refuses the signature: its clock and this one differ", hint="Set the clocks."
            ) from None
        except (dns.tsig.PeerError, dns.tsig.BadSignature, dns.message.UnknownTSIGKey) as error:
            key = self.key.name if self.key else ""
            raise RepointRefused(
                f"the DNS server {self} does not accept the key {key} ({type(error).__name__})",
                hint="Compare name, algorithm and secret with the server's own (BIND: the statement key).",
            ) from None
        except (OSError, EOFError, dns.exception.DNSException) as error:
            raise NoDnsAnswer(
                f"the DNS server {self} does not answer: {str(error) or type(error).__name__}",
                hint="Check dns.server, and that the controller may reach it over TCP.",
            ) from None


class NoDnsAnswer(RepointRefused):
    """No answer came: whether an update was carried out is not known."""


def _data(one: RecordSet, ttl: int) -> Any:
    dns = dnspython()
    values: Sequence[str] = [f"{value}." if one.kind == "CNAME" else value for value in one.values]
    return dns.rdataset.from_text("IN", one.kind, ttl, *values)


def dnspython() -> ModuleType:
    """The library, loaded where it is needed: only who keeps servers in DNS needs it, on the controller alone."""
    try:
        import dns
        import dns.message
        import dns.query
        import dns.rdataset
        import dns.tsig
        import dns.update
    except ImportError:
        raise RecoveryError(
            "dnspython is not installed on the controller", hint="Install it: pip install dnspython"
        ) from None
    return dns
