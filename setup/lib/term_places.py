"""Which case a term has, by the places where it is shown.

A template names the model and field of a term, or its file; the files show which
element of a view or component it belongs to.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import polib
from lxml import etree

from letter_case import SENTENCE, TITLE

# attributes of views that are labels
LABELS = re.compile(
    r"(button|page|group|filter|field|separator|setting|form|list|search|kanban|calendar"
    r"|graph|pivot|activity)\.string|block\.title|button\.confirm-(label|title)"
    r"|field\.(add-label|sum|avg)|(button|Dialog)\.text|(\w*Dialog|Sheet)\.title(\.translate)?|Swipe\.word(\.translate)?"
)
# in a button or the entry of a menu: its name, or a card with sentences; in the head of
# a column: a label, or a word of one
PART = "part of button"
SENTENCES = re.compile(r"\w+\.(placeholder|confirm|help)")
# in JavaScript: names of buttons, titles of dialogs
_STRING = r"_t\(\s*\"((?:[^\"\\]|\\.)*)\""
JS_LABELS = (
    re.compile(rf"\b(?:confirm|cancel|button)Label:\s*{_STRING}"),
    re.compile(rf"user_menuitems\"[\s\S]{{0,200}}?\bdescription:\s*{_STRING}"),
    re.compile(rf"\bbuttons: \[\{{\s*name:\s*{_STRING}"),
    re.compile(rf"Dialog,\s*\{{[^;{{]{{0,300}}?\btitle:\s*{_STRING}"),
)
# heads of columns
JS_HEADS = re.compile(r"(?:_HEADS = |\bheads\(\) \{\s*return )\{([^}]*)\}")
JS_TEXT = re.compile(_STRING)
# models and fields of templates
KINDS = (
    (
        re.compile(r"model:ir\.model\.fields,help:|model:ir\.model\.constraint,"),
        SENTENCE,
    ),
    (re.compile(r"model:[\w.]+,(description|comment):"), SENTENCE),
    (re.compile(r"model:[\w.]+,(name|field_description):"), TITLE),
)


class Places:
    """Where the files of an addon show its terms.

    :param path: of the addon
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def cases(self, entry: polib.POEntry) -> set[str]:
        """TITLE, SENTENCE, both or neither."""
        found = {self._case(place, entry.msgid) for place, _line in entry.occurrences}
        return found - {None}

    def _case(self, place: str, text: str) -> str | None:
        flat = _flat(text)
        if place.startswith("model_terms:ir.ui.view,"):
            elements = self._view_elements[flat]
            if any(map(LABELS.fullmatch, elements)):
                return TITLE
            return SENTENCE if any(map(SENTENCES.fullmatch, elements)) else None
        if place.startswith("code:addons/"):
            return self._case_in_code(place, flat)
        return next((case for kind, case in KINDS if kind.match(place)), None)

    def _case_in_code(self, place: str, flat: str) -> str | None:
        file = place.split(":")[1].removeprefix("addons/").partition("/")[2]
        labels, free = self._code_labels(file)
        if flat in labels:
            return TITLE
        return None if flat in free or file.endswith(".py") else SENTENCE

    @cached_property
    def _view_elements(self) -> dict[str, set[str]]:
        """Text → ``tag.attribute`` of the elements that show it."""
        found = defaultdict(set)
        for file in self.path.rglob("*.xml"):
            if not {"static", "tests"} & set(file.relative_to(self.path).parts):
                for element, text in _elements(file):
                    found[text].add(element)
        return found

    def _code_labels(self, file: str) -> tuple[set[str], set[str]]:
        """Texts of a file that are names of buttons or actions, and that can be."""
        if file not in self._read:
            found = list(_labels_of(self.path / file))
            self._read[file] = (
                {text for element, text in found if LABELS.fullmatch(element)},
                {text for element, text in found if element == PART},
            )
        return self._read[file]

    @cached_property
    def _read(self) -> dict[str, tuple[set[str], set[str]]]:
        return {}


def _labels_of(file: Path) -> Iterator[tuple[str, str]]:
    if not file.exists():
        return
    if file.suffix == ".xml":
        yield from _elements(file)
        return
    content = file.read_text(encoding="utf-8")
    if file.suffix == ".py":
        yield from (("button.text", text) for text in _names_of_actions(content))
        return
    for pattern in JS_LABELS:
        yield from (("button.text", _flat(m[1])) for m in pattern.finditer(content))
    for heads in JS_HEADS.finditer(content):
        yield from ((PART, _flat(m[1])) for m in JS_TEXT.finditer(heads[1]))


def _elements(file: Path) -> Iterator[tuple[str, str]]:
    """``tag.attribute`` and text of what a file shows; text inside is ``tag.text``."""
    try:
        tree = etree.parse(str(file))
    except etree.XMLSyntaxError:
        return
    for node in tree.iter(etree.Element):
        for name, value in node.attrib.items():
            is_name = node.tag == "button" and name in ("title", "aria-label")
            yield PART if is_name else f"{node.tag}.{name}", _flat(value)
        if node.text and node.text.strip():
            yield _holder(node), _flat(node.text)
        if node.tail and node.tail.strip() and node.getparent() is not None:
            yield _holder(node.getparent()), _flat(node.tail)


def _holder(node: etree._Element) -> str:
    """The element that a text in it belongs to, a ``t`` of a template left out."""
    while node.tag == "t" and node.getparent() is not None:
        node = node.getparent()
    is_link = node.tag == "button" and "p-0" in node.get("class", "").split()
    if node.tag in ("DropdownItem", "th") or is_link:
        return PART
    if node.tag != "button" and next(node.iterancestors("button"), None) is not None:
        return PART
    return f"{node.tag}.text"


def _names_of_actions(code: str) -> Iterator[str]:
    """Names of the actions that a file returns."""
    if "ir.actions." not in code:
        return
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Dict):
            continue
        values = {
            key.value: value
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant)
        }
        kind, name = values.get("type"), values.get("name")
        is_action = isinstance(kind, ast.Constant) and str(kind.value).startswith(
            "ir.actions."
        )
        if is_action and isinstance(name, ast.Call) and name.args:
            first = name.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield _flat(first.value)


def _flat(text: str) -> str:
    return " ".join(text.split())
