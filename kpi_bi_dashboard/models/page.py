"""A page of the app: sections, in the words and figures of its reader."""

import re
from functools import cached_property
from string import Formatter
from typing import NamedTuple

from lxml import etree

from odoo.tools import format_date

from odoo.addons.kpi_base.percent import NARROW_SPACE, format_percent, number_writer

DECIMALS = {"count": 0, "decimal": 1, "share": 3}


class Block(NamedTuple):
    """An element of a layout: its tag, attributes, text before its parts, and these."""

    kind: str
    marks: dict
    text: str
    parts: list


class Page(Formatter):
    """What a page shows in sections.

    Sections are dicts of ``title``, ``help`` and ``kind``, one of

    * ``numbers``: ``numbers``, dicts of ``name``, ``text`` and ``hint``
    * ``table``: ``heads``, ``rows`` of cells (text, or ``text``, ``number`` and
      ``decimals``), and ``opens``: what each row opens
    * ``ranges``: ``rows`` of ``name``, ``low``, ``value``, ``high``, ``text`` and
      ``opens``
    * ``waterfall``: ``first``, ``steps`` and ``last`` of the component, with ``opens``
    * ``bars``: ``rows`` of ``name``, ``value``, ``text``, ``opens``
    * ``notes``: ``notes``, sentences
    * ``triangle``, ``segment_map``: ``tile``, as the tiles of that kind have it

    They are drawn by a layout, ``views/kpi_bi_page_layouts.xml``, whose elements are
    these kinds with the same names. Its texts hold values in braces with their kind, as
    in ``{share:share}``: one of ``writers``. ``choices`` are the parts of an analysis;
    ``days`` any two of them, ``since`` and ``until``, up to the ``last``.
    """

    def __init__(self, env):
        self.env, self.write = env, number_writer(env)
        self.sections, self.choices, self.days = [], [], None
        self.writers = {
            "text": lambda value: value if isinstance(value, dict) else str(value),
            "count": lambda number: self.write(number, 0),
            "decimal": lambda number: self.write(number, 1),
            "hundredth": lambda number: self.write(number, 2),
            "times": lambda number: self.write(number, 1) + NARROW_SPACE + "×",
            "share": lambda share: format_percent(env, share),
            "percent": lambda share: format_percent(env, share, 0),
            "span": self._span,
            "money": lambda amount: self._short(amount),
            "exact": self._exact,
            "days": lambda days: self.write(days, 0) + NARROW_SPACE + env._("days"),
            "day": lambda day: format_date(env, day, date_format="medium"),
            "long_month": lambda day: format_date(env, day, date_format="LLLL yyyy"),
            "month": lambda day: format_date(
                env, f"{day!s:.7}-01", date_format="LLL yyyy"
            ),
        }

    @cached_property
    def currency(self):
        company = self.env.company
        company.fetch(["currency_id"])  # and nothing else of it
        return self.env["res.currency"].get_all_currencies()[company.currency_id.id]

    @cached_property
    def _short(self):
        reader = self.env["kpi.dashboard"]._reader()
        unit = {"kind": "currency", "decimals": self.currency["digits"][1]}
        unit = reader.unit({**unit, "currencyId": self.env.company.currency_id.id})
        return lambda amount: reader.short(amount, unit)

    def _exact(self, amount):
        text = self.write(amount, self.currency["digits"][1]), self.currency["symbol"]
        is_before = self.currency["position"] == "before"
        return "\u00a0".join(reversed(text) if is_before else text)

    def text(self, value, kind="count"):
        """A figure in words: a ``kind`` of ``writers``; a dash where it is not known.

        >>> page.text(0.125, "share")
        12.5 %
        """
        return "–" if value is None else self.writers[kind](value)

    def _span(self, ends):
        """Where a share lies between two."""
        texts = (self.text(one, "share") for one in ends)
        return "–" if None in ends else " – ".join(texts)

    def interval(self, value, low, high, kind="count"):
        texts = (self.text(one, kind) for one in (value, low, high))
        names = dict(zip(("value", "low", "high"), texts, strict=True))
        return self.env._("%(value)s (%(low)s to %(high)s)", **names)

    def cell(self, value, kind="text"):
        """A cell of a table, a number in files, too; words stay words.

        Amounts have all their digits here, elsewhere three.
        """
        is_money = kind == "money"
        if not (is_money or kind in DECIMALS):
            return self.text(value, kind)
        if value is None or isinstance(value, str):
            return "–" if value is None else value
        decimals = self.currency["digits"][1] if is_money else DECIMALS[kind]
        text = self.text(value, "exact" if is_money else kind)
        return {"text": text, "number": float(value), "decimals": decimals}

    def _get(self, row, name):
        """A value of a row, also one within it: ``scenarios[low]``, ``accuracy[0]``."""
        return self.get_field(name, (), row)[0]

    def format_field(self, value, kind):
        return self.text(value, kind or "text")

    def words(self, layout):
        """Words of a layout by their group and name, for whoever fills its values."""
        return {
            block.marks["name"]: {one.marks["name"]: one.text for one in block.parts}
            for block in self.env["kpi.bi.analysis"]._get_layout(layout)
            if block.kind == "words"
        }

    def draw(self, layout, values):
        """Add the sections of a layout that have something to show."""
        values = {**self.words(layout), **values}
        blocks = self.env["kpi.bi.analysis"]._get_layout(layout)
        for block, _row in self._each(blocks, values):
            make = getattr(self, f"_make_{block.kind}", self._make_tile)
            if body := make(block, values):
                title = block.marks.get("title", "")
                section = {"title": title, "help": self._say(block, values), **body}
                self.sections.append({"kind": block.kind, **section})

    def _each(self, parts, values, kind=None):
        """Parts that are shown, once or for each of a list, with what fills them."""
        for part in parts:
            marks = part.marks
            is_needed = "needs" not in marks or values.get(marks["needs"])
            is_other = kind not in (None, part.kind) or values.get(marks.get("unless"))
            rows = [values] if is_needed and not is_other else []
            if rows and "of" in marks:
                rows = values[marks["of"]]
                if isinstance(rows, dict):
                    rows = [{"key": one, "text": text} for one, text in rows.items()]
            for row in rows:
                yield part, row

    def _fill(self, part, row, mark="text"):
        """A text of a part in words; of one of a list without any, that of the list."""
        text = part.text if mark == "text" else part.marks.get(mark, "")
        is_listed = not text and "of" in part.marks
        return str(row["text"]) if is_listed else self.vformat(text, (), row)

    def _say(self, part, values):
        """The text of a part, and of each ``help`` in it that is shown."""
        helps = self._each(part.parts, values, "help")
        texts = [self._fill(*one) for one in [(part, values), *helps]]
        return " ".join(filter(None, texts))

    def _make_numbers(self, block, values):
        """Large figures, each a name, the kind of its value and maybe a hint."""
        numbers = [
            {
                "name": self._fill(one, row, "string"),
                "text": self.text(
                    self._get(row, one.marks["name"]), one.marks["widget"]
                ),
                "hint": self._say(one, row),
            }
            for one, row in self._each(block.parts, values, "number")
        ]
        return {"numbers": numbers}

    def _make_notes(self, block, values):
        shown = self._each(block.parts, values, "note")
        notes = [self._say(one, row) for one, row in shown]
        return notes and {"notes": notes}

    def _make_table(self, block, values):
        """Rows below columns, each a head, a name in the rows, and maybe a kind."""
        columns = [
            (
                self._fill(one, row, "string"),
                one.marks.get("name"),
                row.get("key"),
                one.marks.get("widget", "text"),
            )
            for one, row in self._each(block.parts, values, "column")
        ]
        rows = values[block.marks["rows"]]
        return rows and {
            "heads": [head for head, *_cell in columns],
            "rows": [
                [
                    self.cell(self._get(row, name) if name else row[key], kind)
                    for _head, name, key, kind in columns
                ]
                for row in rows
            ],
            "opens": [row.get("opens") for row in rows],
        }

    def _make_ranges(self, block, values):
        """Intervals: a name, value, low and high, and maybe a text of its own."""
        kind, names = block.marks.get("widget", "count"), ("value", "low", "high")
        rows = [
            {"text": self.interval(*map(row.get, names), kind), **row}
            for row in values[block.marks["rows"]]
        ]
        names = ("name", *names, "text", "opens")
        rows = [{name: row.get(name) for name in names} for row in rows]
        return rows and {"rows": rows}

    def _make_bars(self, block, values):
        names = ("name", "value", "text", "opens")
        rows = values[block.marks["rows"]]
        return {"rows": [{name: row.get(name) for name in names} for row in rows]}

    def _make_waterfall(self, block, values):
        """Amounts from a first to a last one: dicts of label, note, size, opens."""
        steps = values[block.marks["rows"]]
        steps = [{"text": self.text(one["size"], "money"), **one} for one in steps]
        first, *steps, last = steps
        return {"first": first, "steps": steps, "last": last}

    def _make_tile(self, block, values):
        """What a tile of this kind shows; other elements are no sections."""
        return "tile" in block.marks and {"tile": values[block.marks["tile"]]}

    def choose(self, analysis, labels):
        """Offer parts of an analysis: their labels by name, empty = all of it."""
        names = {part: f"{analysis}:{part}" if part else analysis for part in labels}
        self.choices = [
            {"name": names[part], "label": label} for part, label in labels.items()
        ]


def read_blocks(node):
    """The elements in one of a layout, as ``Block`` each."""
    return [
        Block(
            one.tag,
            dict(one.attrib),
            re.sub(r"[ \n]+", " ", (one.text or "").strip()),
            read_blocks(one),
        )
        for one in node.iterchildren(etree.Element)
    ]


def opens(model, method, *args):
    """What a row of a page opens: a public method that answers with an action and looks
    after rights by itself."""
    return {"model": model, "method": method, "args": args}
