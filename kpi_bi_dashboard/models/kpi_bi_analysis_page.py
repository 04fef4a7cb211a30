# pylint: disable=prefer-env-translation  # _ is self.env._ in each method
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.actions import open_list, show_notification
from odoo.addons.kpi_base.percent import format_number, format_percent
from odoo.addons.kpi_base.schemas.base import Id, Word

from ..analytics.data_models.customer_models import SEGMENTS, YEAR_DAYS
from .page import Page, opens

OWN = "kpi_bi_dashboard"
ANALYST = "kpi_bi_dashboard.kpi_bi_dashboard_group_analyst"
SHOWN_MONTHS = (1, 2, 3, 6, 12, 24)
MOST_DOCUMENTS = 1000
SHOWN_COHORTS = 24
TILE_COHORTS, TILE_MONTHS = 16, 12  # what a tile has room for
MANY_TIMES = 2  # the median: of a cluster that is called large, frequent or silent
LISTS = {
    "account.move": "account.action_move_out_invoice_type",
    "account.move.line": "account.action_account_moves_all",
    "crm.lead": "crm.crm_lead_action_pipeline",
    "sale.order": "sale.action_orders",
}


class KpiBiAnalysis(models.AbstractModel):
    """What the pages of the app show of the results.

    ``_describe_<name>(page, result)`` fills a ``Page``. A name that ends in ``:part``
    is one of the ``choices`` of its analysis, or its ``days`` as ``since..until``:
    its method takes the part as third argument.
    """

    _inherit = "kpi.bi.analysis"

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
        page, times = Page(self.env), {}
        if result := results._find_latest(self.env.company, analysis):
            describe(page, result, *filter(None, [part]))
            self._add_checks(page, result)
            times["cutoff"] = page.text(result.cutoff_date, "day")
            times["computed"] = fields.Datetime.to_string(result.computed_at)
        return {
            "name": name,
            "titles": self._get_titles(),
            "company": self.env.company.name,
            "can_update": self.env.user.has_group(ANALYST),
            **{name: getattr(page, name) for name in ("sections", "choices", "days")},
            **({} if page.sections else self._describe_need(analysis)),
            **times,
        }

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
        kind: Literal[tuple(LISTS)],
        ids: Annotated[list[Id], Field(max_length=MOST_DOCUMENTS)],
    ):
        """Open invoices, orders, entries or opportunities that a page counts."""
        return self._open_records(kind, ids)

    def _open_records(self, model, ids, name=""):
        self.env[model].check_access("read")
        values = {"display_name": name} if name else {}
        return open_list(self.env, LISTS[model], [("id", "in", ids)], **values)

    def _opens_documents(self, kind, ids):
        return opens("kpi.bi.analysis", "open_documents", kind, ids)

    def _opens_customers(self, field, value):
        company = self.env.company.id
        can_open = self.env["kpi.bi.customer"].has_access("read")
        link = opens("kpi.bi.customer", "open_group", company, field, value)
        return link if can_open else None

    def _get_labels(self, model, field):
        """Label of each choice of a field."""
        selection = self.env[model]._fields[field]
        return dict(selection._description_selection(self.env))

    def _get_empty_message(self):
        whose = [("bi_company_id", "in", [False, self.env.company.id])]
        runs = [("kind", "=", "bi"), ("state", "in", ["queued", "running"]), *whose]
        # Readers of results are no officers, and may know that the next ones come.
        if self.env["kpi.job"].sudo().search_count(runs, limit=1):
            return self.env._("Purchases are being read and analysed.")
        return self.env._(
            "No purchases yet: they come from posted invoices, confirmed orders or"
            " imported files, each night."
        )

    def _get_needs(self):
        """What analyses need other than purchases, and the action that leads there."""
        _ = self.env._
        spend, pipeline = f"{OWN}.kpi_bi_spend_action", LISTS["crm.lead"]
        deals = _("No opportunities yet."), pipeline
        benchmarks = _("Needs opportunities closed within a year, and benchmarks.")
        spent = _("Nothing spent yet: enter it, or name a plan in the settings.")
        touched = _("No buyer met a channel yet: give leads and orders a source.")
        leads = _("No leads that are 90 days old yet: they come from CRM.")
        markets = _("No markets yet. Enter their sizes, by year.")
        return {
            "pipeline": deals,
            "pipeline_change": deals,
            "acquisition": (spent, spend),
            "budget": (spent, spend),
            "attribution": (touched, f"{OWN}.kpi_bi_marketing_import_action"),
            "funnel": (leads, pipeline),
            "market": (markets, f"{OWN}.kpi_bi_market_action"),
            "performance": (benchmarks, f"{OWN}.kpi_bi_benchmark_action"),
        }

    def _describe_need(self, analysis):
        """Why a page is empty, and the way to what it needs, for who may go it."""
        text, xml_id = self._get_needs().get(analysis) or (
            self._get_empty_message(),
            f"{OWN}.kpi_bi_purchase_import_action",
        )
        # Actions are for their groups alone; the model says who may use it.
        action = self.env["ir.actions.act_window"].sudo()._for_xml_id(xml_id)
        may_go = self.env[action["res_model"]].has_access("create")
        way = may_go and {"action": xml_id, "name": action["name"]}
        return {"message": text, "way": way}

    def _add_checks(self, page, result):
        """What is odd in the data of a result, and the documents that are."""
        _ = self.env._
        purchases = result._find_latest(result.company_id, "purchases")
        kind = _document_model(purchases)
        texts = {
            "unpriced": _("In a currency without a rate on that day"),
            "future": _("Dated in the future: not counted yet"),
            "moved": _("Lines changed past their documents, since the last update"),
            "late": _("Posted into a later month than that of the invoice"),
        }
        rows, links = [], []
        for name, odd in {**(purchases.checks or {}), **(result.checks or {})}.items():
            text = texts.get(name) or name.replace("_", " ").capitalize()
            if isinstance(odd, str):
                text, odd = odd, {}
            elif not isinstance(odd, dict):
                odd = {"count": odd if isinstance(odd, int) else len(odd)}
            rows.append((text, odd.get("count", "")))
            ids = odd.get("ids")
            links.append(ids and self._opens_documents(kind, ids))
        heads = _("In the data"), (_("Documents"), "count")
        page.table(_("Worth a look"), rows, *heads, opens=links)

    def _describe_customers(self, page, result):
        _, text, figures = self.env._, page.text, result._get_figures()
        segments, states = figures["segments"], figures["states"]
        if not segments:
            return
        count = sum(one["customers"] for one in segments.values())
        revenue = sum(one["revenue"] for one in segments.values())
        names = self._get_labels("kpi.bi.customer", "churn_state")
        in_state = {
            state: (name, state, "count", _("%s of all", text(number / count, "share")))
            for state, name in names.items()
            if (number := states.get(state))
        }
        page.numbers(
            {**figures, **states, "count": count, "revenue": revenue},
            (_("Customers"), "count", "count"),
            (_("Revenue"), "revenue", "money"),
            *in_state.values(),
            (_("Health"), "health", "count", _("Mean, 0 to 100")),
        )
        page.add(
            "segment_map",
            _("Segments"),
            _("By how recently and how often customers bought, beside the others."),
            tile={"segments": self._draw_segments(result)["segments"]},
        )
        margins = figures.get("margin", {}).get("segments")
        title = _("Segments in figures")
        self._add_groups(page, title, "segment", _by_revenue(segments), margins)
        note = _(
            "A: the largest customers who bring 80 % of the revenue, B up to 95 %, C:"
            " the others."
        )
        tiers = dict(sorted(figures["tiers"].items()))
        self._add_groups(page, _("Tiers"), "tier", tiers, note=note)
        self._add_clusters(page, figures["clusters"])
        self._add_migration(page, figures["migration"])

    def _add_groups(self, page, title, field, groups, margins=None, note=""):
        """A table of customers and revenue, with the customers of each row."""
        _ = self.env._
        names = self._get_labels("kpi.bi.customer", field)
        label = self.env["kpi.bi.customer"]._fields[field]
        total = sum(max(one["revenue"], 0) for one in groups.values()) or 1
        rows = [
            (names[key], one["customers"], one["revenue"])
            + (max(one["revenue"], 0) / total, (margins or {}).get(key))
            for key, one in groups.items()
        ]
        page.table(
            title,
            rows if margins else [row[:-1] for row in rows],
            label._description_string(self.env),
            (_("Customers"), "count"),
            (_("Revenue"), "money"),
            (_("Share of revenue"), "share"),
            *([(_("Margin"), "money")] if margins else []),
            note=note,
            opens=[self._opens_customers(field, key) for key in groups],
        )

    def _add_clusters(self, page, clusters):
        if not clusters:
            return
        _, silhouettes = self.env._, clusters["silhouettes"]
        count = len(clusters["centres"])
        found = zip(clusters["centres"], clusters["sizes"], strict=True)
        columns = (
            _("Group"), (_("Customers"), "count"),
            (_("Days since the last purchase"), "count"), (_("Purchases"), "count"),
            (_("Revenue (median)"), "money"),
        )  # fmt: skip
        page.table(
            _("Customers alike"),
            [
                (self._name_cluster(centre, clusters["medians"]), size, *centre)
                for centre, size in found
            ],
            *columns,
            note=_(
                "%(count)s groups found in recency, purchases and revenue: of %(least)s"
                " to %(most)s these are farthest apart (silhouette %(value)s; 1 ="
                " wholly apart, 0 = not at all).",
                count=count,
                least=min(map(int, silhouettes)),
                most=max(map(int, silhouettes)),
                value=format_number(self.env, silhouettes[str(count)], 2),
            ),
            opens=[self._opens_customers("cluster", str(1 + n)) for n in range(count)],
        )

    def _name_cluster(self, centre, medians):
        """A cluster in words, by its centre beside the median of all customers."""
        _ = self.env._
        words = (
            (_("silent for long"), _("bought recently"), _("silent as long as most")),
            (_("buy often"), _("buy rarely"), _("buy as often as most")),
            (_("Large"), _("Small"), _("Medium")),
        )
        shares = [
            one / max(usual, 1) for one, usual in zip(centre, medians, strict=True)
        ]
        names = [
            many if one >= MANY_TIMES else few if one * MANY_TIMES <= 1 else usual
            for one, (many, few, usual) in zip(shares, words, strict=True)
        ]
        return ", ".join(reversed(names))

    def _add_migration(self, page, migration):
        if not migration:
            return
        _, names = self.env._, self._get_labels("kpi.bi.customer", "segment")
        counts = np.array(migration["counts"])
        rows = [*(names[key] for key in SEGMENTS), _("No customer yet")]
        page.table(
            _("Moved between segments"),
            [
                (rows[at], *(one or "" for one in counts[at, :-1].tolist()))
                for at in np.flatnonzero(counts.sum(axis=1))
            ],
            _("From"),
            *((names[key], "count") for key in SEGMENTS),
            note=_(
                "From rows to columns since %s, by the purchases known today.",
                page.text(migration["since"], "day"),
            ),
        )

    def _describe_cohorts(self, page, result, part=""):
        _ = self.env._
        labels = {
            "": _("Month only"), "region": _("Region"),
            "channel": _("First channel"), "category": _("First category"),
        }  # fmt: skip
        page.choose("cohorts", labels)
        if part:
            result = result._find_latest(result.company_id, f"cohorts:{part}")
        figures = result and result._get_figures()
        if not figures or not figures["months"]:
            return
        if part:
            self._add_groups_of_cohorts(page, figures)
            return
        self._add_means_of_cohorts(page, figures)
        page.add(
            "triangle",
            _("Cohorts"),
            _(
                "Customers by the month of their first purchase, and how many of them"
                " bought again; empty = the month is not over."
            ),
            tile=self._draw_cohorts(result, SHOWN_COHORTS, SHOWN_COHORTS),
        )
        self._add_lives(page, figures["lives"])

    def _add_means_of_cohorts(self, page, figures):
        _, margin = self.env._, figures.get("margin")
        rows = [
            (_("Customers who bought"), "retention", "share"),
            (_("Revenue retained (NRR)"), "net", "share"),
            (_("Revenue retained, without growth (GRR)"), "gross", "share"),
            (_("Revenue per customer so far"), "value", "money"),
        ]
        means = {name: figures[f"mean_{name}"] for _label, name, _kind in rows}
        if margin and any(one is not None for one in margin["mean_value"]):
            means["margin"] = margin["mean_value"]
            rows.append((_("Margin per customer so far"), "margin", "money"))
        months = [one for one in SHOWN_MONTHS if one < len(means["retention"])]
        page.table(
            _("After so many months"),
            [
                (label, *(page.cell(means[name][one], kind) for one in months))
                for label, name, kind in rows
            ],
            _("Month"),
            *map(str, months),
            note=_(
                "Of all cohorts together, weighted by their customers; revenue of a"
                " month beside that of the first one."
            ),
        )

    def _add_groups_of_cohorts(self, page, figures):
        _, groups = self.env._, figures["groups"]
        months = [one for one in SHOWN_MONTHS if one < len(figures["mean_retention"])]
        again, value = _("Customers who bought again"), _("Revenue per customer so far")
        later = _("Share of all cohorts, so many months later.")
        until = _("Up to so many months after the first purchase.")
        newest = _("Share that bought again, so many months later.")
        first = ["", _("First purchase")]
        cohorts = [
            {**one, "month": page.text(f"{one['month']}-01", "month")}
            for one in figures["cohorts"]
        ]
        for title, note, heads, rows, name, kind in (
            (again, later, [""], groups, "retention", "share"),
            (value, until, [""], groups, "value", "money"),
            (_("Newest cohorts"), newest, first, cohorts, "retention", "share"),
        ):
            keys = ("name", "month")[: len(heads)]
            page.table(
                title,
                [
                    (
                        *map(one.get, (*keys, "customers")),
                        *(one[name][m] for m in months),
                    )
                    for one in rows
                ],
                *heads,
                (_("Customers"), "count"),
                *((str(month), kind) for month in months),
                note=note,
            )

    def _add_lives(self, page, lives):
        if not lives:
            return
        _, median = self.env._, lives["median"]
        ends = [
            one and page.text(one / YEAR_DAYS, "decimal") for one in lives["interval"]
        ]
        notes = [_("More than half of the customers are customers still.")]
        if median:
            years = page.text(median / YEAR_DAYS, "decimal")
            notes = [_("Half of the customers stay for less than %s years.", years)]
        if median and all(ends) and ends[0] != ends[1]:
            names = dict(zip(("low", "high"), ends, strict=True))
            text = _("With a probability of 95 %% it is between %(low)s and %(high)s.")
            notes.append(text % names)
        notes.append(
            _(
                "They are gone a year after their last purchase; those who are not"
                " count as long as they are known (Kaplan–Meier)."
            )
        )
        page.table(
            _("How long customers stay"),
            [(str(year), share) for year, share in enumerate(lives["years"], 1)],
            _("Years"),
            (_("Still a customer"), "share"),
            note=" ".join(notes),
        )

    def _describe_lifetime_value(self, page, result):
        _, text, figures = self.env._, page.text, result._get_figures()
        if problem := figures["problem"]:
            note = _("No value can be given: %s.", problem)
            page.notes(note, title=_("Why not"))
            return
        model, amounts = figures["purchases"], figures["amounts"]
        year = _("Within a year")
        worth = _("Three years, 10 % a year off what comes later")
        page.numbers(
            figures,
            (_("Lifetime value of all"), "value", "money", worth),
            (_("Purchases expected"), "expected_purchases", "count", year),
        )
        self._add_back_test(page, figures["back_test"])
        stops = model["a"] / (model["a"] + model["b"])
        amount = amounts["p"] * amounts["gamma"] / (amounts["q"] - 1)
        page.notes(
            _(
                "While they are customers, they buy every %s days on average (BG/NBD).",
                text(7 * model["alpha"] / model["r"]),
            ),
            _("After a purchase, %s of them never come back.", text(stops, "share")),
            _(
                "A repeat purchase comes to %s on average (Gamma-Gamma).",
                text(amount, "money"),
            ),
            _(
                "Number and size of purchases go together by %s (1 = wholly, 0 = not at"
                " all); the model takes it to be 0.",
                format_number(self.env, amounts["correlation"] or 0, 2),
            ),
            title=_("How they buy"),
        )

    def _add_back_test(self, page, test):
        _ = self.env._
        title = _("How often it was right")
        if "problem" in test:
            note = _("It cannot be tried on the past: %s.", test["problem"])
            page.notes(note, title=title)
            return
        methods = {
            "bg_nbd": _("Model (BG/NBD)"),
            "recent": _("As in the last 13 weeks"),
            "constant": _("As since the first purchase"),
        }
        errors = zip(methods.values(), test["total_errors"], strict=True)
        page.table(
            title,
            [(name, *shares) for name, shares in errors],
            _("Method"),
            *((page.text(day, "day"), "share") for day in test["origins"]),
            note=_(
                "Purchases in the 13 weeks after each day, as expected then: by how"
                " much the total was missed."
            ),
        )
        best = {purpose: methods[method] for purpose, method in test["best"].items()}
        page.notes(
            _("Best for the total: %s.", best["total"]),
            _("Best for each customer: %s.", best["customer"]),
            _("Best for a ranking: %s.", best["ranking"]),
            _(
                "Intervals by the errors of the past held %s of them.",
                format_percent(self.env, test["coverage"], 0),
            ),
            *test["problems"].values(),
        )
        page.ranges(
            _("Purchases within 13 weeks"),
            [
                (methods[one["method"]], *map(one.get, ("value", "low", "high")))
                for one in test["ranges"]
            ],
            note=_("With the errors of the past as interval."),
        )

    def _draw_cohorts(self, result, cohorts=TILE_COHORTS, last=TILE_MONTHS):
        """Share of the customers of each month that bought again, month by month."""
        page, figures = Page(self.env), result._get_figures()
        first = max(len(figures["months"]) - cohorts, 0)
        sizes = np.array(figures["sizes"], float)[first:, None]
        counts = np.array(figures["customers"], float)[first:, : last + 1]
        months = figures["months"][first:]
        names = [page.text(f"{month}-01", "month") for month in months]
        shares = counts / sizes
        shares = np.where(np.isnan(shares), None, shares).tolist()
        means = figures["mean_retention"][: last + 1]

        def cell(share):
            if share is None:
                return ""
            # as short as on the screen: there are many of them side by side
            text = format_percent(self.env, share, int(0 < share < 0.1))
            return {"text": text, "number": share, "decimals": 3, "is_shaded": True}

        heads = [self.env._("First purchase"), self.env._("Customers")]
        heads += map(str, range(counts.shape[1]))
        rows = [*zip(names, sizes[:, 0], shares, strict=True)]
        rows = [
            [name, page.cell(size, "count"), *map(cell, row)]
            for name, size, row in [*rows, (self.env._("All"), "", means)]
        ]
        return {
            "cohorts": {
                "months": months,
                "names": names,
                "sizes": sizes[:, 0].tolist(),
                "shares": shares,
                "means": means,
                "company_id": result.company_id.id,
                "cutoff": str(result.cutoff_date),
                "can_open": self.env["kpi.bi.customer"].has_access("read"),
            },
            "table": {"heads": heads, "rows": rows},
        }

    def _draw_segments(self, result):
        """Customers by how recently and how often they bought; size is revenue."""
        page, segments = Page(self.env), _by_revenue(result._get_figures()["segments"])
        self._add_groups(page, "", "segment", segments)
        (table,) = page.sections
        rows = [
            {"key": key, "name": row[0], "exact": row[2]["text"], **segment}
            | {"amount": page.text(segment["revenue"], "money")}
            for (key, segment), row in zip(segments.items(), table["rows"], strict=True)
        ]
        can_open = self.env["kpi.bi.customer"].has_access("read")
        company = result.company_id.id
        segments = {"company_id": company, "can_open": can_open, "rows": rows}
        return {"segments": segments, "table": table}


def _by_revenue(segments):
    return dict(sorted(segments.items(), key=lambda one: -one[1]["revenue"]))


def _document_model(purchases):
    """Of the documents that a result of purchases counts."""
    is_of_orders = (purchases.parameters or {}).get("source") == "orders"
    return "sale.order" if is_of_orders else "account.move"
