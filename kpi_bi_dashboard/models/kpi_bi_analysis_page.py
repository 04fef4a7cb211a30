from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_datetime

from odoo.addons.kpi_base.actions import open_list, show_notification
from odoo.addons.kpi_base.percent import format_number, format_percent
from odoo.addons.kpi_base.schemas.base import Id, Word

from ..analytics.data_models.customer_models import SEGMENTS, TIERS, YEAR_DAYS
from .kpi_bi_analysis import or_none

ANALYST = "kpi_bi_dashboard.kpi_bi_dashboard_group_analyst"
SHOWN_MONTHS = (1, 2, 3, 6, 12, 24)
MOST_DOCUMENTS = 1000
SHOWN_COHORTS = 24
MANY_TIMES = 2  # the median: of a cluster that is called large, frequent or silent


class KpiBiAnalysis(models.AbstractModel):
    """What the pages of the app show of the results.

    ``_describe_<name>(result)`` says a result in sections: dicts of ``title``, ``help``
    and ``kind``, one of

    * ``numbers``: ``numbers``, dicts of ``name``, ``text`` and ``hint``
    * ``table``: ``heads``, ``rows`` of cells (text, or ``text``, ``number`` and
      ``decimals``), and ``opens``: what each row opens
    * ``ranges``: ``rows`` of ``name``, ``low``, ``value``, ``high``, ``text`` and
      ``opens``
    * ``waterfall``: ``first``, ``steps`` and ``last`` of the component, with ``opens``
    * ``bars``: ``rows`` of ``name``, ``value``, ``text``, ``opens``
    * ``notes``: ``notes``, sentences
    * ``triangle``, ``segment_map``: ``tile``, as the tiles of that kind have it

    ``opens`` is a dict of ``model``, ``method`` and ``args``: a public method that
    answers with an action and looks after rights by itself; None = opens nothing. A
    name that ends in ``:part`` is one of the ``choices`` (dicts of ``name`` and
    ``label``) of its analysis, whose method takes the part as second argument.
    """

    _inherit = "kpi.bi.analysis"

    @api.model
    def _get_titles(self):
        """What each analysis is called on tabs; by its name where nobody says more."""
        names = self._list_analyses()
        return {
            **{name: name.replace("_", " ").capitalize() for name in names},
            "customers": self.env._("Segments"),
            "cohorts": self.env._("Cohorts"),
            "lifetime_value": self.env._("Lifetime Value"),
        }

    @api.readonly
    @api.model
    def get_page(self, name: Word):
        """Return what a page shows of an analysis of the current company.

        :param name: of the analysis, or one of the ``choices`` of its page
        :raises UserError: there is no such page
        """
        results = self.env["kpi.bi.result"]
        results.check_access("read")
        analysis, _colon, part = name.partition(":")
        describe = getattr(self, f"_describe_{analysis}", None)
        if analysis not in self._list_analyses() or not describe:
            raise UserError(self.env._("There is no page “%s”.", name))
        company = self.env.company
        page = {
            "name": name,
            "titles": self._get_titles(),
            "company": company.name,
            "can_update": self.env.user.has_group(ANALYST),
            "sections": [],
            "choices": [],
            "message": "",
        }
        result = results._find_latest(company, analysis)
        if result:
            page |= {
                "cutoff": format_date(self.env, result.cutoff_date),
                "computed": format_datetime(self.env, result.computed_at),
                **(describe(result, part) if part else describe(result)),
            }
            page["sections"] += self._describe_checks(result)
        if not page["sections"] and not page["message"]:
            page["message"] = self._get_empty_message()
        return page

    @api.model
    def queue_update(self):
        """Bring the analyses of the current company up to date, soon."""
        self._queue_run()
        return show_notification(
            self.env._("The analyses are being updated. This takes some minutes.")
        )

    @api.model
    def open_documents(
        self,
        kind: Literal["account.move", "account.move.line", "crm.lead", "sale.order"],
        ids: Annotated[list[Id], Field(max_length=MOST_DOCUMENTS)],
    ):
        """Open invoices, orders, entries or opportunities that a page counts."""
        return self._open_records(kind, ids)

    @api.model
    def _open_records(self, model, ids, name=""):
        actions = {
            "account.move": "account.action_move_out_invoice_type",
            "account.move.line": "account.action_account_moves_all",
            "crm.lead": "crm.crm_lead_action_pipeline",
            "sale.order": "sale.action_orders",
        }
        self.env[model].check_access("read")
        values = {"display_name": name} if name else {}
        return open_list(self.env, actions[model], [("id", "in", ids)], **values)

    @api.model
    def _get_empty_message(self):
        return self.env._(
            "No purchases yet: they come from posted invoices, confirmed orders or"
            " imported files, each night."
        )

    @api.model
    def _describe_checks(self, result):
        """What is odd in the data of a result, and the documents that are.

        :return: at most one section
        """
        purchases = result._find_latest(result.company_id, "purchases")
        kind = _document_model(purchases)
        texts = {
            "unpriced": self.env._("In a currency without a rate on that day"),
            "future": self.env._("Dated in the future: not counted yet"),
            "moved": self.env._(
                "Lines changed past their documents, since the last update"
            ),
            "late": self.env._("Posted into a later month than that of the invoice"),
        }
        rows, opens = [], []
        for name, odd in {**(purchases.checks or {}), **(result.checks or {})}.items():
            text = texts.get(name) or name.replace("_", " ").capitalize()
            if isinstance(odd, str):
                text, odd = odd, {}
            elif not isinstance(odd, dict):
                odd = {"count": odd if isinstance(odd, int) else len(odd)}
            count, ids = odd.get("count"), odd.get("ids")
            rows.append([text, "" if count is None else self._count_cell(count)])
            opens.append(ids and _opens("kpi.bi.analysis", "open_documents", kind, ids))
        return rows and [
            _section(
                "table",
                self.env._("Worth a look"),
                heads=[self.env._("In the data"), self.env._("Documents")],
                rows=rows,
                opens=opens,
            )
        ]

    @api.model
    def _describe_customers(self, result):
        figures = result._get_figures()
        segments = figures["segments"]
        if not segments:
            return {"sections": []}
        count = sum(one["customers"] for one in segments.values())
        revenue = sum(one["revenue"] for one in segments.values())
        states = figures.get("states", {})
        customers = self.env["kpi.bi.customer"]
        names = dict(customers._fields["churn_state"]._description_selection(self.env))
        sections = [
            _numbers(
                [
                    (self.env._("Customers"), self._text_of(count)),
                    (self.env._("Revenue"), self._money_text(revenue)),
                    *(
                        (
                            label,
                            self._text_of(states[state]),
                            self.env._(
                                "%s of all",
                                format_percent(self.env, states[state] / count),
                            ),
                        )
                        for state, label in names.items()
                        if states.get(state)
                    ),
                    (
                        self.env._("Health"),
                        format_number(self.env, figures.get("health", 0), 0),
                        self.env._("Mean, 0 to 100"),
                    ),
                ]
            ),
            _section(
                "segment_map",
                self.env._("Segments"),
                self.env._(
                    "By how recently and how often customers bought, beside the others."
                ),
                tile={"segments": self._draw_segments(result)["segments"]},
            ),
            self._describe_groups(
                self.env._("Segments in figures"),
                "segment",
                dict(sorted(segments.items(), key=lambda one: -one[1]["revenue"])),
                figures.get("margin", {}).get("segments"),
            ),
            self._describe_groups(
                self.env._("Tiers"),
                "tier",
                {
                    key: figures["tiers"][key]
                    for key in TIERS
                    if key in figures["tiers"]
                },
                None,
                self.env._(
                    "A: the largest customers who bring 80 % of the revenue, B up to"
                    " 95 %, C: the others."
                ),
            ),
        ]
        return {
            "sections": [
                *sections,
                *self._describe_clusters(figures["clusters"]),
                *self._describe_migration(figures.get("migration")),
            ]
        }

    @api.model
    def _describe_groups(self, title, field, groups, margins=None, note=""):
        """A table of customers and revenue, with the customers of each row."""
        selection = self.env["kpi.bi.customer"]._fields[field]
        names = dict(selection._description_selection(self.env))
        head = selection._description_string(self.env)
        total = sum(max(one["revenue"], 0) for one in groups.values()) or 1
        heads = [head, self.env._("Customers"), self.env._("Revenue")]
        heads += [self.env._("Share of revenue")]
        rows = [
            [
                names[key],
                self._count_cell(one["customers"]),
                self._money_cell(one["revenue"]),
                self._share_cell(max(one["revenue"], 0) / total),
            ]
            for key, one in groups.items()
        ]
        if margins:
            heads.append(self.env._("Margin"))
            for key, row in zip(groups, rows, strict=True):
                row.append(self._money_cell(margins.get(key)))
        return _section(
            "table",
            title,
            note,
            heads=heads,
            rows=rows,
            keys=[*groups],
            opens=[self._opens_customers(field, key) for key in groups],
        )

    @api.model
    def _describe_clusters(self, clusters):
        if not clusters:
            return []
        silhouettes = clusters["silhouettes"]
        count = len(clusters["centres"])
        rows = [
            [
                self._name_cluster(centre, clusters["medians"]),
                self._count_cell(size),
                self._count_cell(centre[0]),
                self._count_cell(centre[1]),
                self._money_cell(centre[2]),
            ]
            for centre, size in zip(clusters["centres"], clusters["sizes"], strict=True)
        ]
        return [
            _section(
                "table",
                self.env._("Customers alike"),
                self.env._(
                    "%(count)s groups found in recency, purchases and revenue: of"
                    " %(least)s to %(most)s these are farthest apart (silhouette"
                    " %(value)s; 1 = wholly apart, 0 = not at all).",
                    count=count,
                    least=min(map(int, silhouettes)),
                    most=max(map(int, silhouettes)),
                    value=format_number(self.env, silhouettes[str(count)], 2),
                ),
                heads=[
                    self.env._("Group"),
                    self.env._("Customers"),
                    self.env._("Days since the last purchase"),
                    self.env._("Purchases"),
                    self.env._("Revenue (median)"),
                ],
                rows=rows,
                opens=[
                    self._opens_customers("cluster", str(one + 1))
                    for one in range(count)
                ],
            )
        ]

    @api.model
    def _name_cluster(self, centre, medians):
        """A cluster in words, by its centre beside the median of all customers."""
        recency, frequency, revenue = (
            one / max(median, 1) for one, median in zip(centre, medians, strict=True)
        )
        words = [
            self.env._("Large")
            if revenue >= MANY_TIMES
            else self.env._("Small")
            if revenue * MANY_TIMES <= 1
            else self.env._("Medium"),
            self.env._("buy often")
            if frequency >= MANY_TIMES
            else self.env._("buy rarely")
            if frequency * MANY_TIMES <= 1
            else self.env._("buy as often as most"),
            self.env._("silent for long")
            if recency >= MANY_TIMES
            else self.env._("bought recently")
            if recency * MANY_TIMES <= 1
            else self.env._("silent as long as most"),
        ]
        return ", ".join(words)

    @api.model
    def _describe_migration(self, migration):
        if not migration:
            return []
        field = self.env["kpi.bi.customer"]._fields["segment"]
        names = dict(field._description_selection(self.env))
        counts = np.array(migration["counts"])
        rows = [*(names[key] for key in SEGMENTS), self.env._("No customer yet")]
        shown = np.flatnonzero(counts.sum(axis=1))
        return [
            _section(
                "table",
                self.env._("Moved between segments"),
                self.env._(
                    "From rows to columns since %s, by the purchases known today.",
                    format_date(self.env, migration["since"]),
                ),
                heads=[self.env._("From"), *(names[key] for key in SEGMENTS)],
                rows=[
                    [rows[at]]
                    + [self._count_cell(one) if one else "" for one in counts[at, :-1]]
                    for at in shown
                ],
            )
        ]

    @api.model
    def _describe_cohorts(self, result, part=""):
        choices = [
            {"name": "cohorts", "label": self.env._("Month only")},
            {"name": "cohorts:region", "label": self.env._("Region")},
            {"name": "cohorts:channel", "label": self.env._("First channel")},
            {"name": "cohorts:category", "label": self.env._("First category")},
        ]
        if part:
            result = result._find_latest(result.company_id, f"cohorts:{part}")
        figures = result and result._get_figures()
        if not figures or not figures["months"]:
            return {"sections": [], "choices": choices}
        sections = (
            self._describe_groups_of_cohorts(figures)
            if part
            else [
                *self._describe_all_cohorts(result, figures),
                *self._describe_lives(figures.get("lives")),
            ]
        )
        return {"sections": sections, "choices": choices}

    @api.model
    def _describe_all_cohorts(self, result, figures):
        retention, value = figures["mean_retention"], figures["mean_value"]
        rows = [
            (self.env._("Customers who bought"), retention, self._share_cell),
            (
                self.env._("Revenue retained (NRR)"),
                figures["mean_net"],
                self._share_cell,
            ),
            (
                self.env._("Revenue retained, without growth (GRR)"),
                figures["mean_gross"],
                self._share_cell,
            ),
            (self.env._("Revenue per customer so far"), value, self._money_cell),
        ]
        margin = figures.get("margin")
        if isinstance(margin, dict) and any(
            one is not None for one in margin["mean_value"]
        ):
            name = self.env._("Margin per customer so far")
            rows.append((name, margin["mean_value"], self._money_cell))
        months = [one for one in SHOWN_MONTHS if one < len(retention)]
        return [
            _section(
                "table",
                self.env._("After so many months"),
                self.env._(
                    "Of all cohorts together, weighted by their customers; revenue of a"
                    " month beside that of the first one."
                ),
                heads=[self.env._("Month"), *map(str, months)],
                rows=[
                    [name, *(show(values[one]) for one in months)]
                    for name, values, show in rows
                ],
            ),
            _section(
                "triangle",
                self.env._("Cohorts"),
                self.env._(
                    "Customers by the month of their first purchase, and how many of"
                    " them bought again; empty = the month is not over."
                ),
                tile={"cohorts": self._draw_cohorts(result)["cohorts"]},
            ),
        ]

    @api.model
    def _describe_groups_of_cohorts(self, figures):
        months = [one for one in SHOWN_MONTHS if one < len(figures["mean_retention"])]
        heads = [self.env._("Customers"), *map(str, months)]
        groups = figures["groups"]
        return [
            _section(
                "table",
                title,
                note,
                heads=[*first, *heads],
                rows=[
                    [*map(one.get, keys), self._count_cell(one["customers"])]
                    + [show(one[name][month]) for month in months]
                    for one in rows
                ],
            )
            for title, note, first, rows, keys, name, show in (
                (
                    self.env._("Customers who bought again"),
                    self.env._("Share of all cohorts, so many months later."),
                    [""],
                    groups,
                    ["name"],
                    "retention",
                    self._share_cell,
                ),
                (
                    self.env._("Revenue per customer so far"),
                    self.env._("Up to so many months after the first purchase."),
                    [""],
                    groups,
                    ["name"],
                    "value",
                    self._money_cell,
                ),
                (
                    self.env._("Newest cohorts"),
                    self.env._("Share that bought again, so many months later."),
                    ["", self.env._("First purchase")],
                    figures["cohorts"],
                    ["name", "month"],
                    "retention",
                    self._share_cell,
                ),
            )
        ]

    @api.model
    def _describe_lives(self, lives):
        if not lives:
            return []
        median = lives["median"]
        low, high = lives["interval"]
        years = [
            self.env._("Half of the customers stay for less than %s years.", one)
            for one in [median and format_number(self.env, median / YEAR_DAYS, 1)]
            if one
        ] or [self.env._("More than half of the customers are customers still.")]
        if median and low and high:
            years.append(
                self.env._(
                    "With a probability of 95 %% it is between %(low)s and %(high)s.",
                    low=format_number(self.env, low / YEAR_DAYS, 1),
                    high=format_number(self.env, high / YEAR_DAYS, 1),
                )
            )
        return [
            _section(
                "table",
                self.env._("How long customers stay"),
                " ".join(
                    [
                        *years,
                        self.env._(
                            "They are gone a year after their last purchase; those who"
                            " are not count as long as they are known (Kaplan–Meier)."
                        ),
                    ]
                ),
                heads=[self.env._("Years"), self.env._("Still a customer")],
                rows=[
                    [str(year), self._share_cell(share)]
                    for year, share in enumerate(lives["years"], 1)
                ],
            )
        ]

    @api.model
    def _describe_lifetime_value(self, result):
        figures = result._get_figures()
        problem = figures["problem"]
        if problem:
            text = self.env._("No value can be told: %s.", problem)
            return {"sections": [_notes(self.env._("Why not"), [text])]}
        model, amounts = figures["purchases"], figures["amounts"]
        pause = 7 * model["alpha"] / model["r"]
        stops = model["a"] / (model["a"] + model["b"])
        notes = [
            self.env._(
                "While they are customers, they buy every %s days on average (BG/NBD).",
                format_number(self.env, pause, 0),
            ),
            self.env._(
                "After a purchase, %s of them never come back.",
                format_percent(self.env, stops),
            ),
            self.env._(
                "A repeat purchase comes to %s on average (Gamma-Gamma).",
                self._money_text(amounts["p"] * amounts["gamma"] / (amounts["q"] - 1)),
            ),
            self.env._(
                "Number and size of purchases go together by %s (1 = wholly, 0 = not at"
                " all); the model takes it to be 0.",
                format_number(self.env, amounts["correlation"] or 0, 2),
            ),
        ]
        return {
            "sections": [
                _numbers(
                    [
                        (
                            self.env._("Lifetime value of all"),
                            self._money_text(figures["value"]),
                            self.env._("Three years, 10 % a year off what comes later"),
                        ),
                        (
                            self.env._("Purchases expected"),
                            self._text_of(figures["expected_purchases"]),
                            self.env._("Within a year"),
                        ),
                    ]
                ),
                *self._describe_back_test(figures),
                _notes(self.env._("How they buy"), notes),
            ]
        }

    @api.model
    def _describe_back_test(self, figures):
        test = figures["back_test"]
        if "problem" in test:
            text = self.env._("It cannot be tried on the past: %s.", test["problem"])
            return [_notes(self.env._("How often it was right"), [text])]
        methods = {
            "bg_nbd": self.env._("Model (BG/NBD)"),
            "recent": self.env._("As in the last 13 weeks"),
            "constant": self.env._("As since the first purchase"),
        }
        purposes = {
            "total": self.env._(
                "Best for the total: %s.", methods[test["best"]["total"]]
            ),
            "customer": self.env._(
                "Best for each customer: %s.", methods[test["best"]["customer"]]
            ),
            "ranking": self.env._(
                "Best for a ranking: %s.", methods[test["best"]["ranking"]]
            ),
        }
        coverage = self.env._(
            "Intervals by the errors of the past held %s of them.",
            format_percent(self.env, test["coverage"], 0),
        )
        sections = [
            _section(
                "table",
                self.env._("How often it was right"),
                self.env._(
                    "Purchases in the 13 weeks after each day, as expected then: by how"
                    " much the total was missed."
                ),
                heads=[
                    self.env._("Method"),
                    *(format_date(self.env, day) for day in test["origins"]),
                ],
                rows=[
                    [name, *map(self._share_cell, errors)]
                    for name, errors in zip(
                        methods.values(), test["total_errors"], strict=True
                    )
                ],
            ),
            _notes("", [*purposes.values(), coverage, *test["problems"].values()]),
        ]
        if test.get("ranges"):
            rows = [
                {
                    "name": methods[one["method"]],
                    **{name: one[name] for name in ("low", "value", "high")},
                    "text": self._interval_text(
                        one["value"], one["low"], one["high"], self._text_of
                    ),
                }
                for one in test["ranges"]
            ]
            sections.append(
                _section(
                    "ranges",
                    self.env._("Purchases within 13 weeks"),
                    self.env._("With the errors of the past as interval."),
                    rows=rows,
                )
            )
        return sections

    @api.model
    def _draw_cohorts(self, result):
        """Share of the customers of each month that bought again, month by month."""
        figures = result._get_figures()
        first = max(len(figures["months"]) - SHOWN_COHORTS, 0)
        sizes = np.array(figures["sizes"], float)[first:, None]
        counts = np.array(figures["customers"], float)[first:, : SHOWN_COHORTS + 1]
        names = figures["months"][first:]
        shares = [[or_none(one) for one in row] for row in counts / sizes]
        means = figures["mean_retention"][: SHOWN_COHORTS + 1]
        heads = [self.env._("First Purchase"), self.env._("Customers")]
        heads += [str(number) for number in range(counts.shape[1])]
        rows = [
            [name, make_cell(str(int(size)), size), *map(self._share_or_nothing, row)]
            for name, size, row in zip(names, sizes[:, 0], shares, strict=True)
        ]
        mean = [self.env._("All"), "", *map(self._share_or_nothing, means)]
        return {
            "cohorts": {
                "months": names,
                "sizes": sizes[:, 0].tolist(),
                "shares": shares,
                "means": means,
                "company_id": result.company_id.id,
                "cutoff": str(result.cutoff_date),
                "can_open": self.env["kpi.bi.customer"].has_access("read"),
            },
            "table": {"heads": heads, "rows": [*rows, mean]},
        }

    @api.model
    def _draw_segments(self, result):
        """Customers by how recently and how often they bought; size is revenue."""
        segments = result._get_figures()["segments"]
        table = self._describe_groups(
            self.env._("Segment"),
            "segment",
            dict(sorted(segments.items(), key=lambda one: -one[1]["revenue"])),
        )
        return {
            "segments": {
                "company_id": result.company_id.id,
                "can_open": self.env["kpi.bi.customer"].has_access("read"),
                "rows": [
                    {
                        "key": key,
                        "name": row[0],
                        "amount": row[2]["text"],
                        **segments[key],
                    }
                    for key, row in zip(table["keys"], table["rows"], strict=True)
                ],
            },
            "table": {"heads": table["heads"], "rows": table["rows"]},
        }

    # Cells and texts

    @api.model
    def _opens_customers(self, field, value):
        company = self.env.company.id
        return (
            _opens("kpi.bi.customer", "open_group", company, field, value)
            if self.env["kpi.bi.customer"].has_access("read")
            else None
        )

    @api.model
    def _text_of(self, number):
        return format_number(self.env, number, 0)

    @api.model
    def _money_text(self, amount):
        return "–" if amount is None else self.env.company.currency_id.format(amount)

    @api.model
    def _money_cell(self, amount):
        if amount is None:
            return "–"
        decimals = self.env.company.currency_id.decimal_places
        return make_cell(self._money_text(amount), amount, decimals)

    @api.model
    def _count_cell(self, count):
        return make_cell(self._text_of(count), count)

    @api.model
    def _decimal_cell(self, number):
        if number is None:
            return "–"
        return make_cell(format_number(self.env, number, 1), number, 1)

    @api.model
    def _share_text(self, share):
        return "–" if share is None else format_percent(self.env, share)

    @api.model
    def _share_cell(self, share):
        text = self._share_text(share)
        return text if share is None else make_cell(text, share, 3)

    @api.model
    def _interval_text(self, value, low, high, write):
        return self.env._(
            "%(value)s (%(low)s to %(high)s)",
            value=write(value),
            low=write(low),
            high=write(high),
        )

    @api.model
    def _share_or_nothing(self, share):
        return "" if share is None else self._share_cell(share)


def _document_model(purchases):
    """Of the documents that a result of purchases counts."""
    is_of_orders = (purchases.parameters or {}).get("source") == "orders"
    return "sale.order" if is_of_orders else "account.move"


def make_cell(text, number, decimals=0):
    """A cell of a table that is a number in files, too."""
    return {"text": text, "number": float(number), "decimals": decimals}


def _section(kind, title="", note="", **body):
    return {"kind": kind, "title": title, "help": note, **body}


def _numbers(numbers):
    """A section of tuples: a name, a text and maybe a hint."""
    shown = [
        {"name": name, "text": text, "hint": "".join(hint)}
        for name, text, *hint in numbers
    ]
    return _section("numbers", numbers=shown)


def _notes(title, notes):
    return _section("notes", title, notes=notes)


def _opens(model, method, *args):
    """What a row of a page opens: a method that answers with an action."""
    return {"model": model, "method": method, "args": args}
