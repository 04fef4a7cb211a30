from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import ormcache

from odoo.addons.kpi_base.actions import open_list, show_notification
from odoo.addons.kpi_base.formatting import format_signed
from odoo.addons.kpi_base.schemas.base import Id, Word

from ..analytics.data_models.customer_models import SEGMENTS, YEAR_DAYS
from ..analytics.plain import plain
from .kpi_bi_analysis import ANALYST
from .page import Page, opens, read_text

OWN = "kpi_bi_dashboard"
ENDED = ("done", "failed")
SHOWN_MONTHS = (1, 2, 3, 6, 12, 24)
MOST_DOCUMENTS = 1000
MAX_RISKS = 5
SHOWN_COHORTS = 24
TILE_COHORTS, TILE_MONTHS = 16, 12  # what a tile has room for
COHORT_MEANS = ("retention", "net", "gross", "value")
# of cohorts by region, channel or category: table, rows, what they say of each month
COHORT_TABLES = (
    ("again", "groups", "retention"),
    ("worth", "groups", "value"),
    ("newest", "cohorts", "retention"),
)
LISTS = {
    "account.move": "account.action_move_out_invoice_type",
    "account.move.line": "account.action_account_moves_all",
    "crm.lead": "crm.crm_lead_action_pipeline",
    "sale.order": "sale.action_orders",
}


