from odoo import models
from odoo.tools import SQL

# applies_to → pairs of a rule and a tracked KPI; no pair comes twice
PAIRS = {
    "kpi": """
        SELECT rule.id AS alert_id, tracked.id AS report_id
          FROM kpi_smart_alert AS rule
          JOIN kpi_smart_alert_report_rel AS chosen
            ON chosen.kpi_smart_alert_id = rule.id
          JOIN tracked ON tracked.id = chosen.kpi_report_id""",
    "definition": """
        SELECT rule.id, tracked.id
          FROM kpi_smart_alert AS rule
          JOIN kpi_smart_alert_definition_rel AS chosen
            ON chosen.kpi_smart_alert_id = rule.id
          JOIN tracked ON tracked.definition_id = chosen.kpi_definition_id""",
    "category": """
        SELECT rule.id, tracked.id
          FROM kpi_smart_alert AS rule
          JOIN kpi_smart_alert_category_rel AS chosen
            ON chosen.kpi_smart_alert_id = rule.id
          JOIN tracked ON tracked.category_id = chosen.kpi_definition_category_id""",
    "tag": """
        SELECT DISTINCT rule.id, tracked.id
          FROM kpi_smart_alert AS rule
          JOIN kpi_smart_alert_tag_rel AS chosen
            ON chosen.kpi_smart_alert_id = rule.id
          JOIN kpi_definition_kpi_tag_rel AS held
            ON held.kpi_tag_id = chosen.kpi_tag_id
          JOIN tracked ON tracked.definition_id = held.kpi_definition_id""",
    "scorecard": """
        SELECT DISTINCT rule.id, tracked.id
          FROM kpi_smart_alert AS rule
          JOIN kpi_smart_alert_scorecard_rel AS chosen
            ON chosen.kpi_smart_alert_id = rule.id
          JOIN kpi_report_group_line AS held
            ON held.group_id = chosen.kpi_report_group_id
          JOIN tracked ON tracked.id = held.report_id""",
    "department": """
        SELECT DISTINCT rule.id, tracked.id
          FROM kpi_smart_alert AS rule
          JOIN kpi_smart_alert_department_rel AS chosen
            ON chosen.kpi_smart_alert_id = rule.id
          JOIN hr_department AS top ON top.id = chosen.hr_department_id
          JOIN hr_department AS below
            ON starts_with(below.parent_path, top.parent_path)
          JOIN tracked ON tracked.department_id = below.id""",
}


class KpiSmartAlert(models.Model):
    """Which tracked KPIs rules watch, for all rules by one statement."""

    _inherit = "kpi.smart.alert"

    def _watched_sql(self, report_ids=None):
        """Pairs ``alert_id``, ``report_id`` of these rules, as ``_get_watched_domain``
        has them of one; of rules that are on or off.

        :param report_ids: of these KPIs only; None = of all
        """
        asked = SQL("TRUE")
        if report_ids is not None:
            asked = SQL("report.id = ANY(%s)", list(report_ids))
        branches = SQL(" UNION ALL ").join(
            SQL(
                """
                %s
                   AND (rule.company_id IS NULL
                        OR rule.company_id = tracked.company_id)
                 WHERE rule.applies_to = %s
                   AND rule.id = ANY(%s)
                """,
                SQL(pairs),
                kind,
                self.ids,
            )
            for kind, pairs in PAIRS.items()
        )
        return SQL(
            """
            WITH tracked AS MATERIALIZED (
                SELECT report.id, report.company_id, report.definition_id,
                       report.department_id, definition.category_id
                  FROM kpi_report AS report
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                 WHERE report.active
                   AND definition.active
                   AND %(asked)s
            )
            %(branches)s
            """,
            asked=asked,
            branches=branches,
        )

    def _find_readable_by_owners(self, report_ids):
        """What owners of rules of their own may see, by a statement for each owner.

        :return: dict rule id → set of those of ``report_ids`` that its owner sees
        """
        found = {}
        for owner, rules in self.filtered("is_personal").grouped("owner_id").items():
            visible = set()
            # As the owner, in any of their companies, as when they are told.
            reports = self.env["kpi.report"].with_user(owner)
            reports = reports.with_context(allowed_company_ids=None)
            if owner.active and reports.has_access("read"):
                visible = set(reports.search([("id", "in", report_ids)]).ids)
            found.update(dict.fromkeys(rules.ids, visible))
        return found
