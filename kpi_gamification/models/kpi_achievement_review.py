from odoo import api, models
from odoo.fields import Domain

from odoo.addons.kpi_base.formatting import format_day

MOST_ROWS = 200


class KpiAchievementReview(models.AbstractModel):
    """All that officers decide about achievements, as one list."""

    _name = "kpi.achievement.review"
    _description = "Achievement Review"

    @api.model
    def get_items(self):
        """Return the items to review in the current company, for officers.

        :return: list of dicts of ``key``, ``kind`` (held, change, kudos or limit),
            ``id`` (of the award or change; 0 for others), ``title``, ``person``,
            ``reason``, ``day`` (text) and ``can_decide`` (False: it is the user's own)
        """
        self.env["kpi.achievement"].check_access("write")
        return [
            *self._list_held(),
            *self._list_changes(),
            *self._list_rings(),
            *self._list_limits(),
        ]

    def _list_held(self):
        held = self.env["kpi.user.achievement"].search(
            Domain("state", "=", "held")
            & Domain("company_id", "=", self.env.company.id),
            limit=MOST_ROWS,
        )
        # Officers review what people earned, whether they see these otherwise or not.
        people = held.sudo().user_id
        people.fetch(["name"])
        return [
            {
                "key": f"held-{award.id}",
                "kind": "held",
                "id": award.id,
                "title": award.display_name,
                # as above
                "person": award.sudo().user_id.name,
                "reason": award._get_reason() or "",
                "day": format_day(self.env, award.earned_date.date()),
                "can_decide": award.user_id != self.env.user,
            }
            for award in held
        ]

    def _list_changes(self):
        changes = self.env["kpi.gamification.change"].search(
            Domain("state", "=", "waiting")
            & Domain("company_id", "in", [self.env.company.id, False]),
            limit=MOST_ROWS,
        )
        kinds = dict(changes._fields["kind"]._description_selection(self.env))
        return [
            {
                "key": f"change-{change.id}",
                "kind": "change",
                "id": change.id,
                # Officers agree to changes of all KPIs of the company.
                "title": change.sudo().definition_id.name,
                # as above
                "person": change.sudo().user_id.name,
                "reason": kinds[change.kind],
                "day": format_day(self.env, change.day),
                "can_decide": change.user_id != self.env.user,
            }
            for change in changes
        ]

    def _list_rings(self):
        # Officers review what people give, shown or not.
        kudos, people = self.env["kpi.kudos"].sudo(), self.env["res.users"].sudo()
        rings, patrons = kudos._find_rings(self.env.company)
        pairs = kudos._find_pairs(self.env.company)
        found = [
            (
                self.env._("Pair"),
                (one.first_id, one.second_id),
                one.given + one.returned,
            )
            for one in pairs
        ]
        found += [(self.env._("Ring"), one.ids, one.given) for one in rings]
        found += [(self.env._("One-Way"), one.ids, one.given) for one in patrons]
        expected = [one.expected for one in (*pairs, *rings, *patrons)]
        return [
            {
                "key": f"kudos-{number}",
                "kind": "kudos",
                "id": 0,
                "title": kind,
                "person": " → ".join(people.browse(ids).mapped("name")),
                "reason": self.env._(
                    "%(given)s kudos, %(expected)s expected",
                    given=given,
                    expected=round(usual, 1),
                ),
                "day": "",
                "can_decide": False,
            }
            for number, ((kind, ids, given), usual) in enumerate(
                zip(found, expected, strict=True)
            )
        ]

    def _list_limits(self):
        """People who got less than they earned this month, by the limits of points."""
        # Of others only that a limit held, not what they got.
        entries = self.env["kpi.points.entry"].sudo()
        month = self.env.company._get_gamification_today().replace(day=1)
        rows = entries._read_group(
            Domain("company_id", "=", self.env.company.id)
            & Domain("day", ">=", month)
            & Domain("origin", "!=", "reward")
            & Domain("is_reversal", "!=", True),
            ["user_id"],
            ["points:sum", "full_points:sum"],
        )
        return [
            {
                "key": f"limit-{person.id}",
                "kind": "limit",
                "id": 0,
                "title": self.env._("Point limit reached"),
                "person": person.name,
                "reason": self.env._("%s points not counted this month", full - points),
                "day": "",
                "can_decide": False,
            }
            for person, points, full in rows
            if full > points
        ]
