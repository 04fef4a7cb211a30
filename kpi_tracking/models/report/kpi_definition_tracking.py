from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import clean_context

from odoo.addons.kpi_base.actions import open_form, open_list

from ...engine.rollup import OVER_SCOPES
from ...engine.typed_number import parse_number
from .kpi_report import SCOPES, columns_sql

FROM_DEFINITION = ("category_id", "computation", "frequency")  # stored on the report
COMPUTED_BY_SQL = {"name", "scope_id", "owner_id", *FROM_DEFINITION}
OWED = {"active", "computation", "entry_due_days", "frequency"}


class KpiDefinition(models.Model):
    """Who a KPI is tracked for, and how its values are entered.

    Reports for any number of scopes are made by a handful of statements.
    """

    _inherit = "kpi.definition"

    can_track_departments = fields.Boolean(
        compute="_compute_can_track_departments", exportable=False
    )
    entry_mode = fields.Selection(
        [("one", "One Value"), ("parts", "One Value per Person, Combined")],
        required=True,
        default="one",
        tracking=True,
        help=(
            "Values of several people are combined as set in “Over People and "
            "Departments”."
        ),
    )
    entry_due_days = fields.Integer(
        "Due After (Working Days)",
        default=5,
        tracking=True,
        help="Working days after period end. 0 means the last day of the period.",
    )
    has_entry_approval = fields.Boolean(
        "Entries Need Approval",
        tracking=True,
        help="A department manager or KPI officer must approve values. No one can "
        "approve their own entry.",
    )
    is_plan = fields.Boolean(
        "Plan or Budget",
        tracking=True,
        help="Values of periods that have not started can be entered and imported, "
        "for example as targets of another KPI.",
    )

    _entry_due_days_range = models.Constraint(
        "CHECK (entry_due_days BETWEEN 0 AND 250)",
        "Entries can be due 0 to 250 working days after period end.",
    )

    @api.depends("computation", "department_field", "user_field", "component_ids")
    def _compute_can_track_departments(self):
        for definition in self:
            reachable = definition._get_reachable_scope_types()
            definition.can_track_departments = "department" in reachable

    def action_track_company(self):
        """Track this KPI for its company, and open it once it is computed."""
        self.ensure_one()
        self.check_access("write")
        company = self.company_id or self.env.company
        reports = self._track_for("company", company, company.id)
        return reports._open_once_computed(reports)

    def _track_for(self, scope_type, records, company_id=None):
        """Reports of these definitions for each of ``records``, created where missing.

        Archived ones are brought back.

        :param scope_type: ``company``, ``department``, ``team`` or ``user``
        :param records: the companies, departments, teams or users
        :param company_id: where the reports belong; default: the company of the scope,
            of the definition, or the current one
        """
        self._track_in_bulk(scope_type, records, company_id)
        domain = [
            ("definition_id", "in", self.ids),
            ("scope_type", "=", scope_type),
            (f"{scope_type}_id", "in", records.ids),
        ]
        if company_id:  # a person may be tracked in each company
            domain.append(("company_id", "=", company_id))
        reports = self.env["kpi.report"].with_context(active_test=False)
        reports.search([*domain, ("active", "=", False)]).active = True
        return self.env["kpi.report"].search(domain)

    def _track_for_all(self, scope_type, company):
        """Reports for every department, team or person of ``company``.

        Left out are KPIs whose records do not lead to these scopes.
        """
        leading = self.filtered(
            lambda kpi: scope_type in kpi._get_reachable_scope_types()
        )
        scopes = self.env["kpi.tracking.rule"]._matching_scopes(
            scope_type, "[]", company
        )
        return leading._track_for(scope_type, scopes, company.id)

    def _get_reachable_scope_types(self):
        """As ``_get_measured_scope_types``; a formula leads where all its parts do."""
        self.ensure_one()
        types = set(self._get_measured_scope_types())
        return types.intersection(
            *(part._get_reachable_scope_types() for part in self.component_ids)
        )

    def _track_in_bulk(self, scope_type, records, company_id=None):
        """Insert the reports that do not exist yet, archived ones counted as existing.

        The same refusals as in ``create``, which would take a statement for each
        hundred reports and several for each follower; nobody is notified.

        :return: the new reports
        """
        reports = self.env["kpi.report"].with_context(active_test=False)
        reports.check_access("create")
        self.check_access("read")
        records.check_access("read")
        for definition in self:
            definition._check_leads_to(scope_type)
        if not self or not records:
            return reports
        self.env.flush_all()
        rows = self.env.execute_query(
            reports._insert_reports_sql(self, scope_type, records, company_id)
        )
        created = reports.browse(row[0] for row in rows)
        created._complete_bulk()
        return created

    @api.constrains("entry_mode", "aggregation_scope", "computation")
    def _check_entry_mode(self):
        for definition in self.filtered(
            lambda kpi: kpi.entry_mode == "parts" and kpi.computation == "manual"
        ):
            if definition.aggregation_scope not in OVER_SCOPES:
                raise ValidationError(
                    self.env._(
                        "%s: to combine several people's values, choose sum, weighted "
                        "average, lowest, or highest under “Over People and "
                        "Departments”. Otherwise, choose “One Value”.",
                        definition.name,
                    )
                )

    def _refresh_changed_duties(self, vals):
        """Find anew who owes which value, where that was changed."""
        if not OWED.isdisjoint(vals):
            self.with_context(active_test=False).report_ids._refresh_duties()

    def _parse_typed_value(self, text):
        """The value that the user typed, in their language; its unit may stand by.

        :raises ValidationError: it is not a number, or not a yes/no value
        """
        self.ensure_one()
        if self.unit == "boolean":
            answers = {"1": 1.0, self.env._("Yes").lower(): 1.0}
            answers |= {"0": 0.0, self.env._("No").lower(): 0.0}
            answer = answers.get(text.strip().lower())
            if answer is None:
                raise ValidationError(
                    self.env._("“%s” is not a yes/no value. Enter 1 or 0.", text[:20])
                )
            return answer
        language = self.env["res.lang"]._get_data(code=self.env.user.lang)
        # Cells copied from a spreadsheet bring their unit along.
        units = ("%", self.currency_id.symbol, self.currency_id.name, self.unit_symbol)
        bare = text.strip()
        for unit in filter(None, units):
            bare = bare.removeprefix(unit).removesuffix(unit).strip()
        number = parse_number(bare, language.decimal_point or ".")
        if number is None:
            raise ValidationError(
                self.env._("“%s” is not a number. Use 12.5 or 12,5.", text[:20])
            )
        return number


