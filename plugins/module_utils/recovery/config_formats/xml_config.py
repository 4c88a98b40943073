# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""web.config, app.config, *.settings, NHibernate, JBoss and every other XML: a tokenizer that keeps positions.

It reads tags, attributes, text and CDATA; comments, processing instructions and declarations are never looked into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..connection_grammars.keyword_string import SQL_SERVER
from ..connection_grammars.place import Place, Reading, Remark
from ..spanned_text import SpannedText
from .entities import entities_decoded
from .settings import Group, Hint, Setting, group_reading, role_prefix

_NAME = re.compile(r"[^\s=/<>\"'&]+")
_SKIPPED = (("<!--", "-->"), ("<?", "?>"))
_FILE_NAME = re.compile(r"[\w .\\/~-]{1,120}")


class Malformed(Exception):
    """Not well-formed here; the argument is the position."""


@dataclass
class Element:
    name: str
    attributes: dict[str, SpannedText] = field(default_factory=dict, repr=False)
    parent: Element | None = None
    #: Settings that this element's children hold, as ``<add key= value=>`` or ``<host>…</host>`` do.
    settings: list[Setting] = field(default_factory=list, repr=False)

    def attribute(self, name: str) -> str:
        return next((view.text for key, view in self.attributes.items() if key.lower() == name), "")

    @property
    def label(self) -> str:
        """``<add key="X">``, ``<property name="X">`` and a ``<value>`` in it are called X."""
        if self.name == "value" and self.parent is not None:
            return self.parent.label
        return self.attribute("key") or self.attribute("name") or self.name


def xml_reading(root: SpannedText, hints: Sequence[Hint]) -> Reading:
    document = Element("")
    elements: list[Element] = [document]
    texts: dict[int, list[Setting]] = {}
    reading = Reading()
    try:
        for element, text in _events(root, document):
            if text is None:
                elements.append(element)
                reading += _remarks(element, root)
            elif text.text.strip() and element.name:
                texts.setdefault(id(element.parent), []).append(_setting(element.label, text.stripped(), element))
    except Malformed as error:
        where = error.args[0]
        why = "is not well-formed XML from here on, so that nothing in the file is sure"
        return Reading([Place("file", root.position(where), None, refused=why, raw=root.text)])
    for element in elements:
        reading += _element_reading(element, hints)
        settings = element.settings + texts.get(id(element), [])
        if settings:
            flat = _is_flat(settings)
            group = Group(settings, element.name, flat=flat, is_sql_server=not flat and _says_sql_server(element))
            reading += group_reading(group, hints)
    return reading


def _says_sql_server(element: Element) -> bool:
    """GlassFish and Spring name the driver in an attribute of the pool, and the server in a property below it."""
    return any(
        (role_prefix("driver", name) is not None or name.lower() == "class") and SQL_SERVER.search(view.text)
        for name, view in element.attributes.items()
    )


def _is_flat(settings: Sequence[Setting]) -> bool:
    """``<add key= value=>`` of appSettings are a flat list of unrelated settings; named children belong together."""
    return any("/add" in setting.path for setting in settings)


def _element_reading(element: Element, hints: Sequence[Hint]) -> Reading:
    """The attributes of one element, save those that are its parent's settings."""
    settings = [
        _setting(name, view, element)
        for name, view in element.attributes.items()
        if name.lower() not in ("key", "name", "xmlns") and not _is_parents(element, name)
    ]
    return group_reading(Group(settings, element.name), hints) if settings else Reading()


def _setting(key: str, view: SpannedText, element: Element) -> Setting:
    declared = "connect" in f"{key} {element.name} {element.label}".lower()
    return Setting(key, view, f"{element.label}/{element.name}:{key}", declared)


def _is_parents(element: Element, attribute: str) -> bool:
    """``value`` of ``<add key="X" value="…">`` is a setting X of the list around it."""
    return attribute.lower() == "value" and element.parent is not None


