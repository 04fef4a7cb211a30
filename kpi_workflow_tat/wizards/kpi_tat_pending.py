from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.formatting import (
    format_number,
    format_percent,
    format_significant,
)

from ..html_table import write_table
from ..models.kpi_tat_analysis import estimate_duration

MOST_GROUPS = 20
WIDE = "text-end d-none d-sm-table-cell"
CLASSES = ("", "text-end", "text-end", "text-end", WIDE, WIDE)


class KpiTatPending(models.TransientModel):
    """How long requests are pending, open ones included with their age so far.

    Everything is computed in the open form, of the requests that the reader sees.
    """

    _name = "kpi.tat.pending"
    _description = "Pending Time"

    group_by = fields.Selection(
        [
            ("template_id", "Template"),
            ("priority", "Priority"),
            ("department_id", "Department"),
        ],
        "By",
        required=True,
        default="template_id",
    )
    days = fields.Selection(
        [("90", "Last 90 Days"), ("365", "Last 365 Days")],
        "Submitted In",
        required=True,
        default="365",
    )
    headline = fields.Char(compute="_compute_answer")
    answer = fields.Html(string="Result", compute="_compute_answer", sanitize=False)

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("group_by", "days")
    def _compute_answer(self):
        for one in self:
            groups = one._read_groups()
            curve = estimate_duration([row for rows in groups.values() for row in rows])
            one.headline = one._say_headline(curve)
            one.answer = bool(groups) and one._write_table(groups)

    def _read_groups(self):
        """What requests are counted by → pairs: hours until the decision, or so far,
        and whether there was one. Open ones and withdrawn ones had none."""
        requests = self.env["kpi.tat.request"]
        since = fields.Datetime.now() - timedelta(days=int(self.days))
        domain = Domain("submitted_at", ">", since) & Domain("is_test", "=", False)
        query = requests._search(domain)

        def column(name):
            return requests._field_to_sql(query.table, name, query)

        found = defaultdict(list)
        for key, *row in self.env.execute_query(
            query.select(
                column(self.group_by),
                SQL(
                    "EXTRACT(epoch FROM COALESCE(%s, %s) - %s)::float8 / 3600",
                    column("decided_at"),
                    fields.Datetime.now(),
                    column("submitted_at"),
                ),
                SQL(
                    "COALESCE(%s IN ('approved', 'rejected'), FALSE)",
                    column("approval_state"),
                ),
            )
        ):
            found[key].append(row)
        return found

    def _say_headline(self, curve):
        if not len(curve.times) and not curve.censored:
            return self.env._("No requests submitted in this period.")
        median = curve.time_until(0.5)
        if median is None:
            return self.env._(
                "No median yet: fewer than half the requests are decided."
            )
        low, high = curve.median_interval()
        return self.env._(
            "Half the requests are decided within %(median)s (likely %(low)s to "
            "%(high)s).",
            median=self._say_hours(median),
            low=self._say_hours(low),
            high=self._say_hours(high),
        )

    def _write_table(self, groups):
        names, rows = self._name_groups(groups), []
        for key in sorted(groups, key=lambda key: -len(groups[key]))[:MOST_GROUPS]:
            curve = estimate_duration(groups[key])
            low, high = curve.median_interval()
            rows.append(
                (
                    names[key],
                    int(curve.ended.sum()),
                    curve.censored,
                    self._say_hours(curve.time_until(0.5)),
                    f"{self._say_hours(low)} – {self._say_hours(high)}",
                    self._say_hours(curve.time_until(0.9)),
                )
            )
        choices = self._fields["group_by"]._description_selection(self.env)
        titles = (
            dict(choices)[self.group_by],
            self.env._("Decided"),
            self.env._("Open"),
            self.env._("Half within"),
            self.env._("Likely range"),
            self.env._("%s within", format_percent(self.env, 0.9, 0)),
        )
        return write_table(titles, rows, classes=CLASSES, is_named=True)

    def _name_groups(self, groups):
        """Key → its name as people read it."""
        field = self.env["kpi.tat.request"]._fields[self.group_by]
        if field.type == "selection":
            return dict(field._description_selection(self.env))
        # Whoever sees the requests sees what they are about.
        records = self.env[field.comodel_name].sudo().browse(filter(None, groups))
        names = {record.id: record.display_name for record in records}
        return {**names, None: self.env._("None")}

    def _say_hours(self, hours):
        """Hours in three digits; minutes below one hour, days from two weeks on.

        A dash where none is known.
        """
        if hours is None:
            return "–"
        if hours < 1:
            return self.env._("%s min", round(60 * hours))
        if hours >= 14 * 24:
            return self.env._("%s days", format_number(self.env, hours / 24, 0))
        return self.env._("%s h", format_significant(self.env, hours, 3))
