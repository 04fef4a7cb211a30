from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.kpi_base.actions import open_form, open_list
from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.formatting import format_number, format_small_percent
from odoo.addons.kpi_base.repeat import repeat_late

from ...engine.portfolio import FEW, rank
from ...engine.review_figures import CODES, DIGITS, Figure
from ..baseline.kpi_baseline import LARGEST
from ..finding import cite, get_cause, rank_findings
from .kpi_benefit_realization import OPEN

COMPARED = ("live", "reviewed", "closed")
MOST_COMPARED = 500
AT_ONCE = 50  # initiatives that are looked at in one transaction
MOST_LESSONS = 8
# What two initiatives have in common, and how much that says.
TOPIC, DEPARTMENT, TYPE = 4, 2, 1
TOTALS = ("expected_value", "planned_to_date", "realized_value", "realization_rate")
APPRAISED = ("npv", "bcr", "payback_years")
COSTS = ("planned_cost", "forecast_cost", "actual_cost")
OF_KPI = ("baseline_value", "target_value", "last_value", "progress")
# Numbers by which initiatives are compared → whether less is better.
MEASURES = {
    "realization_rate": False,
    "bcr": False,
    "cost_overrun": True,
    "delay_days": True,
    "time_overrun": True,
}


class KpiInitiative(models.Model):
    """What programs are told of an initiative beside its fields."""

    _name = "kpi.initiative"
    _inherit = ["kpi.initiative", "kpi.dated.mixin", "kpi.reviewed.mixin"]
    _reviewed_as = "initiative_ids"

    review_ids = fields.One2many("kpi.post.implementation.review", "initiative_id")
    review_count = fields.Integer(
        "Reviews", compute="_compute_counts", exportable=False
    )
    has_published_review = fields.Boolean(
        compute="_compute_has_published_review", exportable=False
    )
    lesson_tag_ids = fields.Many2many(
        "kpi.lesson.tag",
        "kpi_initiative_lesson_tag_rel",
        string="Topics",
        help="Matches lessons from earlier reviews.",
    )
    offered_lesson_ids = fields.Many2many(
        "kpi.lesson",
        string="Lessons from Earlier Reviews",
        compute="_compute_offered_lesson_ids",
        exportable=False,
    )

    def _sum_up_benefits(self):
        """The benefits that the user may see, added up: all, by type, by status.

        Of a programme, those of the initiatives below it count as well.
        """
        self.ensure_one()
        benefits = self._group_benefits()[self]
        return {
            "total": benefits._sum_up(),
            **{
                name: {
                    key: same._sum_up() for key, same in benefits.grouped(by).items()
                }
                for name, by in (("by_type", "benefit_type"), ("by_status", "status"))
            },
        }

    def _benchmark(self):
        """Compare an initiative with others that are live or were, and with studies.

        Others are those of its company that the user sees. Programmes are not compared.
        :return: as ``StandingOut``, with texts of numbers; measures that it has
        """
        if self.child_count:
            return []
        others = self.with_context(active_test=True).search(
            Domain("status", "in", COMPARED)
            & Domain("child_ids", "=", False)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("id", "!=", self.id),
            order="go_live_date DESC, id DESC",
            limit=MOST_COMPARED,
        )
        numbers = [one._measure() for one in others]
        classes = self.env["kpi.reference.class"].search(
            [("company_id", "in", [False, self.company_id.id])]
        )
        return [
            self._compare(
                measure,
                value,
                [known[measure] for known in numbers if measure in known],
                classes.filtered(lambda one, measure=measure: one.measure == measure),
            )
            for measure, value in self._measure().items()
        ]

    def _measure(self):
        """What an initiative is compared by, as far as it is known."""
        # The actual cost, else the forecast, beyond the plan.
        cost = self.actual_cost
        if self.status not in COMPARED or cost is False:
            cost = self.forecast_cost
        delay = planned = None
        if self.go_live_date and self.planned_go_live_date:
            delay = (self.go_live_date - self.planned_go_live_date).days
            if self.approved_on:
                planned = (self.planned_go_live_date - self.approved_on).days
        has_cost = cost is not False and (self.planned_cost or 0.0) > 0
        found = {
            "realization_rate": self.realization_rate,
            "bcr": self.bcr,
            "cost_overrun": cost / self.planned_cost - 1 if has_cost else None,
            "delay_days": delay,
            # How much longer it took from the approval to the go-live.
            "time_overrun": delay / planned if planned and planned > 0 else None,
        }
        return {
            measure: float(value)
            for measure, value in found.items()
            if value is not None and value is not False
        }

    def _compare(self, measure, value, others, published):
        ranked = rank(value, others, is_lower_better=MEASURES[measure])
        label = {
            "realization_rate": self.env._("Realization rate"),
            "bcr": self.env._("Benefit-cost ratio"),
            "cost_overrun": self.env._("Cost overrun"),
            "delay_days": self.env._("Go-live delay"),
            "time_overrun": self.env._("Time overrun"),
        }[measure]
        text = self._format_measure(measure, value)
        median = ranked and self._format_measure(measure, ranked.median)
        known = {"label": label, "value": text, "count": len(others)}
        standing = (
            self.env._(
                "%(label)s: %(value)s, better than %(percent)s of %(count)s other"
                " initiatives (median %(median)s).",
                **known,
                percent=format_small_percent(
                    self.env, ranked.percentile / 100, digits=0
                ),
                median=median,
            )
            if ranked
            else self.env._(
                "%(label)s: %(value)s. Needs %(least)s comparable initiatives; "
                "%(count)s so far.",
                **known,
                least=FEW,
            )
        )
        names = ("name", "low", "high", "source")
        return {
            "measure": measure,
            "label": label,
            "value": value,
            "text": text,
            "percentile": ranked and ranked.percentile,
            "others": len(others),
            "median": ranked and ranked.median,
            "median_text": median,
            "classes": [{name: one[name] for name in names} for one in published],
            "sentences": [
                cite(standing, self),
                *(cite(one._explain(), one) for one in published),
            ],
        }

    def _format_measure(self, measure, value):
        if measure == "delay_days":
            days = round(value)
            return say_count(days, self.env._("1 day"), self.env._("%s days"))
        if measure == "bcr":
            return format_number(self.env, value, 2)
        return format_small_percent(self.env, value, digits=0)

    def action_find_leakage(self):
        """File what seems to leak now, also below these, and show the leakages."""
        self.check_access("write")
        tree = self.union(*self._group_tree().values())
        tree._filtered_access("write")._file_findings()
        xml_id = "kpi_benefits.kpi_value_leakage_action"
        return open_list(self.env, xml_id, [("initiative_id", "in", tree.ids)])

    @api.model
    def _cron_find_leakage(self):
        """Each month: file what seems to leak in initiatives under way."""
        waiting = self.search(Domain("status", "in", OPEN), order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(waiting))
        for lang, same in waiting.grouped(lambda one: one.owner_id.lang).items():
            # People of its owner's language read what is filed.
            same = same.with_context(lang=lang)
            for start in range(0, len(same), AT_ONCE):
                part = same[start : start + AT_ONCE]
                repeat_late(self.env, part._file_findings)
                if not self.env["ir.cron"]._commit_progress(len(part)):
                    return

    def _file_findings(self):
        """File the findings of these initiatives as leakages, each cause once."""
        leakages = self.env["kpi.value.leakage"]
        # Whether a cause is known is looked at; what is filed is the user's right.
        found = leakages.sudo().with_context(active_test=False)
        found = found.search(
            [("initiative_id", "in", self.ids), ("detection_key", "!=", False)]
        )
        known = found.grouped(
            lambda one: get_cause(one.initiative_id, one.detection_key)
        )
        # Those of these initiatives alone, without what is below them.
        benefits = self.env["kpi.benefit.realization"].with_context(active_test=True)
        own = benefits.search([("initiative_id", "in", self.ids)])
        for finding in rank_findings(
            [*own._find_findings(), *self._find_cost_findings()]
        ):
            cause = get_cause(finding.place[0], finding.detection_key)
            same = known.get(cause, found.browse())
            if _can_file(finding) and not same._is_decided_on(finding):
                waiting = same.filtered(lambda one: one.is_open and one.active)[:1]
                waiting = waiting.with_env(self.env)
                if waiting.has_access("write"):
                    leakages._file(finding, waiting)

    @api.depends("review_ids.status")
    def _compute_has_published_review(self):
        reviews = self.env["kpi.post.implementation.review"].search(
            [("initiative_id", "in", self.ids), ("status", "=", "published")]
        )
        reviewed = reviews.initiative_id
        for initiative in self:
            initiative.has_published_review = initiative._origin in reviewed

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reviewed(self):
        # That there is a review stops everybody, whoever may see it.
        reviews = self.sudo().review_ids.filtered("approval_round")
        for initiative in reviews.initiative_id:
            raise UserError(
                self.env._(
                    "%s has a submitted review. Archive it instead.",
                    initiative.with_env(self.env).display_name,
                )
            )
        # Of a programme that it is part of.
        return super()._unlink_except_reviewed()

    def action_open_reviews(self):
        """Show the reviews of this initiative."""
        return self._open_list(
            "kpi_post_implementation_review_action",
            [("initiative_id", "=", self.id)],
            default_initiative_id=self.id,
        )

    def action_write_review(self):
        """Open the review that is being written, else a new one."""
        self.ensure_one()
        reviews = self.env["kpi.post.implementation.review"]
        begun = reviews.search(
            [("initiative_id", "=", self.id), ("status", "!=", "published")], limit=1
        )
        return open_form(begun, context={"default_initiative_id": self.id})

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends(
        "status",
        "company_id",
        "department_id",
        "lesson_tag_ids",
        "benefit_ids.benefit_type",
    )
    def _compute_offered_lesson_ids(self):
        for initiative in self:
            is_new = initiative.status in ("proposed", "approved")
            initiative.offered_lesson_ids = is_new and initiative._find_lessons()

    def _find_lessons(self):
        """Published lessons that fit best, the best first."""
        types = sorted(set(self.benefit_ids.mapped("benefit_type")))
        common = [Domain("benefit_types", "like", f",{kind},") for kind in types]
        if self.lesson_tag_ids:
            common.append(Domain("tag_ids", "in", self.lesson_tag_ids.ids))
        if self.department_id:
            common.append(Domain("department_id", "=", self.department_id.id))
        offered = self.env["kpi.lesson"].search(
            Domain("is_offered", "=", True)
            & Domain("company_id", "=", self.company_id.id)
            # Lessons are read by all, the reviews that they are from are not.
            & Domain("review_id", "any!", [("initiative_id", "!=", self._origin.id)])
            & Domain.OR(common),
            order="review_date desc, id desc",
            limit=500,
        )

        def count_points(lesson):
            known = lesson.benefit_types or ""
            return (
                TOPIC * len(lesson.tag_ids & self.lesson_tag_ids)
                + DEPARTMENT * len(lesson.department_id & self.department_id)
                + TYPE * sum(f",{kind}," in known for kind in types)
            )

        return offered.sorted(lambda one: -count_points(one))[:MOST_LESSONS]

    def _find_hidden(self):
        """Benefits, tracked KPIs and initiatives with costs below, as superuser.

        Those that count and that the user may not see: only that there are some is
        told, nothing of them.
        """

        def find(one):
            return (
                one._group_benefits()[one],
                one._find_baselines(),
                one._find_below_with_costs(),
            )

        # What counts is compared, not shown.
        everything = self.sudo()
        return [
            counted.filtered(lambda one, seen=seen: one.id not in seen.ids)
            for counted, seen in zip(find(everything), find(self), strict=True)
        ]

    def _find_baselines(self):
        """The KPIs of the initiative that count and that the user may read."""
        baselines = self.env["kpi.baseline"].with_context(active_test=True)
        return baselines.search([("initiative_id", "in", self.ids)])

    def _find_below_with_costs(self):
        """Initiatives below this one of which anything is known to cost."""
        below = self._group_tree()[self] - self
        return below.filtered(lambda one: any(one[name] is not False for name in COSTS))

    def _list_figures(self):
        """All figures now, whoever may see them: each names what it came from."""
        self.ensure_one()
        # Who reads a figure is decided by the benefits and KPIs that it names.
        initiative = self.sudo()
        benefits = initiative._group_benefits()[initiative]
        figures = initiative._list_total_figures(benefits._get_basis())
        for kind, field in (("type", "benefit_type"), ("status", "status")):
            for subject, same in benefits.grouped(field).items():
                # Sums, and their rate: never a mean of rates.
                about, basis = (kind, subject, ""), same._get_basis()
                figures += _list_figures(same._sum_up(), about, TOTALS, basis)
        for one in (*benefits, *initiative._find_baselines()):
            figures += one._list_own_figures()
        for gate in initiative.gate_ids.sorted("sequence"):
            about = "gate", str(gate.id), gate.name
            figures += _list_figures(gate, about, ("planned_date", "actual_date"))
        return figures

    def _list_total_figures(self, basis):
        below = self._find_below_with_costs()
        costs_of = tuple(below.ids)
        appraised, together = (*basis, costs_of), ((), (), costs_of)
        about, words = ("total", "", ""), {}
        rate, words["irr"] = self._get_return()
        programme = {name: self[f"program_{name}"] for name in COSTS}
        figures = [
            *_list_figures(self, about, TOTALS, basis),
            *_list_figures(self, about, APPRAISED, appraised),
            # A number, or a word for why there is none.
            *_list_figures({"irr": rate}, about, ("irr",), appraised, words),
            *_list_figures(programme, ("cost", "", ""), COSTS, together),
        ]
        # Of a programme each initiative too, whose costs add up.
        for one in (self | below) if below else ():
            own = (), (), tuple((one - self).ids)
            figures += _list_figures(one, ("cost", str(one.id), one.name), COSTS, own)
        days = ("planned_go_live_date", "go_live_date")
        return [*figures, *_list_figures(self, about, days)]


