"""KPIs of the predecessor become definitions, tracked for each assigned user."""

import logging
from datetime import date

from markupsafe import Markup

from odoo import Command
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from odoo.addons.kpi_base.roles import ADMIN

from ..engine.translation import PredecessorError, translate_filter, translate_formula

_logger = logging.getLogger(__name__)

UNITS = {
    "percent": {"unit": "percent"},
    "currency": {"unit": "currency", "decimals": 2},
    "boolean": {"unit": "boolean"},
    "duration": {"unit": "duration", "duration_unit": "hour", "decimals": 2},
}
FIVE_ZONES = {
    "zones": "five",
    "threshold_1": 95.0,
    "threshold_2": 80.0,
    "threshold_3": 70.0,
    "threshold_4": 50.0,
}
FREQUENCIES = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "today": "day",
    "this_week": "week",
    "this_month": "month",
}
DEPARTMENTS = {
    "sales": "Sales",
    "technician": "Technician",
    "operations": "Operations",
    "store": "Store",
    "marketing": "Marketing",
    "hr": "HR",
    "finance": "Finance",
    "rnd": "R&D",
    "it": "IT",
    "admin": "Admin",
}
ADDED_COLUMNS = """
    ALTER TABLE kpi_tracking_18_report ADD COLUMN new_definition_id integer;
    ALTER TABLE kpi_tracking_18_report ADD COLUMN new_report_id integer;
    ALTER TABLE kpi_tracking_18_report_user ADD COLUMN new_report_id integer;
    ALTER TABLE kpi_tracking_18_report_user ADD COLUMN is_former boolean;
    INSERT INTO kpi_tracking_18_report_user (kpi_report_id, res_users_id, is_former)
    SELECT DISTINCT kpi_id, user_id, TRUE
      FROM kpi_tracking_18_submission
     WHERE user_id IS NOT NULL
        ON CONFLICT DO NOTHING
"""
KPIS = """
    SELECT kpi.*,
           ARRAY(SELECT res_users_id FROM kpi_tracking_18_report_user
                  WHERE kpi_report_id = kpi.id AND is_former IS NULL
               ORDER BY res_users_id) AS user_ids,
           ARRAY(SELECT res_users_id FROM kpi_tracking_18_report_user
                  WHERE kpi_report_id = kpi.id AND is_former
               ORDER BY res_users_id) AS former_ids,
           EXISTS (SELECT 1 FROM kpi_tracking_18_submission
                    WHERE kpi_id = kpi.id AND user_id IS NULL) AS has_nobodys,
           (SELECT min(date)::date FROM kpi_tracking_18_submission
             WHERE kpi_id = kpi.id
               AND date >= '1900-01-01')  -- what is older is named at the end
               AS first_day
      FROM kpi_tracking_18_report AS kpi
  ORDER BY kpi.id
"""


def run(env):
    env.cr.execute(ADDED_COLUMNS)
    env.cr.execute(KPIS)
    for row in env.cr.dictfetchall():
        Predecessor(env, row).migrate()
    env.flush_all()


