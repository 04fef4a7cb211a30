"""A page of the app: sections, in the words and figures of its reader."""

import re
from functools import cached_property
from string import Formatter

from lxml import etree

from odoo.addons.kpi_base.engine.formatting import NARROW_SPACE, add_sign
from odoo.addons.kpi_base.formatting import (
    format_day,
    format_month,
    format_signed,
    number_writer,
    percent_writer,
    reader_table,
)

DECIMALS = {"count": 0, "decimal": 1, "share": 3}


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
    * ``chart``: ``tile`` of any kind that Chart.js draws, with ``has_scenarios`` where
      its forecast has limits

    They are drawn by a layout, ``views/kpi_bi_page_layouts.xml``, whose elements are
    these kinds with the same names. Its texts hold values in braces with their kind, as
    in ``{share:share}``: one of ``writers``. ``choices`` are the parts of an analysis;
    ``days`` any two of them, ``since`` and ``until``, up to the ``last``.

    :param kind: of the only sections that are drawn; None = all
    """

    def __init__(self, env, kind=None):
        self.env, self.write, self.kind = env, number_writer(env), kind
        self._write_percent = percent_writer(env)
        self.sections, self.choices, self.days = [], [], None
        self.writers = {
            "text": lambda value: value if isinstance(value, dict) else str(value),
            "count": lambda number: self.write(number, 0),
            "decimal": lambda number: self.write(number, 1),
            "hundredth": lambda number: self.write(number, 2),
            "times": lambda number: self.write(number, 1) + "×",
            "share": self.percent,
            "percent": lambda share: self.percent(share, 0),
            "change": self._change,
            "span": self._span,
            "money": lambda amount: self._short(amount),
            "exact": self._exact,
            "days": lambda days: self.write(days, 0) + NARROW_SPACE + env._("days"),
            "day": lambda day: format_day(env, day, with_year=True),
            "long_month": lambda day: format_month(env, day, is_long=True),
            "month": lambda day: format_month(env, f"{day!s:.7}-01"),
        }

    @cached_property
    def currency(self):
        company = self.env.company
        company.fetch(["currency_id"])  # and nothing else of it
        return self.env["res.currency"].get_all_currencies()[company.currency_id.id]

    @cached_property
    def unit(self):
        """That of amounts, as charts take it."""
        unit = {"kind": "currency", "decimals": self.currency["digits"][1]}
        return {**unit, "currencyId": self.env.company.currency_id.id}

    @cached_property
    def _short(self):
        reader = self.env["kpi.dashboard"]._reader()
        unit = reader.unit(self.unit)
        return lambda amount: reader.short(amount, unit)

    def percent(self, share, digits=1):
        """As ``format_percent``; there are many on a page."""
        return self._write_percent(share, digits)

    def _exact(self, amount):
        text = self.write(amount, self.currency["digits"][1]), self.currency["symbol"]
        is_before = self.currency["position"] == "before"
        return "\u00a0".join(reversed(text) if is_before else text)

    def text(self, value, kind="count"):
        """A figure in words: a ``kind`` of ``writers``; a dash where it is not known.

        >>> page.text(0.125, "share")
        12.5%
        """
        return "–" if value is None else self.writers[kind](value)

    def _change(self, share):
        """A share with its sign: +12%."""
        return format_signed(self.env, share, self.percent(abs(share), 0))

    def _span(self, ends):
        """Where a share lies between two."""
        texts = (self.text(one, "share") for one in ends)
        return "–" if None in ends else " – ".join(texts)

    def interval(self, value, low, high, kind="count"):
        """A value and how low and high it may be; a dash where it is not known."""
        if value is None:
            return self.text(value)
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
            block.get("name"): {
                one.get("name"): read_text(one) for one in block.iterchildren("word")
            }
            for block in self.env["kpi.bi.analysis"]._get_layout(layout).iter("words")
        }

    def draw(self, layout, values):
        """Add the sections of a layout that have something to show."""
        values = {**self.words(layout), **values}
        blocks = self.env["kpi.bi.analysis"]._get_layout(layout)
        for block, _row in self._each(blocks, values):
            if self.kind not in (None, block.tag):
                continue
            make = getattr(self, f"_make_{block.tag}", self._make_tile)
            if body := make(block, values):
                title = self.vformat(block.get("title", ""), (), values)
                section = {"title": title, "help": self._say(block, values), **body}
                self.sections.append({"kind": block.tag, **section})

    def _each(self, block, values, kind=etree.Element):
        """Parts that are shown, once or for each of a list, with what fills them."""
        for part in block.iterchildren(kind):
            needs, unless, of = map(part.get, ("needs", "unless", "of"))
            if (needs and not values.get(needs)) or values.get(unless):
                continue
            rows = values[of] if of else [values]
            if of and isinstance(rows, dict):
                rows = [{"key": one, "text": text} for one, text in rows.items()]
            for row in rows:
                yield part, row

    def _fill(self, part, row, text):
        """A text of a part in words; of one of a list without any, that of the list."""
        is_listed = not text and part.get("of")
        return str(row["text"]) if is_listed else self.vformat(text, (), row)

    def _say(self, part, values):
        """The text of a part, and of each ``help`` in it that is shown."""
        shown = [(part, values), *self._each(part, values, "help")]
        texts = [self._fill(one, row, read_text(one)) for one, row in shown]
        return " ".join(filter(None, texts))

    def _make_numbers(self, block, values):
        """Large figures, each a name, the kind of its value and maybe a hint."""
        numbers = [
            {
                "name": self._fill(one, row, one.get("string", "")),
                "text": self.text(self._get(row, one.get("name")), one.get("widget")),
                "hint": self._say(one, row),
            }
            for one, row in self._each(block, values, "number")
        ]
        return {"numbers": numbers}

    def _make_notes(self, block, values):
        notes = [self._say(*one) for one in self._each(block, values, "note")]
        return notes and {"notes": notes}

    def _make_table(self, block, values):
        """Rows below columns, each a head, a name in the rows, and maybe a kind."""
        rows = values[block.get("rows")]
        rows = rows() if callable(rows) else rows  # that take long
        if not rows:
            return None  # nor does anything say what its columns are
        columns = [
            (
                self._fill(one, row, one.get("string", "")),
                one.get("name"),
                row.get("key"),
                one.get("widget", "text"),
            )
            for one, row in self._each(block, values, "column")
        ]
        return {
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
        kind, names = block.get("widget", "count"), ("value", "low", "high")
        rows = [
            {"text": self.interval(*map(row.get, names), kind), **row}
            for row in values[block.get("rows")]
        ]
        return rows and {"rows": _pick(rows, "name", *names, "text", "opens")}

    def _make_bars(self, block, values):
        rows = values[block.get("rows")]
        return {"rows": _pick(rows, "name", "value", "text", "opens")}

    def _make_waterfall(self, block, values):
        """Label, note, size and opens of a first amount, of changes, and of a last."""
        kind = block.get("widget", "money")
        table = reader_table(self.env)
        first, *steps, last = values[block.get("rows")]
        first["text"] = self.text(first["size"], kind)
        last["text"] = self.text(last["size"], kind)
        for row in steps:
            row["text"] = add_sign(
                table, row["size"], self.text(abs(row["size"]), kind)
            )
        return {"first": first, "steps": steps, "last": last}

    def _make_tile(self, block, values):
        """What a tile of this kind shows; other elements are no sections."""
        return "tile" in block.attrib and {"tile": values[block.get("tile")]}

    def choose(self, analysis, labels):
        """Offer parts of an analysis: their labels by name, empty = all of it."""
        self.choices = [
            {"name": f"{analysis}:{part}" if part else analysis, "label": label}
            for part, label in labels.items()
        ]


def read_text(part):
    """The text of an element of a layout before its parts, in one line."""
    return re.sub(r"[ \n]+", " ", (part.text or "").strip())


def _pick(rows, *names):
    """These of each row; nothing where it has none."""
    return [{name: row.get(name) for name in names} for row in rows]


def opens(model, method, *args):
    """What a row of a page opens: a public method that answers with an action and looks
    after rights by itself."""
    return {"model": model, "method": method, "args": args}