class KpiBiAnalysis(models.AbstractModel):
    """What the pages of the app show of the results.

    ``_describe_<name>(page, result)`` draws a ``Page`` by a layout. A name that ends
    in ``:part`` is one of the ``choices`` of its analysis, or its ``days`` as
    ``since..until``: its method takes the part as third argument.
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
        if not results.has_access("read"):
            raise AccessError(self._get_refusal())
        analysis, _colon, part = name.partition(":")
        describe = getattr(self, f"_describe_{analysis}", None)
        if analysis not in self._list_analyses() or not describe:
            raise UserError(self.env._("The page “%s” does not exist.", name))
        page, times = Page(self.env), {}
        if result := results._find_latest(self.env.company, analysis):
            describe(page, result, *filter(None, [part]))
            self._add_checks(page, result)
            times["cutoff"] = page.text(result.cutoff_date, "day")
            last, compared = self._find_last_run(), result.computed_at
            if last.state == "failed":
                times["failed"] = fields.Datetime.to_string(last.finished_at)
            elif last:  # what it found equal is as it was
                compared = max(compared, last.finished_at)
            times["computed"] = fields.Datetime.to_string(compared)
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
        return show_notification(self.env._("Update started. It takes a few minutes."))

    @api.model
    def open_dashboard(self):
        """Open the executive dashboard; before there is one, what there is."""
        ready = self.env.ref("kpi_bi_dashboard.kpi_gallery_dashboard_executive")
        # that it is installed is no secret; whether it opens is up to its reader
        board = ready.sudo().dashboard_id.sudo(False)
        if board and board.has_access("read"):
            return board.action_open()
        action = "kpi_bi_dashboard.kpi_bi_customer_page"
        if ready.has_access("read"):
            action = "kpi_tracking_dashboard.kpi_gallery_dashboard_action"
        return self.env["ir.actions.actions"]._for_xml_id(action)

    @api.model
    def open_documents(
        self,
        kind: Literal[tuple(LISTS)],
        document_ids: Annotated[list[Id], Field(max_length=MOST_DOCUMENTS)],
    ):
        """Open invoices, orders, entries or opportunities that a page counts."""
        return self._open_records(kind, document_ids)

    def _open_records(self, model, ids, name=""):
        self.env[model].check_access("read")
        values = {"display_name": name} if name else {}
        return open_list(self.env, LISTS[model], [("id", "in", ids)], **values)

    def _opens_documents(self, kind, ids):
        """What ``open_documents`` opens; nothing for who may not see the kind."""
        if not ids or not self.env[kind].has_access("read"):
            return None
        return opens("kpi.bi.analysis", "open_documents", kind, ids)

    def _opens_customers(self, field, value):
        if not self.env["kpi.bi.customer"].has_access("read"):
            return None
        return opens("kpi.bi.customer", "open_group", self.env.company.id, field, value)

    def _get_labels(self, model, field):
        """Label of each choice of a field."""
        return dict(self.env[model]._fields[field]._description_selection(self.env))

    def _get_refusal(self):
        return self.env._("You are not allowed to access the executive dashboard.")

    def _find_last_run(self, *states):
        """The newest run that is in one of these states, or has ended."""
        whose = [("bi_company_id", "in", [False, self.env.company.id])]
        runs = [("kind", "=", "bi"), ("state", "in", states or ENDED), *whose]
        # Readers of results are no officers, and may know of the runs they come from.
        return self.env["kpi.job"].sudo().search(runs, limit=1)

    def _get_empty_message(self):
        if self._find_last_run("queued", "running"):
            return self.env._("Purchases are being read and analyzed.")
        return self.env._(
            "No purchases yet. Posted invoices, confirmed orders or imported files "
            "are read each night."
        )

    @ormcache("name", "self.env.lang", cache="templates")
    def _get_layout(self, name):
        """The elements of a page, as its template says in the user's language."""
        tree, *_others = self.env["ir.qweb"]._get_template(f"{OWN}.page_{name}")
        return tree

    def _find_need(self, analysis):
        """What its page says an analysis needs other than purchases, and the action
        that leads there."""
        if hasattr(self, f"_describe_{analysis}"):
            for need in self._get_layout(analysis).iter("need"):
                return read_text(need), need.get("action")
        return None

    def _describe_need(self, analysis):
        """Why a page is empty, and the way to what it needs, for who may go it."""
        text, xml_id = self._find_need(analysis) or (
            self._get_empty_message(),
            f"{OWN}.kpi_bi_purchase_import_action",
        )
        # Actions are for their groups alone; the model says who may use it.
        action = self.env["ir.actions.act_window"].sudo()._for_xml_id(xml_id)
        may_go = self.env[action["res_model"]].has_access("create")
        way = may_go and {"action": xml_id, "name": action["name"]}
        return {"message": text, "way": way}

    def _add_checks(self, page, result):
        """What is odd in the purchases of a result, and the documents that are."""
        purchases = result._find_latest(result.company_id, "purchases")
        kind, texts = _document_model(purchases), page.words("checks")["odd"]
        rows = [
            {
                **odd,
                "text": texts[name],
                "opens": self._opens_documents(kind, odd["ids"]),
            }
            for name, odd in (purchases.checks or {}).items()
        ]
        page.draw("checks", {"rows": rows})

    def _describe_customers(self, page, result):
        figures = result._get_figures()
        if not (segments := figures["segments"]):
            return
        count = sum(one["customers"] for one in segments.values())
        names = self._get_labels("kpi.bi.customer", "churn_state")
        states = [
            {"text": name, "value": number, "share": number / count}
            for state, name in names.items()
            if (number := figures["states"].get(state))
        ]
        margins = figures.get("margin", {}).get("segments")
        values = {
            **figures,
            "count": count,
            "revenue": sum(one["revenue"] for one in segments.values()),
            "states": states,
            "map": {"segments": self._draw_segment_map(result)["segments"]},
            "finding": self._get_segments_title(page, segments),
            "risks": lambda: self._list_risks(result),
            "has_margins": margins,
            "segments": self._list_groups("segment", _by_revenue(segments), margins),
            "tiers": self._list_groups("tier", dict(sorted(figures["tiers"].items()))),
            **self._list_moves(page, figures["migration"]),
        }
        page.draw("customers", values)

    def _get_segments_title(self, page, segments):
        """What the largest segment brings, and what is at risk, in one sentence."""
        total = sum(max(one["revenue"], 0) for one in segments.values())
        names = self._get_labels("kpi.bi.customer", "segment")
        largest = max(segments, key=lambda key: segments[key]["revenue"])
        if not total:
            return self.env._("Segments")
        share = max(segments[largest]["revenue"], 0) / total
        words = {"segment": names[largest], "share": page.percent(share, 0)}
        title = self.env._("%(segment)s bring %(share)s of revenue", **words)
        if not (at_risk := segments.get("at_risk")) or largest == "at_risk":
            return title
        words["amount"] = page.text(at_risk["revenue"], "money")
        return self.env._(
            "%(segment)s bring %(share)s of revenue; %(amount)s is at risk", **words
        )

    def _list_risks(self, result):
        """The largest customers at risk, for readers of single customers."""
        customers = self.env["kpi.bi.customer"]
        if not customers.has_access("read"):
            return []
        domain = [("company_id", "=", result.company_id.id)]
        found = customers.search(
            [*domain, ("segment", "=", "at_risk")], limit=MAX_RISKS
        )
        return [
            {
                "name": one.display_name,
                "last": one.last_date,
                "usual": one.tenure_days
                and one.frequency
                and (one.tenure_days - one.recency_days) / max(one.frequency - 1, 1),
                "silence": one.recency_days,
                "revenue": one.monetary,
                "opens": opens("kpi.bi.customer", "get_formview_action", one.ids),
            }
            for one in found
        ]

    def _list_groups(self, field, groups, margins=None):
        """Customers and revenue of each group, with what opens its customers."""
        names = self._get_labels("kpi.bi.customer", field)
        total = sum(max(one["revenue"], 0) for one in groups.values()) or 1
        return [
            {
                **one,
                "key": key,
                "name": names[key],
                "share": max(one["revenue"], 0) / total,
                "margin": (margins or {}).get(key),
                "opens": self._opens_customers(field, key),
            }
            for key, one in groups.items()
        ]

    def _list_moves(self, page, migration):
        """How many customers came from each segment into which one."""
        names = self._get_labels("kpi.bi.customer", "segment")
        # a result of before a segment was added has fewer
        if not migration or len(migration["counts"]) != len(names) + 1:
            return {"moves": []}
        before = [*names.values(), page.words("customers")["before"]["none"]]
        rows = [
            {
                "from": name,
                **{key: one or "" for key, one in zip(names, row[:-1], strict=True)},
            }
            for name, row in zip(before, migration["counts"], strict=True)
            if any(row)
        ]
        return {"moves": rows, "names": names, "since": migration["since"]}

    def _describe_cohorts(self, page, result, part=""):
        words = page.words("cohorts")
        page.choose("cohorts", words["parts"])
        if part:
            result = result._find_latest(result.company_id, f"cohorts:{part}")
        figures = result and result._get_figures()
        if not figures or not figures["months"]:
            return
        shown = [one for one in SHOWN_MONTHS if one < len(figures["mean_retention"])]

        def by_month(row, means):
            return {**row, **{str(month): means[month] for month in shown}}

        values = {"months": {str(month): month for month in shown}}
        if part:
            for name, parts, means in COHORT_TABLES:
                rows = [by_month(one, one[means]) for one in figures[parts]]
                values[name] = rows
            page.draw("cohorts_by", values)
            return
        means = {name: figures[f"mean_{name}"] for name in COHORT_MEANS}
        margin = figures.get("margin", {}).get("mean_value", ())
        if any(one is not None for one in margin):
            # the curve ends where too few customers are followed
            unknown = len(figures["mean_retention"]) - len(margin)
            means["margin"] = [*margin, *[None] * unknown]
        values["means"] = [
            by_month(
                {"name": words["means"][name]}, [page.cell(one, kind) for one in row]
            )
            for name, row in means.items()
            for kind in ["money" if name in ("value", "margin") else "share"]
        ]
        values["triangle"] = self._draw_triangle(
            result, cohorts=SHOWN_COHORTS, last=SHOWN_COHORTS
        )
        page.draw("cohorts", values)
        page.draw("lives", self._get_lives(page, figures["lives"]))

    def _get_lives(self, page, lives):
        """How long customers stay, in years; nothing before one has left."""
        if not lives:
            return {"years": []}
        median, low, high = (
            one and page.text(one / YEAR_DAYS, "decimal")
            for one in (lives["median"], *lives["interval"])
        )
        known, expected = lives["years"], lives.get("expected", [])
        coming = self.env._("%s (forecast)")
        return {
            "years": [
                {"year": (coming if year > len(known) else "%s") % year, "share": share}
                for year, share in enumerate([*known, *expected], 1)
            ],
            "is_expected": expected,
            "median": median,
            "has_interval": median and low and high and low != high,
            "low": low,
            "high": high,
        }

    def _describe_lifetime_value(self, page, result):
        figures = result._get_figures()
        if figures["problem"]:
            page.draw("lifetime_value", figures)
            return
        model, amounts = figures["purchases"], figures["amounts"]
        values = {
            **figures,
            "is_known": True,
            "pause": 7 * model["alpha"] / model["r"],
            "stops": model["a"] / (model["a"] + model["b"]),
            "amount": amounts["p"] * amounts["gamma"] / (amounts["q"] - 1),
            "correlation": amounts["correlation"],
        }
        test, words = figures["back_test"], page.words("lifetime_value")["methods"]
        if "problem" in test:
            values["untested"] = test["problem"]
        else:
            days = {
                str(at): page.text(one, "day") for at, one in enumerate(test["origins"])
            }
            errors = zip(words.values(), test["total_errors"], strict=True)
            values |= {
                **test,
                "is_tested": True,
                "days": days,
                "errors": [
                    {"name": name, **dict(zip(days, shares, strict=True))}
                    for name, shares in errors
                ],
                "ranges": [
                    {**one, "name": words[one["method"]]} for one in test["ranges"]
                ],
                **{purpose: words[one] for purpose, one in test["best"].items()},
            }
        page.draw("lifetime_value", values)

    def _draw_triangle(
        self, result, _reading=None, *, cohorts=TILE_COHORTS, last=TILE_MONTHS
    ):
        """Share of the customers of each month that bought again, month by month."""
        page, figures = Page(self.env), result._get_figures()
        months, sizes = (figures[name][-cohorts:] for name in ("months", "sizes"))
        names = [page.text(month, "month") for month in months]
        counts = np.array(figures["customers"][-cohorts:], float)[:, : last + 1]
        shares = plain(counts / np.array(sizes)[:, None])
        means = figures["mean_retention"][: last + 1]

        def cell(share):
            if share is None:
                return ""
            # as short as on the screen: there are many of them side by side
            text = page.percent(share, int(0 < share < 0.1))
            return {"text": text, "number": share, "decimals": 3, "is_shaded": True}

        heads = [self.env._("First purchase"), self.env._("Customers")]
        heads += map(str, range(counts.shape[1]))
        rows = [*zip(names, sizes, shares, strict=True), (self.env._("All"), "", means)]
        rows = [
            [name, page.cell(size, "count"), *map(cell, row)]
            for name, size, row in rows
        ]
        return {
            "cohorts": {
                "months": months,
                "names": names,
                "sizes": sizes,
                "shares": shares,
                "means": means,
                "company_id": result.company_id.id,
                "cutoff": str(result.cutoff_date),
                "can_open": self.env["kpi.bi.customer"].has_access("read"),
            },
            "table": {"heads": heads, "rows": rows},
        }

    def _draw_ranges(self, result, _reading=None):
        """All intervals of an analysis, on one axis for each of its sections."""
        page = Page(self.env, "ranges")
        if describe := getattr(self, f"_describe_{result.analysis}", None):
            describe(page, result)
        if not (parts := page.sections):
            need = self._find_need(result.analysis)
            message = need[0] if need else self.env._("No ranges yet.")
            return {"state": "no_data", "message": message}
        rows = [
            ["" if at else part["title"], row["name"], row["text"]]
            for part in parts
            for at, row in enumerate(part["rows"])
        ]
        heads = ["", self.env._("Name"), self.env._("Value and range")]
        return {"ranges": parts, "table": {"heads": heads, "rows": rows}}

    def _draw_segment_map(self, result, _reading=None):
        """Customers by how recently and how often they bought; size is revenue."""
        page, segments = Page(self.env), _by_revenue(result._get_figures()["segments"])
        rows = self._list_groups("segment", segments)
        page.draw("segments", {"segments": rows})
        changes = _count_changes(result._get_figures()["migration"])
        for row in rows:
            for name, kind in (("exact", "exact"), ("amount", "money")):
                row[name] = page.text(row["revenue"], kind)
            change = changes.get(row["key"])
            row["change"] = ""
            if change is not None:
                size = page.text(abs(change))
                row["change"] = format_signed(self.env, change, size)
        can_open = self.env["kpi.bi.customer"].has_access("read")
        shown = {"company_id": result.company_id.id, "can_open": can_open, "rows": rows}
        return {"segments": shown, "table": page.sections[0]}


def _by_revenue(segments):
    return dict(sorted(segments.items(), key=lambda one: -one[1]["revenue"]))


def _count_changes(migration):
    """Segment → customers who joined it less those who left it; {} if not known."""
    # a result of before a segment was added has fewer
    if not migration or len(migration["counts"]) != len(SEGMENTS) + 1:
        return {}
    counts = np.array(migration["counts"])
    changes = counts.sum(axis=0) - counts.sum(axis=1)
    return dict(zip(SEGMENTS, changes.tolist(), strict=False))


def _document_model(purchases):
    """Of the documents that a result of purchases counts."""
    is_of_orders = (purchases.parameters or {}).get("source") == "orders"
    return "sale.order" if is_of_orders else "account.move"