def _remarks(element: Element, root: SpannedText) -> Reading:
    """Sections that hold their strings elsewhere, or hold them encrypted."""
    if element.name.rpartition(":")[2] == "EncryptedData":
        section = element.parent.name if element.parent else "a section"
        position = next((view.position(0) for view in element.attributes.values()), root.position(0))
        text = f"{section} is encrypted: decrypt it on its host (aspnet_regiis -pd), repoint, and encrypt it again"
        return Reading(remarks=[Remark(position, text, refused=True)])
    linked = "configSource" if element.attribute("configsource") else ""
    if element.name == "appSettings" and element.attribute("file"):
        linked = "file"
    if not linked:
        return Reading()
    view = element.attributes.get(linked)
    name = element.attribute(linked.lower())
    shown = name if _FILE_NAME.fullmatch(name) else "another file"
    position = view.position(0) if view else root.position(0)
    return Reading(remarks=[Remark(position, f"{element.name} stands in {shown}: list that file as well")])


def _events(root: SpannedText, document: Element) -> Iterator[tuple[Element, SpannedText | None]]:
    """Every element as it opens (with None), and every run of text with the element it stands in."""
    text, position, current = root.text, 0, document
    while position < len(text):
        opening = text.find("<", position)
        opening = len(text) if opening < 0 else opening
        if opening > position:
            yield current, entities_decoded(root.part(position, opening))
            position = opening
        elif text.startswith("<![CDATA[", position):
            end = _closing(text, position + 9, "]]>")
            yield current, root.part(position + 9, end)
            position = end + 3
        elif text.startswith("</", position):
            end = _closing(text, position, ">")
            current = _closed(current, text[position + 2 : end].strip())
            position = end + 1
        elif text.startswith("<!", position) or text.startswith("<?", position):
            position = _skipped(text, position)
        else:
            element, position, empty = _start_tag(root, position, current)
            if element.parent and element.attribute("value") and _is_parents(element, "value"):
                element.parent.settings.append(_value_setting(element))
            yield element, None
            current = current if empty else element


def _value_setting(element: Element) -> Setting:
    view = next(view for name, view in element.attributes.items() if name.lower() == "value")
    return _setting(element.label, view, element)


def _closed(current: Element, name: str) -> Element:
    """The element around the one that ``name`` closes; a closing tag that fits nowhere is passed over."""
    walker: Element | None = current
    while walker is not None:
        if walker.name == name and walker.parent is not None:
            return walker.parent
        walker = walker.parent
    return current


def _skipped(text: str, position: int) -> int:
    for opening, closing in _SKIPPED:
        if text.startswith(opening, position):
            return _closing(text, position + len(opening), closing) + len(closing)
    # A document type, with its internal subset in square brackets.
    end = _closing(text, position, ">")
    subset = text.find("[", position, end)
    return end + 1 if subset < 0 else _closing(text, _closing(text, subset, "]"), ">") + 1


def _closing(text: str, position: int, mark: str) -> int:
    found = text.find(mark, position)
    if found < 0:
        raise Malformed(position)
    return found


def _start_tag(root: SpannedText, position: int, parent: Element) -> tuple[Element, int, bool]:
    """One start tag: the element, where it ends, and whether it is empty."""
    text, start = root.text, position
    name = _NAME.match(text, position + 1)
    if not name:
        raise Malformed(position)
    element = Element(name.group(0), {}, parent)
    position = name.end()
    while True:
        position = _after_blanks(text, position)
        if text.startswith("/>", position):
            return element, position + 2, True
        if text.startswith(">", position):
            return element, position + 1, False
        key = _NAME.match(text, position)
        equals = _after_blanks(text, key.end()) if key else len(text)
        if not key or text[equals : equals + 1] != "=":
            raise Malformed(start)
        opening = _after_blanks(text, equals + 1)
        quote = text[opening : opening + 1]
        if not quote or quote not in "\"'":
            raise Malformed(start)
        end = _closing(text, opening + 1, quote)
        if "<" in text[opening:end]:
            raise Malformed(start)
        element.attributes[key.group(0)] = entities_decoded(root.part(opening + 1, end), quote)
        position = end + 1


def _after_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position