class KpiReport(models.Model):
    """The statement behind tracking in bulk, and the checks after it."""

    _inherit = "kpi.report"

    def _list_action(self):
        """The list of these KPIs, archived ones left out."""
        domain = [("id", "in", self.ids)]
        return open_list(self.env, "kpi_tracking.kpi_report_action", domain)

    def _get_open_action(self):
        """The KPI, or the list of several."""
        return self.action_open_form() if len(self) == 1 else self._list_action()

    def action_open_form(self):
        """The form of one KPI."""
        self.ensure_one()
        return open_form(self)

    @api.model
    def _insert_reports_sql(self, definitions, scope_type, records, company_id):
        """INSERT … SELECT of every definition for every scope, where missing."""
        # Columns that are the same in all rows: those that the engine keeps start as
        # the code says.
        plain = self.with_context(**clean_context(self.env.context)).sudo()
        names = [
            field.name
            for field in self._fields.values()
            if field.store and field.column_type and field.default
        ]
        values = {**plain.default_get(names), "scope_type": scope_type}
        values.pop("company_id", None)
        values |= dict.fromkeys(("create_uid", "write_uid"), self.env.uid)
        values |= dict.fromkeys(("create_date", "write_date"), self.env.cr.now())
        constants = {
            name: self._fields[name].convert_to_column_insert(value, plain)
            for name, value in values.items()
        }
        scope_columns = SQL(", ").join(
            SQL("scope.id") if name == scope_type else SQL("NULL::integer")
            for name, _label in SCOPES[1:]
        )
        # The name of a scope is part of the KPI's, for whoever sees the KPI.
        scopes = records.sudo()
        has_company = scope_type in ("department", "team")
        companies = [has_company and scope.company_id.id or None for scope in scopes]
        own_company = SQL("scope.id") if scope_type == "company" else SQL("NULL")
        return SQL(
            """
            INSERT INTO kpi_report
                   (definition_id, scope_id, name, owner_id, company_id,
                    %(from_definition)s, %(scope_names)s, %(constant_names)s)
            SELECT definition.id, scope.id,
                   concat_ws(' – ', NULLIF(named.name, ''), NULLIF(scope.name, '')),
                   COALESCE(%(person)s, definition.owner_id),
                   COALESCE(%(company)s, %(own_company)s, scope.company_id,
                            definition.company_id, %(current)s),
                   %(definition_columns)s, %(scope_columns)s, %(constants)s
              FROM unnest(%(definitions)s::int[], %(definition_names)s::text[])
                   AS named(id, name)
              JOIN kpi_definition AS definition ON definition.id = named.id
        CROSS JOIN unnest(%(ids)s::int[], %(names)s::text[], %(companies)s::int[])
                   AS scope(id, name, company_id)
          ORDER BY definition.id, scope.id
                ON CONFLICT DO NOTHING
         RETURNING id
            """,
            from_definition=columns_sql(FROM_DEFINITION),
            scope_names=columns_sql([f"{name}_id" for name, _label in SCOPES[1:]]),
            constant_names=columns_sql(constants),
            person=SQL("scope.id") if scope_type == "user" else SQL("NULL"),
            company=company_id,
            own_company=own_company,
            current=self.env.company.id,
            definition_columns=columns_sql(FROM_DEFINITION, "definition"),
            scope_columns=scope_columns,
            constants=SQL(", ").join(SQL("%s", each) for each in constants.values()),
            definitions=definitions.ids,
            definition_names=[definition.name for definition in definitions],
            ids=scopes.ids,
            names=[scope.display_name for scope in scopes],
            companies=companies,
        )

    def _complete_bulk(self):
        """Check new rows as the ORM would, and tell those who wait for KPIs."""
        if not self:
            return
        self.invalidate_model(flush=False)
        self.definition_id._claim_company()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT report.id
                  FROM kpi_report AS report
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
             LEFT JOIN hr_department AS department
                    ON department.id = report.department_id
             LEFT JOIN kpi_team AS team ON team.id = report.team_id
                 WHERE report.id = ANY(%s)
                   AND (definition.company_id <> report.company_id
                    OR department.company_id <> report.company_id
                    OR team.company_id <> report.company_id)
                 LIMIT 1
                """,
                self.ids,
            )
        )
        misfits = self.browse(row[0] for row in rows)
        misfits._check_definition_company()
        misfits._check_company()
        if not self.env.su:
            # The rules for creation are asked about all at once.
            allowed = self.env["ir.rule"]._compute_domain(self._name, "create")
            # As they are written; the caller may create KPIs.
            everything = self.sudo().with_context(active_test=False)
            new = Domain("id", "in", self.ids)
            if everything.search_count(new & Domain(allowed)) < len(self):
                raise AccessError(
                    self.env._("You cannot track KPIs for some of these companies.")
                )
        self._check_records_readable()
        for field in self._fields.values():
            if field.store and field.compute and field.name not in COMPUTED_BY_SQL:
                self.env.add_to_compute(field, self)
        self._mark_formulas_stale()
        self.env["kpi.job"]._trigger()
