"""A page of the app: sections, in the words and figures of its reader."""

from functools import cached_property

from odoo.tools import format_date

from odoo.addons.kpi_base.percent import NARROW_SPACE, format_percent, number_writer

DECIMALS = {"count": 0, "decimal": 1, "share": 3}


class Page:
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

    Sections without rows are left out. ``choices`` are the parts of an analysis;
    ``days`` any two of them, ``since`` and ``until``, up to the ``last``.
    """

    def __init__(self, env):
        self.env, self.write = env, number_writer(env)
        self.sections, self.choices, self.days = [], [], None
        self.writers = {
            "text": str,
            "count": lambda number: self.write(number, 0),
            "decimal": lambda number: self.write(number, 1),
            "times": lambda number: self.write(number, 1) + NARROW_SPACE + "×",
            "share": lambda share: format_percent(env, share),
            "money": lambda amount: self._short(amount),
            "exact": self._exact,
            "days": lambda days: self.write(days, 0) + NARROW_SPACE + env._("days"),
            "day": lambda day: format_date(env, day, date_format="medium"),
            "month": lambda day: format_date(env, day, date_format="LLL yyyy"),
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

    def interval(self, value, low, high, kind="count"):
        texts = (self.text(one, kind) for one in (value, low, high))
        names = dict(zip(("value", "low", "high"), texts, strict=True))
        return self.env._("%(value)s (%(low)s to %(high)s)", **names)

    def span(self, low, high):
        """Where a share lies between two."""
        texts = (self.text(one, "share") for one in (low, high))
        return "–" if low is None else " – ".join(texts)

    def cell(self, value, kind="text"):
        """A cell of a table, a number in files, too; words stay words.

        Amounts have all their digits here, elsewhere three.
        """
        if value is None or isinstance(value, (str, dict)):
            return "–" if value is None else value
        decimals = self.currency["digits"][1] if kind == "money" else DECIMALS[kind]
        text = self.text(value, "exact" if kind == "money" else kind)
        return {"text": text, "number": float(value), "decimals": decimals}

    def add(self, kind, title="", note="", **body):
        self.sections.append({"kind": kind, "title": title, "help": note, **body})

    def numbers(self, figures, *numbers):
        """Large figures: a name, its key, the kind of its value and maybe a hint."""
        rows = [
            {"name": name, "text": self.text(figures[key], kind), "hint": "".join(hint)}
            for name, key, kind, *hint in numbers
        ]
        self.add("numbers", numbers=rows)

    def notes(self, *notes, title=""):
        if notes:
            self.add("notes", title, notes=[*notes])

    def table(self, title, rows, *columns, note="", opens=None):
        """Rows below columns: a head, or a head, the kind of its values, and their key
        in rows that are dicts.

        >>> page.table(_("Years"), [(1, 0.9)], _("Year"), (_("Share"), "share"))

        :param opens: what each row opens, as ``opens()`` makes it
        """
        parts = [(one, "text") if isinstance(one, str) else one for one in columns]
        cells = [
            [
                self.cell(row[key[0]] if key else row[place], kind)
                for place, (_head, kind, *key) in enumerate(parts)
            ]
            for row in rows
        ]
        if cells:
            body = {"heads": [head for head, *_kind in parts], "rows": cells}
            body |= {"opens": [*opens]} if opens else {}
            self.add("table", title, note, **body)

    def ranges(self, title, rows, kind="count", note="", opens=None):
        """Intervals: a name, value, low and high, and maybe a text of its own."""
        names = ("name", "value", "low", "high", "text")
        rows = [
            dict(zip(names, (*row, self.interval(*row[1:4], kind)), strict=False))
            for row in rows
        ]
        for row, link in zip(rows, opens or (), strict=False):
            row["opens"] = link
        if rows:
            self.add("ranges", title, note, rows=rows)

    def waterfall(self, title, steps, note):
        """Amounts from a first to a last one: dicts of label, note, size, opens."""
        steps = [{"text": self.text(one["size"], "money"), **one} for one in steps]
        first, *steps, last = steps
        self.add("waterfall", title, note, first=first, steps=steps, last=last)

    def choose(self, analysis, labels):
        """Offer parts of an analysis: their labels by name, empty = all of it."""
        names = {part: f"{analysis}:{part}" if part else analysis for part in labels}
        self.choices = [
            {"name": names[part], "label": label} for part, label in labels.items()
        ]


def opens(model, method, *args):
    """What a row of a page opens: a public method that answers with an action and looks
    after rights by itself."""
    return {"model": model, "method": method, "args": args}
