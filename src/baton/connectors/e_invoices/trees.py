"""XML trees, written in order and read without trust."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from baton.invoicing.errors import EInvoiceUnreadable

Node = etree._Element

_LONGEST_NUMBER = 40


class Tree:
    """Writes elements by prefixed name; what has neither text nor attribute is left out."""

    def __init__(self, root: str, namespaces: Mapping[Any, str]) -> None:
        self._spaces: dict[str | None, str] = dict(namespaces)
        self.root = etree.Element(self._name(root), nsmap=self._spaces)  # type: ignore[arg-type]

    def _name(self, name: str) -> str:
        prefix, _, local = name.rpartition(":")
        return f"{{{self._spaces[prefix or None]}}}{local}"

    def add(self, parent: Node, *path: str) -> Node:
        """A new element below `parent`, with those that lie between."""
        for name in path:
            parent = etree.SubElement(parent, self._name(name))
        return parent

    def put(self, parent: Node, name: str, value: object, **attributes: str) -> None:
        """An element with this text, unless there is none."""
        if value is None or value == "":
            return
        text = f"{value:f}" if isinstance(value, Decimal) else str(value)
        element = self.add(parent, name)
        element.text = printable(text)
        for key, given in attributes.items():
            if given:
                element.set(key, given)

    def done(self) -> bytes:
        """The document as UTF-8, empty elements pruned."""
        for element in reversed(list(self.root.iter())):
            parent = element.getparent()
            empty = not len(element) and not element.text and not element.attrib
            if empty and parent is not None:
                parent.remove(element)
        written: bytes = etree.tostring(
            self.root, encoding="UTF-8", xml_declaration=True, pretty_print=True
        )
        return written


def printable(text: str) -> str:
    """The text without what XML can't hold."""
    return "".join(c for c in text if c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or c >= "\ue000")


def parsed(xml: bytes) -> Node:
    """The root of a document. No entity is resolved and nothing is fetched.

    Raises EInvoiceUnreadable.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise EInvoiceUnreadable(f"This is no XML: {str(error)[:200]}", field="xml") from error
    doctype: str = root.getroottree().docinfo.doctype  # type: ignore[union-attr, unused-ignore]
    if doctype:
        raise EInvoiceUnreadable("An invoice has no document type declaration.", field="xml")
    return root


class Reader:
    """Reads texts, amounts and dates by path, whatever prefixes the document uses."""

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        self._spaces = dict(namespaces)

    def nodes(self, node: Node, path: str) -> list[Node]:
        return list(node.findall(path, self._spaces))

    def node(self, node: Node | None, path: str) -> Node | None:
        return None if node is None else node.find(path, self._spaces)

    def text(self, node: Node | None, path: str) -> str:
        found = self.node(node, path)
        return " ".join((found.text or "").split()) if found is not None else ""

    def amount(self, node: Node | None, path: str) -> Decimal | None:
        """A number, exactly as it is written. Raises EInvoiceUnreadable."""
        text = self.text(node, path)
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation as error:
            raise EInvoiceUnreadable(f"{path} is {text[:40]!r}, no number.", field="xml") from error
        if not number.is_finite() or len(text) > _LONGEST_NUMBER or abs(number.adjusted()) > 30:
            raise EInvoiceUnreadable(f"{path} is {text[:40]!r}, no amount.", field="xml")
        return number

    def number(self, node: Node | None, path: str) -> Decimal:
        return self.amount(node, path) or Decimal(0)

    def day(self, node: Node | None, path: str) -> date | None:
        """A date, as 2026-03-31 or 20260331. Raises EInvoiceUnreadable."""
        text = self.text(node, path)
        if not text:
            return None
        try:
            return date.fromisoformat(text[:10])
        except ValueError as error:
            raise EInvoiceUnreadable(f"{path} is {text[:40]!r}, no date.", field="xml") from error