class Predecessor:
    """One KPI of the predecessor on its way."""

    def __init__(self, env, row):
        self.env, self.row = env, row
        self.name = " ".join(row["name"].split()) or f"KPI {row['id']}"
        self.users = env["res.users"].browse(row["user_ids"])
        self.former = env["res.users"].browse(row["former_ids"])
        self.is_computed = False
        self.user_field = ""

    def migrate(self):
        definition, reason = self.definition()
        if reason:
            ask_somebody(definition, self.row, reason)
        reports = self.track(definition)
        for user_id, report in reports.items():
            table, key = "kpi_tracking_18_report", "id = %s"
            if user_id:
                table += "_user"
                key = f"kpi_report_id = %s AND res_users_id = {user_id:d}"
            self.env.cr.execute(
                f"UPDATE {table} SET new_report_id = %s WHERE {key}",
                (report.id, self.row["id"]),
            )
        self.set_targets(definition, reports)
        self.env.cr.execute(
            "UPDATE kpi_tracking_18_report SET new_definition_id = %s WHERE id = %s",
            (definition.id, self.row["id"]),
        )

    def definition(self):
        """The definition, and why a person must finish it; empty if it is done."""
        if self.row["kpi_type"] != "auto":
            return self.env["kpi.definition"].create(self.usual_values()), ""
        try:
            with self.env.cr.savepoint():
                return self.computed(), ""
        except (PredecessorError, UserError, KeyError) as error:
            self.is_computed, self.user_field = False, ""
            _logger.warning("KPI %s is not computed: %s", self.name, error)
            values = {**self.usual_values(), "computation": "external"}
            return self.env["kpi.definition"].create(values), str(error)

    def usual_values(self):
        row, note = self.row, (self.row["note"] or "").strip()
        frequency = row["report_type"] or row["filter_type"] or "monthly"
        unit = {"unit": "number", "decimals": 2, **UNITS.get(row["target_type"], {})}
        if unit["unit"] == "currency":  # the predecessor knew rupees only
            rupee = self.env.ref("base.INR")
            rupee.active = True
            unit["currency_id"] = rupee.id
        return {
            "name": self.name,
            "company_id": self.company().id,
            "category_id": category(self.env, row["department"]).id,
            "description": note and plaintext2html(note),
            "direction": "lower"
            if row["kpi_direction"] == "lower_better"
            else "higher",
            "frequency": FREQUENCIES.get(frequency, "month"),
            "weight": float(row["priority_weight"] or 1),
            "aggregation_time": "last",
            "computation": "manual",
            **FIVE_ZONES,
            **unit,
        }

    def company(self):
        """The company of all who are concerned; none where there are several."""
        companies = (self.users | self.former).company_id
        if not companies:
            return self.env.company
        return companies if len(companies) == 1 else companies.browse()

    def computed(self):
        """The definition, computed from the same records in the same way."""
        translation = translate_formula(self.row["formula_field"])
        filtered = translate_filter(self.row["source_domain"])
        unfiltered = [m for m in translation.measures if not m.is_filtered]
        is_share = any(m.measure == "share" for m in translation.measures)
        if filtered.user_field and (unfiltered or is_share):
            raise PredecessorError(
                "The formula compares the records of each person with those of all."
            )
        self.is_computed, self.user_field = True, filtered.user_field
        common = {**self.usual_values(), **self.source_values()}
        del common["aggregation_time"]
        if translation.is_measure:
            values = {**common, **measured(*translation.measures, filtered)}
            return self.env["kpi.definition"].create(values)
        return self.composed(translation, filtered, common)

    def source_values(self):
        row = self.row
        if not row["filter_field"] or not row["filter_type"]:
            raise PredecessorError(
                "It counted all records whatever their date: choose the date that puts"
                " a record into a period."
            )
        return {
            "computation": "records",
            "model_name": row["source_model"],
            "date_field": row["filter_field"],
            "user_field": self.user_field or False,
            "frequency": FREQUENCIES[row["filter_type"]],
            # What was recorded stays; from here on it is computed.
            "history_start": date.today().replace(day=1),
        }

    def composed(self, translation, filtered, common):
        """A formula over definitions of their own for each measure."""
        formula = translation.formula
        for at, measure in enumerate(translation.measures):
            what = "count of all" if not measure.is_filtered else measure.measure
            name = f"{self.name}: {what} {measure.field}".strip()
            # The parts are counts and sums whatever the unit of the result.
            unit = {"unit": "number", "decimals": 2}
            values = {**common, **unit, **measured(measure, filtered), "name": name}
            part = self.env["kpi.definition"].create(values)
            self.track(part)
            formula = formula.replace(f"part_{at}", part.code)
        values = {**self.usual_values(), "computation": "formula", "formula": formula}
        del values["aggregation_time"]
        return self.env["kpi.definition"].create(
            {**values, "frequency": common["frequency"]}
        )

    def track(self, definition):
        """Reports by user id; under None that of the company."""
        if self.users and (not self.is_computed or self.user_field):  # of each person
            reports = {
                user.id: self.env["kpi.report"].create(
                    {
                        "definition_id": definition.id,
                        "scope_type": "user",
                        "user_id": user.id,
                        "company_id": (definition.company_id or user.company_id).id,
                        "active": user in self.users and user.active,
                    }
                )
                for user in self.users | self.former
            }
            if self.row["has_nobodys"]:
                company = definition.company_id or self.env.company
                reports[None] = self.for_company(definition, company, self.users)
            return reports
        return self.for_companies(definition)

    def for_companies(self, definition):
        """A KPI for each company of the assigned users, the first for all the rest."""
        company = definition.company_id or self.env.company
        groups = self.users.grouped("company_id") or {company: self.users}
        reports = {}
        for company, users in groups.items():
            report = self.for_company(definition, company, users)
            reports.setdefault(None, report)
            reports |= dict.fromkeys(users.ids, report)
        return reports

    def for_company(self, definition, company, users):
        """The KPI of the company, seen by those of it that it was assigned to."""
        users = users.filtered(lambda user: company in user.company_ids)
        return self.env["kpi.report"].create(
            {
                "definition_id": definition.id,
                "company_id": company.id,
                "shared_user_ids": [Command.set(users.ids)],
            }
        )

    def set_targets(self, definition, reports):
        target, kind = self.row["target_value"], self.row["target_type"]
        if kind == "boolean":
            target = 1.0  # achieved, whatever the target said
        elif not target and definition.direction == "higher":
            return  # reached by nobody, which says nothing
        first = self.row["first_day"] or self.row["create_date"].date()
        period = definition.calendar_id._period(definition.frequency, first)
        self.env["kpi.target"].create(
            [
                {"report_id": r.id, "date_from": period.start, "value": target or 0.0}
                for r in self.env["kpi.report"].union(*reports.values())
            ]
        )


