# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a configuration file's bytes are text: sniffed, never assumed, and never converted."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from .errors import InvalidInput, RepointRefused
from .spanned_text import SpannedText

#: A configuration file is small; a database dump given by mistake is refused before it costs memory.
LARGEST = 8 * 1024 * 1024
#: Longest first: the mark of UTF-32LE begins with the mark of UTF-16LE.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
#: What a configuration file may be written in. Python knows more, such as rot13, which are no encodings of files.
_KNOWN = re.compile(
    r"ascii|latin-1|iso8859-\d+|cp(125\d|437|7\d\d|8\d\d|932|936|949|950|1006)|koi8-[ru]|mac-roman"
    r"|utf-8|utf-16-[lb]e|utf-32-[lb]e|gbk|gb18030|gb2312|big5|shift_jis|euc_(jp|kr)|tis-620",
)
_MULTIBYTE = re.compile(r"gbk|gb18030|gb2312|big5|shift_jis|euc_(jp|kr)|cp9(32|36|49|50)")


@dataclass(frozen=True)
class Encoding:
    """``name`` is Python's; ``assumed`` says that the bytes are some 8-bit code page, and only ASCII is understood."""

    name: str
    mark: bytes = b""
    assumed: bool = False

    def __str__(self) -> str:
        return f"{'8-bit code page' if self.assumed else self.name}{' with BOM' if self.mark else ''}"


def decoded(data: bytes, wanted: str = "auto") -> tuple[SpannedText, Encoding]:
    """The file as text, and what it is written in. Refused where text and bytes do not correspond exactly."""
    if len(data) > LARGEST:
        raise RepointRefused(
            f"{len(data)} bytes: too large for a configuration file (at most {LARGEST})",
            hint="Check the path: name the file that holds the connection string.",
        )
    encoding = _sniffed(data) if wanted == "auto" else _wanted(data, wanted)
    body = data[len(encoding.mark) :]
    try:
        text = body.decode(encoding.name, _lenient(encoding.name))
        ends = _ends(text, encoding.name, len(encoding.mark))
        exact = text.encode(encoding.name, _lenient(encoding.name)) == body
    except UnicodeError:
        exact = False
    if not exact:
        raise RepointRefused(
            f"the bytes of the file are not {encoding.name}",
            hint="Give the file's encoding, or check whether it is damaged or not a text file.",
        )
    starts: Sequence[int]
    if isinstance(ends, range):
        starts = range(ends.start - ends.step, ends.stop - ends.step, ends.step)
    else:
        starts = [len(encoding.mark), *ends][:-1]
    written = "ascii" if encoding.assumed else encoding.name
    return SpannedText(text, starts, ends, len(encoding.mark), lambda new: new.encode(written)), encoding


def _sniffed(data: bytes) -> Encoding:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return Encoding(name, mark)
    wide = _unmarked_utf16(data[:2048])
    if wide:
        return Encoding(wide)
    declared = _DECLARED.match(data[:400])
    if declared:
        name = _known(declared.group(1).decode("ascii"))
        # A declaration of UTF-16 that can be read as ASCII is wrong; so is one of UTF-8 over other bytes.
        if name and not name.startswith("utf-"):
            return Encoding(name)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return Encoding("latin-1", assumed=True)
    return Encoding("utf-8")


def _unmarked_utf16(head: bytes) -> str:
    """UTF-16 without a mark shows in its zeros: ASCII characters have one in every second byte."""
    pairs = len(head) // 2
    if pairs < 2:
        return ""
    even, odd = head[0 : pairs * 2 : 2].count(0), head[1 : pairs * 2 : 2].count(0)
    if odd * 2 > pairs and even * 20 < pairs:
        return "utf-16-le"
    if even * 2 > pairs and odd * 20 < pairs:
        return "utf-16-be"
    return ""


def _wanted(data: bytes, wanted: str) -> Encoding:
    name = _known(wanted)
    if wanted.lower().replace("_", "-") in ("utf-16", "utf16", "unicode"):
        name = "utf-16-be" if data.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    if not name:
        raise InvalidInput(
            f"encoding {wanted!r} is not an encoding of configuration files",
            hint="Use auto, utf-8, utf-16-le, utf-16-be, or a code page such as cp1252.",
        )
    mark = next((mark for mark, marked in _MARKS if marked == name and data.startswith(mark)), b"")
    return Encoding(name, mark)


def _known(name: str) -> str:
    """Python's name of an encoding in which configuration files are written, or nothing."""
    try:
        found = codecs.lookup("utf-8" if name.lower() == "utf-8-sig" else name).name
    except (LookupError, ValueError):
        return ""
    found = {"iso8859-1": "latin-1"}.get(found, found)
    return found if _KNOWN.fullmatch(found) else ""


def _lenient(name: str) -> str:
    """Single damaged characters are carried through unchanged, each as one character."""
    if name == "utf-8":
        return "surrogateescape"
    return "surrogatepass" if name.startswith("utf-") else "strict"


def _ends(text: str, name: str, origin: int) -> Sequence[int]:
    """Where each character's bytes end; a ``range`` where all are of one width."""
    width, varies = _width(name)
    if (
        not varies
        or (name == "utf-8" and text.isascii())
        or (name.startswith("utf-16") and max(text, default="") < "\U00010000")
    ):
        return range(origin + width, origin + width * len(text) + width, width)
    if name == "utf-8":
        widths: Iterable[int] = map(_utf8_width, text)
    elif name.startswith("utf-16"):
        widths = (4 if character > "\uffff" else 2 for character in text)
    else:
        widths = (len(character.encode(name)) for character in text)
    return list(accumulate(widths, initial=origin))[1:]


def _width(name: str) -> tuple[int, bool]:
    """The bytes of a plain character, and whether others take more."""
    if name.startswith("utf-32"):
        return 4, False
    if name.startswith("utf-16"):
        return 2, True
    return 1, name == "utf-8" or bool(_MULTIBYTE.fullmatch(name))


def _utf8_width(character: str) -> int:
    code = ord(character)
    if code < 0x80 or 0xDC80 <= code <= 0xDCFF:
        return 1
    return 2 if code < 0x800 else 3 if code < 0x10000 else 4