def _can_file(finding):
    """Whether all who read the leakage may read what it is about.

    So a double claim is filed within one initiative; and what people entered, as not
    everybody there may see the KPI that a benefit is measured by.
    """
    if not finding.cited:
        return True
    claims = finding.about.union(*finding.cited)
    # The initiatives are compared, not shown.
    claims = claims.sudo()
    is_measured = claims.baseline_id or claims.former_report_ids
    return len(claims.initiative_id) == 1 and not is_measured


class KpiBenefitRealization(models.Model):
    """Figures of benefits, one by one and together."""

    _inherit = "kpi.benefit.realization"

    def _get_basis(self):
        """Ids of these benefits, and of the KPIs that measure or measured them."""
        reports = self.baseline_id._get_used_reports() | self.former_report_ids
        return tuple(self.ids), tuple(reports.ids)

    def _list_own_figures(self):
        about, names = ("benefit", str(self.id), self.name), (*TOTALS, "status")
        return _list_figures(self, about, names, self._get_basis())


class KpiBaseline(models.Model):
    """Figures of KPIs: what they were, are to become, and are."""

    _inherit = "kpi.baseline"

    def _list_own_figures(self):
        basis = (), tuple(self._get_used_reports().ids)
        periods = {"last_value": str(self.last_period_start or "")}
        return _list_figures(
            self, ("kpi", str(self.id), self.name), OF_KPI, basis, periods
        )

    def _prepare_figure_unit(self, unit):
        """The unit of the KPI as it is now, for figures in the unit ``unit``."""
        values = {"baseline_id": self.id, "decimals": self.decimals}
        if unit != "kpi":
            return values
        if self.unit == "currency":
            return {**values, "unit": "money", "currency_id": self.currency_id.id}
        symbols = {
            "percent": "%",
            "duration": self.duration_unit,
            "custom": self.unit_symbol,
        }
        return {**values, "unit_symbol": symbols.get(self.unit) or False}


