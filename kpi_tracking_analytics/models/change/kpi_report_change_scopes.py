from datetime import timedelta
from itertools import pairwise

from odoo import models

from .change import UnsplitChange, Way

FINEST_LAST = ("department", "team", "user")


class KpiReport(models.Model):
    """Changes by departments, teams or people below, as far as the user sees them.

    What is left, of the KPI's own and of scopes that the user may not see, is one part:
    it follows from values that they see.
    """

    _inherit = "kpi.report"

    def _get_scope_way(self, split):
        label = self.env._("Departments, teams or people")
        return Way("scope", label, split)

    def _name_beside(self):
        return self.env._("Other in %s", self.scope_name)

    def _say_nothing_below(self):
        return self.env._(
            "You see no values of departments, teams or people below %s that the change"
            " could be split by.",
            self.scope_name,
        )

    def _check_combined(self, move, aggregation):
        """Check that values of scopes below are declared to make up this one.

        :raises UnsplitChange: they are not
        """
        if move.after.method.aggregation_scope != aggregation:
            raise UnsplitChange(
                self.env._(
                    "Values of %s are not combined over people and departments.",
                    self.kpi_name,
                )
            )

    def _find_scopes_below(self, move):
        """KPIs of the same definition of which each counts a record of this one once.

        Of the nearest departments, else teams, else people.

        :raises UnsplitChange: the user sees none
        """
        below = self.made_of_ids.filtered(
            lambda kpi: kpi.definition_id == self.definition_id
        )
        for scope_type in FINEST_LAST:
            found = below.filtered(lambda kpi, kind=scope_type: kpi.scope_type == kind)
            if found:
                return self._check_counted_once(scope_type, found, move)
        raise UnsplitChange(self._say_nothing_below())

    def _check_counted_once(self, scope_type, reports, move):
        """Those whose values are in that of this KPI, and in none of the others.

        :raises UnsplitChange: a record may count for several
        """
        methods = {side.method for side in (move.before, move.after)}
        if any(self._counts_for_several(scope_type, method) for method in methods):
            raise UnsplitChange(
                self.env._(
                    "The same record may count for several of them, so the parts would"
                    " not add up."
                )
            )
        if scope_type == "user" and self.scope_type != "company":
            return self._filter_members(reports, move)
        has_field = all(method.team_field for method in methods)
        if scope_type == "team" and not has_field and self._share_people(reports, move):
            raise UnsplitChange(
                self.env._(
                    "Some people are in several of the teams, so the parts would not"
                    " add up."
                )
            )
        return reports

    def _counts_for_several(self, scope_type, method):
        """Whether a record can belong to several departments, teams or people."""
        if method.computation != "records":
            return False
        own = scope_type != "user" and method[f"{scope_type}_field"]
        model = self.env[method.model_name]
        for step in filter(None, (own or method.user_field or "").split(".")):
            field = model._fields.get(step)
            if field is None or field.type in ("many2many", "one2many"):
                return True
            model = self.env[field.comodel_name] if field.comodel_name else model
        return False

    def _find_stays(self, move, **scope):
        """Memberships as long as either period: (period, rows that touch it)."""
        domain = [(name, "in", values) for name, values in scope.items()]
        domain.append(("company_id", "=", self.company_id.id))
        # Who belongs where decides only what the user's own KPIs are called parts of.
        stays = self.env["kpi.membership"].sudo().search(domain, order="date_from, id")
        tomorrow = self.definition_id.calendar_id._today() + timedelta(days=1)
        for side in (move.before, move.after):
            start, stop = side.period.start, min(side.period.stop, tomorrow)
            yield (
                (start, stop),
                stays.filtered(
                    lambda stay, start=start, stop=stop: (
                        stay.date_from < stop and stay.date_to > start
                    )
                ),
            )

    def _filter_members(self, reports, move):
        """Those of people who were here throughout both periods."""
        if any(
            side.method[f"{self.scope_type}_field"]
            for side in (move.before, move.after)
        ):
            raise UnsplitChange(self._say_nothing_below())
        for (start, stop), stays in self._find_stays(
            move,
            scope_type=[self.scope_type],
            scope_id=[self.scope_id],
            user_id=reports.user_id.ids,
        ):
            members = stays.filtered(
                lambda stay, start=start, stop=stop: (
                    stay.date_from <= start and stay.date_to >= stop
                )
            ).user_id
            reports = reports.filtered(lambda kpi, known=members: kpi.user_id in known)
        if not reports:
            raise UnsplitChange(self._say_nothing_below())
        return reports

    def _share_people(self, reports, move):
        """Whether somebody was in two of these teams at once."""
        return any(
            earlier.date_to > later.date_from
            for _days, stays in self._find_stays(
                move, scope_type=["team"], scope_id=reports.team_id.ids
            )
            for same in stays.grouped("user_id").values()
            for earlier, later in pairwise(same)
        )

    def _read_below(self, reports, period):
        """Report id → value and weight (NaN = none) of those with a value."""
        return {
            report_id: (value, weight)
            for series in reports._series(
                period.grain, period.start, period.start, with_targets=False
            )
            for report_id, value, weight in zip(
                series.report_ids,
                series.values[:, 0].tolist(),
                series.weights[:, 0].tolist(),
                strict=True,
            )
            if value == value
        }
