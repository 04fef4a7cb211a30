from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.fields import KnownFloat, RichText
from odoo.addons.kpi_base.rights import search_by
from odoo.addons.kpi_base.roles import OFFICER

from ...engine.status import Judged
from ..definition.kpi_zones_mixin import BANDS, STATUSES

SCOPES = [
    ("company", "Company"),
    ("department", "Department"),
    ("team", "Team"),
    ("user", "User"),
]
WIDEST = {scope_type: place for place, (scope_type, _label) in enumerate(SCOPES)}
SCOPE_MODELS = {
    "company": "res.company",
    "department": "hr.department",
    "team": "kpi.team",
    "user": "res.users",
}
JUDGED = ("off_target", "at_risk", "on_target")
IDENTITY = {
    "definition_id",
    "scope_type",
    "company_id",
    "department_id",
    "team_id",
    "user_id",
}
# Active reports of formulas, and of their parts for the same scope.
FORMULA_PAIRS = SQL(
    """
    SELECT part.id AS child_id, parent.id AS parent_id
      FROM kpi_report AS part
      JOIN kpi_definition_component_rel AS link
        ON link.component_id = part.definition_id
      JOIN kpi_report AS parent
        ON parent.definition_id = link.definition_id
       AND parent.scope_type = part.scope_type
       AND parent.scope_id = part.scope_id
       AND parent.company_id = part.company_id
     WHERE part.active
       AND parent.active
    """
)
SET_BY_MANAGERS = {"shared_user_ids", "submitter_ids", "target_ids"}


