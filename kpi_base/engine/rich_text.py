"""Rich texts that people write: formatted words that stay in their place.

A text is built anew of the elements, attributes and styles listed here, so that it can
neither run anything, nor be drawn outside of its own box, nor load anything from
another server. What is not listed is left out; its words stay.
"""

import re
from collections.abc import Iterator
from html import escape

from lxml import etree, html
from markupsafe import Markup

_BLOCKS = "blockquote div h1 h2 h3 h4 h5 h6 hr li ol p pre ul"
_TABLES = "caption col colgroup table tbody td tfoot th thead tr"
_WORDS = (
    "a b bdi br code del em font i img ins kbd mark q s small span strong sub sup u"
)
_ALLOWED = frozenset(f"{_BLOCKS} {_TABLES} {_WORDS}".split())
_EMPTY = frozenset(("br", "col", "hr", "img"))
# What stands in these are no words for people.
_DROPPED = frozenset(
    "applet audio base canvas datalist embed frame frameset head iframe link map math"
    " meta noembed noframes noscript object param picture plaintext script select"
    " source style svg template textarea title track video xmp".split()
)

_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LINK = re.compile(r"(?:https?://|mailto:|tel:|/(?![/\\]))[^\s\\]*", re.IGNORECASE)
_OWN_IMAGE = re.compile(r"/web/image/(?!.*(?:\.\.|%2e|\\))\S+", re.IGNORECASE)
_INLINE_IMAGE = re.compile(r"data:image/(?:gif|jpeg|png|webp);base64,[A-Za-z0-9+/=\s]+")
_SIDE = re.compile(r"(?:1?[0-9]{1,3})(?:px)?|(?:[0-9]{1,2}(?:\.[0-9]+)?|100)%")
_NUMBER = re.compile(r"-?[0-9]{1,6}")
_CELLS = re.compile(r"[0-9]{1,3}")
_COLOR = re.compile(r"#[0-9a-f]{3,8}|[a-z]+|(?:rgb|hsl)a?\([0-9\s.,%/]*\)", re.I)

# Attributes of any element, then those of single ones.
_ATTRIBUTES = {
    "*": {
        "data-oe-version": re.compile(r"[0-9.]{1,10}"),  # by Odoo's editor
        "dir": re.compile("ltr|rtl|auto"),
        "lang": re.compile("[A-Za-z-]{1,35}"),
        "title": re.compile(r"[\s\S]{1,500}"),
    },
    "a": {"href": _LINK},
    "col": {"span": _CELLS, "width": _SIDE},
    "font": {"color": _COLOR},
    "img": {"alt": re.compile(r"[\s\S]{0,500}"), "height": _SIDE, "width": _SIDE},
    "li": {"value": _NUMBER},
    "ol": {"start": _NUMBER, "type": re.compile("[1aAiI]")},
    "table": {"width": _SIDE},
    "td": {"colspan": _CELLS, "rowspan": _CELLS, "width": _SIDE},
    "th": {"colspan": _CELLS, "rowspan": _CELLS, "width": _SIDE},
}
# How lists and tables of Odoo's editor look; none of them moves anything.
_CLASSES = frozenset(
    "o_checklist o_checked oe-nested o_table table table-bordered".split()
)
# No size is a share of the size around it: nested ones multiply.
_FONT_SIZE = re.compile(
    r"[0-9]{1,2}(?:\.[0-9]+)?(?:px|pt)|[0-5](?:\.[0-9]+)?rem|(?:x{1,2}-)?(?:small|large)"
)
_STYLES = {
    "background-color": _COLOR,
    "color": _COLOR,
    "float": re.compile("left|right|none"),
    "font-family": re.compile(r"[\w\s,'\"-]{1,200}"),
    "font-size": _FONT_SIZE,
    "font-style": re.compile("normal|italic"),
    "font-weight": re.compile("normal|bold|bolder|lighter|[1-9]00"),
    "height": _SIDE,
    "list-style-type": re.compile("[a-z-]{1,30}"),
    "text-align": re.compile("left|right|center|justify|start|end"),
    "text-decoration": re.compile("none|underline|line-through"),
    "text-decoration-line": re.compile("none|underline|line-through"),
    "vertical-align": re.compile("baseline|bottom|middle|sub|super|top"),
    "width": _SIDE,
}


def sanitize(text: str | None) -> Markup:
    """Rich text in which nothing runs, leaves its box or calls another server.

    :param text: HTML from people, of any form
    :return: HTML of the elements, attributes and styles above; the same for what this
        function returned
    """
    # Words around which an element goes get a paragraph when they are read again.
    return Markup(_rebuild(_rebuild(_NO_TEXT.sub("", str(text or "")))))


def _rebuild(text: str) -> str:
    parser = html.HTMLParser(encoding="utf-8")  # whatever the text says of itself
    try:
        body = html.document_fromstring(text.encode(), parser).find("body")
    except etree.ParserError:  # only comments, or nothing
        body = None

    return "" if body is None else "".join(_write_inside(body))


def _write_inside(node: etree.ElementBase) -> Iterator[str]:
    """Words and elements inside an element."""
    yield _write_words(node.text)
    for child in node:
        yield from _write(child)
        yield _write_words(child.tail)


def _write(node: etree.ElementBase) -> Iterator[str]:
    """An element; of one that is not allowed what stands in it."""
    tag = node.tag
    if not isinstance(tag, str) or tag in _DROPPED:  # a comment has no tag
        return

    if tag not in _ALLOWED:
        yield from _write_inside(node)
    elif tag == "img" and not _is_own_image(node.get("src", "")):
        yield _write_words(node.get("alt"))
    else:
        yield f"<{tag}{''.join(_write_attributes(node))}>"
        if tag not in _EMPTY:
            yield from _write_inside(node)
            yield f"</{tag}>"


def _write_words(words: str | None) -> str:
    # as Odoo stores spaces at which no line is broken
    return escape(words or "", quote=False).replace("\xa0", "&nbsp;")


def _write_attributes(node: etree.ElementBase) -> Iterator[str]:
    """Attributes of an element that is allowed, in the order of their names."""
    forms = {**_ATTRIBUTES["*"], **_ATTRIBUTES.get(node.tag, {})}
    values = {
        name: value
        for name, value in node.attrib.items()
        if name in forms and forms[name].fullmatch(value)
    }
    values["class"] = " ".join(_CLASSES.intersection(node.get("class", "").split()))
    values["style"] = "; ".join(_choose_styles(node.get("style", "")))
    if node.tag == "img":
        values["src"] = node.get("src")
    if "href" in values:
        values |= {"rel": "noopener noreferrer", "target": "_blank"}

    for name in sorted(values):
        if values[name] or name == "alt":
            yield f' {name}="{escape(values[name])}"'


def _choose_styles(style: str) -> Iterator[str]:
    for declaration in style.split(";"):
        name, _colon, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        if name in _STYLES and _STYLES[name].fullmatch(value):
            yield f"{name}: {value}"


def _is_own_image(address: str) -> bool:
    """Check whether an image comes with the text, or from this server's images.

    Other paths of this server do something, such as logging out.
    """
    return bool(_OWN_IMAGE.fullmatch(address) or _INLINE_IMAGE.fullmatch(address))
