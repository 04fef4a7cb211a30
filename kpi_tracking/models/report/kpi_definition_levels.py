from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_form

from .kpi_report import SCOPE_MODELS

MAX_SCOPES = 200  # persons or departments that a new KPI is tracked for
# Choice of the form → scopes that a new KPI is tracked for.
LEVELS = {
    "company": ("company",),
    "department": ("company", "department"),
    "user": ("company", "department", "user"),
    "me": ("company", "user"),
    "none": (),
}


class KpiDefinition(models.Model):
    """A new definition is tracked with its first save: nobody has to do it later."""

    _inherit = "kpi.definition"

    tracked_levels = fields.Selection(
        [
            ("company", "The Company"),
            ("department", "The Company and Departments"),
            ("user", "The Company, Departments and People"),
            ("me", "The Company and Me"),
            ("none", "Not Tracked Yet"),
        ],
        "Track For",
        compute="_compute_tracked_levels",
        readonly=False,
        exportable=False,
    )
    tracked_in_words = fields.Char(
        "Tracked KPIs", compute="_compute_tracked_in_words", exportable=False
    )
    shows_options = fields.Boolean("More Options", store=False, exportable=False)

    @api.depends_context("kpi_for_me")
    def _compute_tracked_levels(self):
        """Track new ones for the company, unless their form is part of another one."""
        is_part = self.env.context.get("kpi_for_me")
        for definition in self:
            is_new = not definition._origin and not is_part
            definition.tracked_levels = "company" if is_new else False

    @api.depends(
        "tracked_levels",
        "company_id",
        "component_ids",
        "computation",
        "department_field",
        "domain",
        "external_measure",
        "external_source",
        "model_name",
        "owner_id",
        "user_field",
    )
    @api.depends_context("company", "lang", "uid")
    def _compute_tracked_in_words(self):
        for definition in self:
            levels = definition.tracked_levels
            words = definition._describe_levels() if levels and levels != "none" else ""
            definition.tracked_in_words = words

    def _describe_levels(self):
        """How many KPIs a new definition becomes, and who is responsible, in words."""
        levels = self.tracked_levels
        counts = {
            scope_type: len(self._find_tracked_scopes(scope_type, levels))
            for scope_type in LEVELS.get(levels, ())
        }
        texts = {
            "company": (self.env._("%s company"), self.env._("%s companies")),
            "department": (self.env._("%s department"), self.env._("%s departments")),
            "user": (self.env._("%s person"), self.env._("%s people")),
        }
        parts = [
            texts[scope_type][count != 1] % count
            for scope_type, count in counts.items()
            if count
        ]
        total = sum(counts.values())
        words = self.env._("1 KPI: %s.", parts[0]) if total == 1 else ""
        if total > 1:
            words = self.env._(
                "%(count)s KPIs: %(parts)s.", count=total, parts=", ".join(parts)
            )
        if self.owner_id == self.env.user:
            return f"{words} " + self.env._("Responsible: you.")
        if self.owner_id:
            return f"{words} " + self.env._("Responsible: %s.", self.owner_id.name)
        return words

    def _find_tracked_scopes(self, scope_type, levels):
        """Records of a kind of scope that a new definition is tracked for.

        The company; persons and departments for which records count now, or all of the
        company where that is not said by a field of the records. None of those that
        values do not reach.

        :param levels: a key of ``LEVELS``
        """
        company = self.company_id or self.env.company
        if scope_type == "company":
            return company
        scopes = self.env[SCOPE_MODELS[scope_type]]
        if scope_type not in self._get_reachable_scope_types():
            return scopes
        if levels == "me":
            return self.env.user
        path = self.user_field if scope_type == "user" else self.department_field
        if self.computation == "records" and path and "." not in path:
            return self._find_counted_scopes(scopes, path)
        rules = self.env["kpi.tracking.rule"]
        return rules._matching_scopes(scope_type, "[]", company)[:MAX_SCOPES]

    def _find_counted_scopes(self, scopes, path):
        """The persons or departments that records of this KPI count for.

        None where that takes longer than people wait, or the filter is not complete.
        """
        try:
            found = self._fetch_counted_ids(path)
        except (AccessError, ValidationError, ValueError):
            return scopes
        return scopes.browse(found).exists()

    def _fetch_counted_ids(self, path):
        model, domain = self._records_model(), self._parse_domain("domain")
        query = model._search(domain)
        if model._fields[path].type != "many2one":
            groups = model._read_group([("id", "in", query)], [path], limit=MAX_SCOPES)
            return [record.id for (record,) in groups if record]
        column = model._field_to_sql(query.table, path, query)
        rows = self._fetch_in_time(
            SQL(
                "SELECT DISTINCT scope_id FROM (%s) AS counted"
                " WHERE scope_id IS NOT NULL ORDER BY 1 LIMIT %s",
                query.select(SQL("%s AS scope_id", column)),
                MAX_SCOPES,
            )
        )
        return [id_ for (id_,) in rows or ()]

    def _track_levels(self, levels):
        """Track a new definition for the scopes that its form has counted.

        :param levels: a key of ``LEVELS``, or False
        """
        self.ensure_one()
        if levels not in [*LEVELS]:  # anything can be sent
            return
        company = self.company_id or self.env.company
        for scope_type in LEVELS[levels]:
            scopes = self._find_tracked_scopes(scope_type, levels)
            if scopes:
                self._track_for(scope_type, scopes, company.id)

    def action_open_calculated(self):
        """Open a new KPI once it is computed; its definition if nobody tracks it."""
        self.ensure_one()
        self.check_access("write")
        reports = self.report_ids
        if not reports:
            return open_form(self)
        of_company = reports.filtered(lambda report: report.scope_type == "company")
        return (of_company[:1] or reports)._open_once_computed(reports)