class KpiReport(models.Model):
    """A KPI tracked for one company, department, team or user.

    The current value, achievement and status are stored on the record, so that lists
    sort and group by them; ``_refresh_current`` fills them from the facts.
    """

    _name = "kpi.report"
    _description = "KPI"
    _inherit = [
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "mail.activity.mixin",
        "kpi.access.mixin",
        "kpi.findable.mixin",
    ]
    _order = "distance_percent desc, id"
    _check_company_auto = True
    _rec_names_search = ["name", "definition_id"]
    _mail_post_access = "read"
    _readable_by = (
        "company_id",
        "is_managed_by_me",
        "owner_id",
        "shared_user_ids",
        "submitter_ids",
        "user_id",
    )
    _editable_by = ("company_id", "is_managed_by_me")

    name = fields.Char(compute="_compute_name", store=True, precompute=True)
    active = fields.Boolean(default=True, tracking=True)
    is_retired = fields.Boolean(
        "Archived by Rule",
        readonly=True,
        copy=False,
        help="Archived by a tracking rule; restored when the rule applies again.",
        exportable=False,
    )
    definition_id = fields.Many2one(
        "kpi.definition", "KPI", required=True, ondelete="restrict", index=True
    )
    category_id = fields.Many2one(related="definition_id.category_id", store=True)
    code = fields.Char(related="definition_id.code")
    computation = fields.Selection(related="definition_id.computation", store=True)
    description = RichText(related="definition_id.description")
    unit = fields.Selection(related="definition_id.unit")
    decimals = fields.Integer(related="definition_id.decimals")
    direction = fields.Selection(related="definition_id.direction")
    frequency = fields.Selection(related="definition_id.frequency", store=True)
    currency_id = fields.Many2one(related="definition_id.currency_id")
    tag_ids = fields.Many2many(related="definition_id.tag_ids")
    scope_type = fields.Selection(
        SCOPES, "Tracked For", required=True, default="company", tracking=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    department_id = fields.Many2one(
        "hr.department", index="btree_not_null", check_company=True, ondelete="restrict"
    )
    team_id = fields.Many2one(
        "kpi.team", index="btree_not_null", check_company=True, ondelete="restrict"
    )
    user_id = fields.Many2one("res.users", index="btree_not_null", ondelete="restrict")
    scope_id = fields.Integer(
        compute="_compute_scope_id",
        store=True,
        precompute=True,
        exportable=False,
    )
    owner_id = fields.Many2one(
        "res.users",
        "Responsible",
        compute="_compute_owner_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        tracking=True,
    )
    tracking_rule_ids = fields.Many2many(
        "kpi.tracking.rule",
        "kpi_tracking_rule_report_rel",
        "report_id",
        "rule_id",
        "Tracking Rules",
        readonly=True,
        copy=False,
        groups=OFFICER,
    )
    shared_user_ids = fields.Many2many(
        "res.users",
        "kpi_report_shared_user_rel",
        string="Shared With",
        check_company=True,
    )
    target_ids = fields.One2many("kpi.target", "report_id", "Targets")
    target_value_ids = fields.One2many(
        "kpi.target.value", "report_id", "Status History"
    )
    measurement_ids = fields.One2many("kpi.measurement", "report_id", "Values")
    current_value = KnownFloat(
        readonly=True, aggregator=False, copy=False, known=lambda kpi: kpi.has_value
    )
    current_period_start = fields.Date("Period", readonly=True, copy=False)
    current_period_stop = fields.Date(
        "Period End", readonly=True, copy=False, exportable=False
    )
    previous_value = KnownFloat(
        readonly=True, aggregator=False, copy=False, known=lambda kpi: kpi.has_previous
    )
    has_value = fields.Boolean(readonly=True, copy=False, exportable=False)
    has_previous = fields.Boolean(
        "Has Previous Value", readonly=True, copy=False, exportable=False
    )
    target_value = KnownFloat(
        "Target",
        readonly=True,
        aggregator=False,
        copy=False,
        known=lambda kpi: kpi.status in JUDGED and kpi.direction != "range",
    )
    target_day = fields.Date(
        "Target to Date Of",
        readonly=True,
        copy=False,
        help="Day the target to date refers to. Blank for the whole period's target.",
    )
    achievement = KnownFloat(
        "Achievement (%)",
        readonly=True,
        aggregator="avg",
        copy=False,
        known=lambda kpi: kpi.status in JUDGED,
    )
    distance_percent = fields.Float(
        "Distance to Target (%)",
        readonly=True,
        aggregator=False,
        copy=False,
        default=-1.0,
        help="0 means the target is reached; -1 means no value or target.",
        exportable=False,
    )
    status = fields.Selection(
        STATUSES,
        readonly=True,
        copy=False,
        default="no_data",
        index=True,
        group_expand=True,
    )
    band = fields.Selection(
        BANDS,
        "Rating",
        readonly=True,
        copy=False,
        help="Only for KPIs with five zones.",
    )
    is_stretch_reached = fields.Boolean("Stretch Reached", readonly=True, copy=False)
    last_measured_at = fields.Datetime("Last Update", readonly=True, copy=False)
    unpriced_count = fields.Integer(
        "No Exchange Rate",
        readonly=True,
        copy=False,
        help="Records without an exchange rate on their date, not included in the "
        "value.",
    )
    computation_error = fields.Char(
        "Reason for Missing Value", readonly=True, copy=False
    )
    is_running = fields.Boolean(compute="_compute_is_running")
    asked_period = fields.Json(
        compute="_compute_asked_period",
        exportable=False,
        help="Value and status of the requested period.",
    )
    starred_user_ids = fields.Many2many(
        "res.users",
        "kpi_report_star_rel",
        string="Starred By",
        copy=False,
        groups=fields.NO_ACCESS,
    )
    is_starred = fields.Boolean(
        "Starred",
        compute="_compute_is_starred",
        search=search_by("_get_starred_domain"),
        help="Shown first on your overview.",
    )
    part_of_ids = fields.Many2many(
        "kpi.report",
        compute="_compute_relatives",
        help="Formulas using this KPI, and the same KPI one level up.",
    )
    made_of_ids = fields.Many2many(
        "kpi.report",
        compute="_compute_relatives",
        help="KPIs used in the formula, and the same KPI one level down.",
        string="Consists Of",
    )
    # Record rules ask for the two fields below and hold no lookup of their own: Odoo
    # caches a rule's domain, while managers, departments and shares change. The rules
    # of what belongs to a KPI ask for ``is_readable_by_me``.
    is_managed_by_me = fields.Boolean(
        "Managed by Me",
        compute="_compute_is_managed_by_me",
        search=search_by("_get_managed_domain"),
        compute_sudo=True,
        help="Tracked for a department the user manages, its people, or a team the "
        "user leads.",
    )
    is_shared_with_me = fields.Boolean(
        "Shared with Me",
        compute="_compute_is_shared_with_me",
        search=search_by("_get_shared_domain"),
        compute_sudo=True,
        help="KPI shared with the user, KPI whose values the user enters, or "
        "benchmark of the user's companies.",
    )

    _scope_uniq = models.UniqueIndex(
        "(definition_id, scope_type, scope_id, company_id)",
        "This KPI is already tracked at this level.",
    )
    _definition_scope_idx = models.Index("(definition_id, scope_type, scope_id)")

    @api.depends(
        "definition_id.name",
        "scope_type",
        "company_id.name",
        "department_id.name",
        "team_id.name",
        "user_id.name",
    )
    def _compute_name(self):
        for report in self:
            if not report.definition_id:
                report.name = False
                continue
            scope = report._scope_record()
            # The name of a scope is part of the KPI's, for whoever sees the KPI.
            parts = (report.definition_id.name, scope.sudo().display_name)
            report.name = " – ".join(part for part in parts if part)

    # pylint: disable-next=missing-return  # Odoo's returns nothing
    @api.depends("name")
    @api.depends_context("allowed_company_ids")
    def _compute_display_name(self):
        """The name, with the company where another active company has one like it."""
        super()._compute_display_name()
        if len(self.env.companies) < 2:
            return
        found = self._read_group(
            [
                ("name", "in", self.mapped("name")),
                ("company_id", "in", self.env.companies.ids),
            ],
            ["name"],
            having=[("company_id:count_distinct", ">", 1)],
        )
        doubled = {name for (name,) in found}
        for report in self.filtered(lambda one: one.name in doubled):
            # Who sees a KPI knows whose it is.
            company = report.sudo().company_id.name
            report.display_name = f"{report.display_name} ({company})"

    @api.model
    def _is_name_composed(self):
        return len(self.env.companies) > 1 or super()._is_name_composed()

    def _found_name_sql(self, query):
        name, _rank = super()._found_name_sql(query)
        widest = [scope_type for scope_type, _label in SCOPES]
        scope_type = SQL.identifier(query.table, "scope_type")
        return name, SQL("array_position(%s, %s::text)", widest, scope_type)

    @api.depends("scope_type", "company_id", "department_id", "team_id", "user_id")
    def _compute_scope_id(self):
        for report in self:
            report.scope_id = report._scope_record().id

    @api.depends("definition_id.owner_id", "user_id")
    def _compute_owner_id(self):
        for report in self:
            report.owner_id = (
                report.owner_id or report.user_id or report.definition_id.owner_id
            )

    @api.depends("current_period_stop")
    def _compute_is_running(self):
        for report in self:
            stop = report.current_period_stop
            today = report.definition_id.calendar_id._today() if stop else None
            report.is_running = bool(stop and today < stop)

    @api.onchange("user_id", "scope_type")
    def _onchange_scope(self):
        for scope_type, _label in SCOPES[1:]:
            if scope_type != self.scope_type:
                self[f"{scope_type}_id"] = False

    def _scope_record(self):
        """The company, department, team or user that the KPI is tracked for."""
        self.ensure_one()
        return self[f"{self.scope_type or 'company'}_id"]

    @api.constrains("scope_type", "department_id", "team_id", "user_id")
    def _check_scope(self):
        labels = dict(self._fields["scope_type"]._description_selection(self.env))
        for report in self:
            if not report._scope_record():
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: choose the %(scope)s it is tracked for.",
                        kpi=report.definition_id.name,
                        scope=labels[report.scope_type].lower(),
                    )
                )

    @api.constrains("definition_id", "scope_type")
    def _check_records_lead_to_scope(self):
        for report in self:
            report.definition_id._check_leads_to(report.scope_type)

    @api.constrains("company_id", "definition_id")
    def _check_definition_company(self):
        self.definition_id._claim_company()
        for report in self:
            company = report.definition_id.company_id
            if company and company != report.company_id:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s belongs to %(company)s and cannot be tracked for"
                        " %(other)s.",
                        kpi=report.definition_id.name,
                        company=company.name,
                        other=report.company_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_definition_readable(vals)
            vals.setdefault("company_id", self._default_company(vals).id)
        reports = super().create(vals_list)
        reports._mark_formulas_stale()
        reports._check_records_readable()
        reports._refresh_duties()
        return reports

    def write(self, vals):
        self._check_definition_readable(vals)
        self._check_manager_change(vals.keys())
        changes_identity = not IDENTITY.isdisjoint(vals)
        if changes_identity:
            measured = self._find_measured() if not self.env.su else None
            if measured:
                raise UserError(
                    self.env._(
                        "%s already has values. Track the KPI again instead of "
                        "changing it.",
                        measured.display_name,
                    )
                )
            self._mark_formulas_stale()
        result = super().write(vals)
        if "active" in vals:
            # From now on it is as a person wanted it, whatever a rule did before.
            self.filtered("is_retired").sudo().is_retired = False
            self._mark_formulas_stale()
        if changes_identity:
            self._mark_formulas_stale()
            # Odoo looks at the record before the change only.
            self.check_access("write")
            self._check_records_readable()
        if "active" in vals:
            self.env["kpi.report.group"]._refresh_with(self)
        self._refresh_changed_duties(vals)
        return result

    def unlink(self):
        self._withdraw_proposals()
        self._mark_formulas_stale()
        return super().unlink()

    def _mark_formulas_stale(self):
        """Have formulas evaluated that are tracked here, or add up what is."""
        # Who tracks a KPI need not be allowed to change it.
        tracked = self.sudo().definition_id
        formulas = tracked.filtered(lambda kpi: kpi.computation == "formula")
        (formulas | tracked._formula_users())._mark_all_stale()

    @api.model
    def _default_company(self, vals):
        """The company of the scope or the definition before that of the user."""
        for name in ("department_id", "team_id", "definition_id"):
            if vals.get(name):
                company = self.env[self._fields[name].comodel_name].browse(vals[name])
                # Only the company of the scope; creating the KPI checks the rights.
                company = company.sudo().company_id
                if company:
                    return company
        return self.env.company

    @api.ondelete(at_uninstall=False)
    def _unlink_except_measured(self):
        revision = "kpi.measurement.revision"
        with_values = self._find_measured() or self._find_measured(revision)
        if with_values:
            raise UserError(
                self.env._(
                    "%s has values and cannot be deleted. Archive it instead.",
                    with_values.display_name,
                )
            )

    def _find_measured(self, model="kpi.measurement"):
        """One of these KPIs that has values, if any."""
        # Any value counts, also those that the officer may not see.
        facts = self.env[model].sudo()
        return facts.search([("report_id", "in", self.ids)], limit=1).report_id

    def _facts(self, grain=None):
        """Domain of the facts of these reports in ``grain`` (default: their own)."""
        self.ensure_one()
        return Domain("report_id", "=", self.id) & Domain(
            "grain", "=", grain or self.definition_id.frequency
        )

    def _in_period(self, period):
        """Domain of what belongs to these KPIs in one period."""
        return (
            Domain("report_id", "in", self.ids)
            & Domain("grain", "=", period.grain)
            & Domain("period_start", "=", period.start)
        )

    @api.depends("current_period_start", "current_value", "target_ids.value")
    @api.depends_context("kpi_period", "lang")
    def _compute_asked_period(self):
        """How the KPI stood in a period of its own; False where that is its latest."""
        for report in self:
            report.asked_period = False
            calendar = report.definition_id.calendar_id
            period = report._find_asked_period()
            if not report._origin or not period or period == report._current_period():
                continue
            series = report._series_in({report: [period]})[report._origin.id]
            judged = series.list_judged()[report._origin.id].get(period.start, Judged())
            report.asked_period = {
                "achievement": judged.achievement,
                "band": judged.band,
                "grain": report.frequency,
                "is_running": period.stop > calendar._today(),
                "label": calendar._period_label(period),
                "start": period.start.isoformat(),
                "status": judged.status,
                "value": judged.value,
            }

    def _find_asked_period(self):
        """The ``Period`` of the form: of the day ``kpi_period`` in the context.

        Without one, that of the latest value; None without a value.
        """
        day = fields.Date.to_date(self.env.context.get("kpi_period"))
        calendar = self.definition_id.calendar_id
        if not day or not calendar:
            return self._current_period()
        return calendar._period(self.frequency, day)

    @api.depends_context("uid")
    @api.depends("starred_user_ids")
    def _compute_is_starred(self):
        for report in self:
            # Each user is told of their own star only.
            report.is_starred = self.env.user in report.sudo().starred_user_ids

    @api.model
    def _get_starred_domain(self):
        starred = SQL(
            "SELECT kpi_report_id FROM kpi_report_star_rel WHERE res_users_id = %s",
            self.env.uid,
        )
        return Domain("id", "in", starred)

    def star(self, is_starred=True):
        """Mark these KPIs for the user, or take the mark away.

        :raises AccessError: the user may not see one of them
        """
        self.check_access("read")
        link = Command.link if is_starred else Command.unlink
        # Who sees a KPI may star it: nothing but the own mark.
        self.sudo().write({"starred_user_ids": [link(self.env.uid)]})
        return True

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("definition_id", "scope_type", "scope_id", "company_id")
    def _compute_relatives(self):
        """Readable, active KPIs at the other ends of the pairs."""
        pairs = SQL("%s UNION %s", FORMULA_PAIRS, self._scope_pairs_sql())
        above = set(self._fetch_pairs("child_id", pairs))
        below = set(self._fetch_pairs("parent_id", pairs))
        ids = {parent for _child, parent in above} | {child for child, _parent in below}
        readable = self.search([("id", "in", list(ids))])
        for report in self:
            report.part_of_ids = readable.filtered(
                lambda kpi, own=report._origin.id: (own, kpi.id) in above
            )
            report.made_of_ids = readable.filtered(
                lambda kpi, own=report._origin.id: (kpi.id, own) in below
            )

    def _list_scope_pairs(self):
        """Pairs (id of a part, id of one of these), whoever may see them.

        The same KPI one level down, as of today.
        """
        return self._fetch_pairs("parent_id", self._scope_pairs_sql())

    def _list_ancestor_pairs(self):
        """Pairs (id of one of these, id of what it is part of), whoever may see them.

        What that is part of in turn counts too, all by one statement.
        """
        family = SQL("SELECT id FROM family")
        return self._fetch_pairs(
            "child_id",
            SQL(
                """
                WITH RECURSIVE family AS (
                    SELECT definition_id AS id FROM kpi_report WHERE id = ANY(%(ids)s)
                     UNION
                    SELECT link.definition_id
                      FROM family
                      JOIN kpi_definition_component_rel AS link
                        ON link.component_id = family.id
                ),
                pair AS (
                    %(formulas)s AND part.definition_id IN (%(family)s)
                    UNION %(scopes)s
                ),
                above AS (
                    SELECT child_id, parent_id FROM pair WHERE child_id = ANY(%(ids)s)
                     UNION
                    SELECT above.child_id, pair.parent_id
                      FROM above
                      JOIN pair ON pair.child_id = above.parent_id
                )
                SELECT * FROM above WHERE child_id <> parent_id
                """,
                ids=self.ids,
                formulas=FORMULA_PAIRS,
                family=family,
                scopes=self._scope_pairs_sql(family),
            ),
        )

    def _fetch_pairs(self, end, pairs):
        """Pairs (id of a part, id of what it is part of) with these at one end."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                "SELECT child_id, parent_id FROM (%s) AS pair WHERE %s = ANY(%s)",
                pairs,
                SQL.identifier(end),
                self.ids,
            )
        )

    def _scope_pairs_sql(self, definitions=None):
        """Reports of a definition, and the same one of the nearest wider scopes.

        A department stands below the nearest department above it that is tracked; a
        person below the teams and the nearest department of today; all of them below
        the company where nothing is nearer.

        :param definitions: SELECT of the definitions; default: those of these reports
        """
        own = SQL("SELECT definition_id FROM kpi_report WHERE id = ANY(%s)", self.ids)
        # Of what ``part`` lies in: kind, id and depth (the company: 0).
        return SQL(
            """
            SELECT child_id, parent_id
              FROM (
                SELECT part.id AS child_id, parent.id AS parent_id, wider.depth,
                       max(wider.depth) OVER (
                         PARTITION BY part.id, wider.kind) AS nearest,
                       max(wider.depth) OVER (PARTITION BY part.id) AS deepest
                  FROM kpi_report AS part
            CROSS JOIN LATERAL (
                    SELECT 'company' AS kind, part.company_id AS id, 0 AS depth
                     WHERE part.scope_type <> 'company'
                 UNION ALL
                    SELECT 'department', above.id, length(above.parent_path)
                      FROM hr_department AS own
                      JOIN hr_department AS above
                        ON starts_with(own.parent_path, above.parent_path)
                     WHERE part.scope_type = 'department'
                       AND own.id = part.scope_id
                       AND above.id <> own.id
                 UNION ALL
                    SELECT stay.scope_type, stay.scope_id,
                           COALESCE(length(department.parent_path), 1)
                      FROM kpi_membership AS stay
                 LEFT JOIN hr_department AS department
                        ON department.id = stay.scope_id
                       AND stay.scope_type = 'department'
                     WHERE part.scope_type = 'user'
                       AND stay.user_id = part.scope_id
                       AND stay.company_id = part.company_id
                       AND stay.date_from <= %(today)s
                       AND stay.date_to > %(today)s
                  ) AS wider
                  JOIN kpi_report AS parent
                    ON parent.definition_id = part.definition_id
                   AND parent.company_id = part.company_id
                   AND parent.scope_type = wider.kind
                   AND parent.scope_id = wider.id
                   AND parent.active
                 WHERE part.active
                   AND part.definition_id IN (%(definitions)s)
              ) AS pair
             WHERE depth = nearest
               AND (depth > 0 OR deepest = 0)
            """,
            definitions=definitions or own,
            today=fields.Date.context_today(self),
        )

    @api.depends_context("uid")
    @api.depends(
        "company_id",
        "department_id.is_managed_by_me",
        "team_id.leader_id",
        "user_id.employee_ids.active",
        "user_id.employee_ids.company_id",
        "user_id.employee_ids.department_id.is_managed_by_me",
    )
    def _compute_is_managed_by_me(self):
        managed = self.filtered_domain(self._get_managed_domain())
        for report in self:
            report.is_managed_by_me = report in managed

    @api.model
    def _get_managed_domain(self):
        """KPIs of the departments managed now, of their people, and of the teams led.

        People count in the company that employs them in the department. Ids instead of
        subqueries: PostgreSQL guesses half of the table for each of those.
        """
        departments = self._all("hr.department")._search(
            [("is_managed_by_me", "=", True)]
        )
        department_ids = departments.get_result_ids()
        teams = self._all("kpi.team")._search([("leader_id", "=", self.env.uid)])
        people = self._all("hr.employee")._read_group(
            Domain("active", "=", True)
            & Domain("user_id", "!=", False)
            & Domain("department_id", "in", department_ids),
            ["company_id"],
            ["user_id:array_agg"],
        )
        return Domain.OR(
            [
                Domain("department_id", "in", department_ids),
                Domain("team_id", "in", teams.get_result_ids()),
                *(
                    Domain("company_id", "=", company.id)
                    & Domain("user_id", "in", user_ids)
                    for company, user_ids in people
                ),
            ]
        )

    @api.depends_context("uid")
    @api.depends("shared_user_ids", "submitter_ids")
    def _compute_is_shared_with_me(self):
        references = self.filtered_domain(self._get_reference_domain())
        for report in self:
            users = report.shared_user_ids | report.submitter_ids
            report.is_shared_with_me = self.env.user in users or report in references

    @api.model
    def _get_shared_domain(self):
        """KPIs that are shared with the user now, or whose values they enter."""
        shared = self._all("kpi.report")._search(
            Domain("shared_user_ids", "in", [self.env.uid])
            | Domain("submitter_ids", "in", [self.env.uid])
            | self._get_reference_domain()
        )
        return Domain("id", "in", shared.get_result_ids())

    @api.model
    def _get_reference_domain(self):
        """Benchmarks of companies that the user may read."""
        sources = self.env["kpi.external.source"]
        references = sources._get_reference_domain(is_readable_only=True)
        return Domain("scope_type", "=", "company") & references

    @api.model
    def _all(self, model):
        """All records of ``model``, archived ones too, whatever the user may read.

        Only who sees a KPI is made from them.
        """
        # Employees are not for everybody to read; being their manager is no secret.
        return self.env[model].sudo().with_context(active_test=False)

    @api.model
    def _check_definition_readable(self, vals):
        """Ask before anything else: the other refusals name the definition."""
        definition = self.env["kpi.definition"].browse(vals.get("definition_id") or ())
        definition.check_access("read")

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Managers share KPIs and set targets: screens offer them no *Archive*."""
        found = super().fields_get(allfields, attributes)
        active = found.get("active", {})
        if "readonly" in active and not self.env.user.has_group(OFFICER):
            active["readonly"] = True
        return found

    def _check_manager_change(self, names):
        """Check that only officers change what a KPI is tracked for, and by whom."""
        if self.env.su or SET_BY_MANAGERS.issuperset(names):
            return
        if not self.env.user.has_group(OFFICER):
            raise AccessError(
                self.env._(
                    "Managers can only share KPIs and set targets. Ask %s for "
                    "other changes.",
                    self.env["kpi.home"]._get_officer_name(),
                )
            )

    def _check_records_readable(self):
        """Check that whoever tracks a KPI may read what it is computed from.

        Otherwise an officer could have another one's KPI computed per person, and read
        wages that way.
        """
        if not self.env.su:
            self.definition_id._check_records()


def columns_sql(names, table=None):
    """SQL of columns, of a table where one is named."""
    path = [table] if table else []
    return SQL(", ").join(SQL.identifier(*path, name) for name in names)