def measured(measure, filtered):
    """Values of a definition that takes ``measure`` from the filtered records."""
    domain = repr(filtered.conditions)
    values = {"measure": measure.measure, "measure_field": measure.field or False}
    if measure.measure == "share":
        return {**values, "numerator_domain": domain, "unit": "percent"}
    return {**values, "domain": domain if measure.is_filtered else "[]"}


def category(env, department):
    """A category named as the predecessor's fixed departments."""
    categories = env["kpi.definition.category"]
    name = DEPARTMENTS.get(department)
    if not name:
        return categories
    return categories.search([("name", "=", name)], limit=1) or categories.create(
        {"name": name}
    )


def ask_somebody(definition, row, reason):
    """List a KPI that nobody but a person can finish: tag, note and to-do."""
    env = definition.env
    tags = env["kpi.tag"]
    name = "Check after the upgrade"
    tag = tags.search([("name", "=", name)], limit=1) or tags.create({"name": name})
    definition.tag_ids = [Command.link(tag.id)]
    note = Markup("<p>%s</p><p>%s<br/>%s<br/>%s<br/>%s</p>") % (
        f"This KPI is not computed any more. {reason}",
        f"Records: {row['source_model'] or '–'}",
        f"Date: {row['filter_field'] or '–'}, {row['filter_type'] or '–'}",
        f"Filter: {row['source_domain'] or '–'}",
        f"Formula: {row['formula_field'] or '–'}",
    )
    definition.message_post(body=note)
    admins = env.ref(ADMIN).all_user_ids
    people = admins.filtered(lambda user: user.active and not user.share)
    definition.activity_schedule(
        "mail.mail_activity_data_todo",
        summary="Say how this KPI is computed",
        note=reason,
        user_id=(people[:1] or env.user).id,
    )
