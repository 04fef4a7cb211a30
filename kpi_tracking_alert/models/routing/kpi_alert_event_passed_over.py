from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.roles import OFFICER

MOST_NOTED = 20  # of a step: a group may have hundreds


class KpiAlertEvent(models.Model):
    """Who was passed over when an alert was escalated, for those who see its rule."""

    _inherit = "kpi.alert.event"

    passed_over = fields.Json(
        readonly=True,
        groups=OFFICER,
        exportable=False,
        help="Who was not told at a level, and why: dicts of user_id, why and at.",
    )

    def _note_passed_over(self, found):
        """Keep who was passed over, once for each reason.

        :param found: dict event → pairs (user id, why)
        """
        now = fields.Datetime.to_string(fields.Datetime.now())
        for event, pairs in found.items():
            noted = event.passed_over or []
            known = {(each["user_id"], each["why"]) for each in noted}
            new = [pair for pair in dict.fromkeys(pairs) if pair not in known]
            if new:
                event.passed_over = [
                    *noted,
                    *(
                        {"user_id": user_id, "why": why, "at": now}
                        for user_id, why in new[:MOST_NOTED]
                    ),
                ]

    def _timeline_selects(self):
        selects = super()._timeline_selects()
        # Less, not more: the timeline itself is read as superuser.
        rule = self.alert_id.sudo(False)
        if rule and rule.has_access("read"):
            selects.append(self._select_passed_over())
        return selects

    def _select_passed_over(self):
        self.flush_model(["passed_over"])
        return SQL(
            """
            SELECT 'passed_over', min(noted.place)::int, NULL::int, NULL::int,
                   noted.at, noted.at, NULL::int,
                   jsonb_build_object('users', jsonb_agg(noted.user_id
                                                         ORDER BY noted.place),
                                      'reasons', jsonb_agg(noted.why
                                                           ORDER BY noted.place))
              FROM (
                SELECT place, (entry->>'at')::timestamp AS at,
                       (entry->>'user_id')::int AS user_id, entry->>'why' AS why
                  FROM kpi_alert_event AS event
            CROSS JOIN LATERAL jsonb_array_elements(event.passed_over)
                       WITH ORDINALITY AS each (entry, place)
                 WHERE event.id = %s
              ) AS noted
          GROUP BY noted.at
            """,
            self.id,
        )

    def _timeline_passed_over(self, rows):
        reasons = {
            "archived": self.env._("no longer works here"),
            "away": self.env._("on leave"),
            "company": self.env._("of another company"),
            "access": self.env._("may not see this KPI"),
            "address": self.env._("has no email address"),
        }
        names = self._name_known("res.users", rows, "users")
        for row in rows:
            details = row["details"]
            pairs = zip(details["users"], details["reasons"], strict=True)
            yield {
                "title": self.env._("Passed over"),
                "lines": [
                    self.env._(
                        "%(person)s: %(reason)s",
                        person=names.get(user_id) or self.env._("Somebody"),
                        reason=reasons[why],
                    )
                    for user_id, why in pairs
                ],
            }