def _list_figures(given, about, names, basis=(), texts=None):
    """Figures of a record, or of a dict of numbers.

    :param about: kind, subject and name of all of them
    :param basis: ids of what they are worked out from
    :param texts: what stands behind, or in place of, a number
    """
    figures = []
    for code in names:
        value, text = given[code], (texts or {}).get(code, "")
        if CODES[code][1] in ("day", "status"):
            value, text = None, str(value or "")
        # Values of KPIs can be of any size; what nothing is counted in is none.
        is_known = value is not None and value is not False and abs(value) <= LARGEST
        number = round(value, DIGITS) if is_known else None
        figures.append(Figure(*about, code, number, text, *basis))
    return figures


class KpiReferenceClass(models.Model):
    """How far projects of a kind ended beyond their plan, by a study that is named."""

    _name = "kpi.reference.class"
    _description = "Reference Class"
    _inherit = ["kpi.input.mixin"]
    _order = "measure, name, id"

    name = fields.Char("Project Type", required=True, translate=True)
    measure = fields.Selection(
        [("cost_overrun", "Cost Overrun"), ("time_overrun", "Time Overrun")],
        required=True,
        default="cost_overrun",
    )
    low = OptionalFloat(
        "From",
        required=True,
        digits=(6, 4),
        aggregator=False,
        help="Overrun with good risk management.",
    )
    high = OptionalFloat(
        "To",
        required=True,
        digits=(6, 4),
        aggregator=False,
        help="Overrun without risk management.",
    )
    source = fields.Char(required=True, help="Author and publication.")
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="cascade",
        help="Leave empty to apply to all companies.",
    )

    _class_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), measure, name, source)",
        "This project type already exists for this measure and source.",
    )
    _bounds_ordered = models.Constraint(
        "CHECK (low > -1 AND low <= high AND high <= 10)",
        "“From” must be above −100%, and “To” between “From” and 1,000%.",
    )

    def _explain(self):
        """Say what a study found of projects of this kind."""
        low = format_small_percent(self.env, self.low, digits=0)
        high = format_small_percent(self.env, self.high, digits=0)
        if low == high:
            return self.env._(
                "%(kind)s: %(value)s (%(study)s).",
                kind=self.name,
                value=low,
                study=self.source,
            )
        return self.env._(
            "%(kind)s: %(low)s to %(high)s (%(study)s).",
            kind=self.name,
            low=low,
            high=high,
            study=self.source,
        )
