from datetime import timedelta
from functools import cached_property

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.kpi_base.formatting import format_percent
from odoo.addons.kpi_base.schemas.base import Id
from odoo.addons.kpi_tracking.engine import formula as formulas

from ..engine.rewrite import find_differences, list_rewrites

MOST_ROUNDS = 8  # rewrites, one after another
DEAR_DAYS = 30
DEAR_SHARE = 0.25  # of all computing
DEAR_SECONDS = 10


class KpiIntelligentOptimization(models.Model):
    """Advice on formulas: what is wrong with one, and a shorter one that is as good."""

    _inherit = "kpi.intelligent.optimization"

    formula_before = fields.Text("Formula", readonly=True)
    formula = fields.Text("New Formula", readonly=True)

    @api.model
    def optimize_formula(self, kpi_id: Id):
        """Say what a formula loses or hides, and how it is written shorter.

        Units that do not fit, values lost by dividing by zero, averages of ratios, and
        parts whose source takes long. A shorter formula is offered where both give the
        same values, to 1e-9, and the same gaps in all history.

        :return: dict of ``findings`` (dicts of ``kind``: unit, division, ratio or dear,
            and ``text``), ``rewrite`` (a formula or None), ``sentences`` and
            ``advice_id``
        :raises AccessError: the user may not change the formula
        """
        report = self.env["kpi.report"]._find_readable(kpi_id)
        definition = report.definition_id
        definition.check_access("write")
        if definition.computation != "formula":
            raise UserError(self.env._("%s has no formula.", report.name))
        tried = _Tried(definition)
        rewrite = tried.shorten()
        findings = tried.list_findings()
        said = [text for _kind, text in findings]
        said += [self._phrase("formula.rewrite", rewrite=rewrite)] if rewrite else []
        answer = {
            "findings": [{"kind": kind, "text": text} for kind, text in findings],
            "rewrite": rewrite,
            "sentences": said or [self._phrase("formula.none", kpi=report.name)],
            "advice_id": None,
        }
        if not said:
            return answer
        start = report._get_running_start()
        advice = self._store_once(
            {
                "report_id": report.id,
                "optimization_type": "formula_optimization",
                "cutoff": start,
                "formula_before": definition.formula,
                "formula": rewrite or False,
            },
            period_start=start,
            text=" ".join(said),
            back_test=rewrite and tried.say_proof(),
        )
        return {**answer, "advice_id": advice.id}

    def action_take(self):
        if self.optimization_type == "formula_optimization" and self.formula:
            return self._take_formula()
        return super().action_take()

    def _take_formula(self):
        """Change the formula from the running period on, or propose to.

        :raises UserError: it was changed, or the two give no longer the same
        """
        self.ensure_one()
        definition = self.report_id.definition_id
        definition.check_access("write")
        is_same = definition.formula == self.formula_before and self._is_same()
        if not is_same:
            raise UserError(
                self.env._("The formula or its values changed. Check it again.")
            )
        proposal = definition._change_or_propose(
            {"formula": self.formula},
            self.report_id._get_running_start(),
            self.env._("Formula shortened. %s", self.back_test),
        )
        self._note_taken()
        return proposal._show(proposal) if proposal else self.action_open_kpi()

    def _is_same(self):
        """Whether both formulas give the same in all history."""
        definition = self.report_id.definition_id
        return definition.computation == "formula" and _Tried(definition).is_same(
            self.formula, self.formula_before
        )

    def _prepare_score(self, value):
        if self.optimization_type == "formula_optimization":
            return {"is_reached": self._is_same()}
        return super()._prepare_score(value)

    def _say_result(self):
        if self.optimization_type == "formula_optimization":
            kind = "formula.same" if self.is_reached else "formula.differs"
            return self._phrase(kind, period=self.period_label)
        return super()._say_result()


class _Tried:
    """A formula and others in its place, on all values that there were.

    :ivar seen: whether the user sees a KPI of the definition; others are compared,
        but not counted
    """

    def __init__(self, definition):
        self.env, self.asked = definition.env, definition
        seen = self.env["kpi.report"].search([("definition_id", "=", definition.id)])
        # Two formulas are the same only where they are so for everybody.
        self.kpi = definition.sudo()
        reports = self.kpi.with_context(active_test=False).report_ids
        self.reports = reports.with_env(self.env)
        self.scopes = [(r.scope_type, r.scope_id, r.company_id.id) for r in reports]
        self.seen = np.array([report in seen for report in self.reports])
        self.runs = [
            self.kpi._evaluation(grain, definition.history_start, None)
            for grain in dict.fromkeys([definition.frequency, *self.kpi._grains()])
        ]
        first = definition.history_start
        self.is_recorded = [
            np.array([period.stop > first for period in run.periods])
            for run in self.runs
        ]
        self.own = self.evaluate(definition.formula)
        self.ratios = []

    def _evaluate_run(self, run, text):
        method = {**self.kpi._get_method(), "formula": text}
        draft = self.kpi._with_method(method)
        formula, inputs, context, _parts = run._prepare_evaluation(
            draft, self.scopes, draft._components_by_code()
        )
        return formulas.evaluate(formula, inputs, context)

    def evaluate(self, text):
        """Values of a formula in each length of periods; the KPI's own comes first."""
        return [
            self._evaluate_run(run, text).values[:, is_recorded]
            for run, is_recorded in zip(self.runs, self.is_recorded, strict=True)
        ]

    def is_same(self, other, text=None):
        """Whether two formulas give the same everywhere; no where one gives none.

        :param text: in the place of the KPI's own
        """
        try:
            own = self.evaluate(text) if text else self.own
            pairs = zip(own, self.evaluate(other), strict=True)
            return not any(find_differences(*pair).any() for pair in pairs)
        except (formulas.FormulaError, KeyError):  # a part is gone
            return False

    def shorten(self):
        """A shorter formula that gives the same; None where none is known."""
        text = self.kpi.formula
        for at in range(MOST_ROUNDS):
            tried = list_rewrites(formulas.parse(text), self._others, self.dear)
            if not at:
                self.ratios = [each for each in tried if each.kind == "ratio"]
            found = next((each for each in tried if self.is_same(each.text)), None)
            if not found:
                break
            text = found.text
        return text if text != self.kpi.formula else None

    @cached_property
    def _others(self):
        """Codes and formulas of KPIs that this one may be made of, as the user sees."""
        domain = Domain("computation", "=", "formula")
        domain &= Domain("frequency", "=", self.kpi.frequency)
        domain &= Domain("calendar_id", "=", self.kpi.calendar_id.id)
        domain &= Domain("company_id", "in", [False, self.kpi.company_id.id])
        domain &= Domain("id", "not in", (self.kpi | self.kpi._formula_users()).ids)
        return {kpi.code: kpi.formula for kpi in self.asked.search(domain)}

    @cached_property
    def _seconds(self):
        """Name of a source → seconds of computing it of late."""
        since = fields.Datetime.now() - timedelta(days=DEAR_DAYS)
        # What computing takes is told to whoever may change how it is done.
        lines = self.env["kpi.job.line"].sudo()
        domain = [("job_id.started_at", ">=", since)]
        return dict(lines._read_group(domain, ["name"], ["duration_seconds:sum"]))

    @cached_property
    def _dear_sources(self):
        """Code of a part → the name of its dearest source, if that is dear."""
        total = sum(self._seconds.values())
        found = {}
        for code, part in self.kpi._components_by_code().items():
            # Jobs have no language.
            sources = part._with_components().source_ids.with_context(lang=None)
            names = sorted(
                sources.mapped("name"), key=lambda n: self._seconds.get(n, 0)
            )
            seconds = self._seconds.get(names[-1], 0) if names else 0
            if seconds >= max(DEAR_SECONDS, DEAR_SHARE * total):
                found[code] = names[-1]
        return found

    @property
    def dear(self):
        """Codes of the parts whose source takes long."""
        return self._dear_sources.keys()

    def list_findings(self):
        """Kind and text of what the formula loses or hides."""
        warnings = self.asked.formula_warnings or ""
        found = [("unit", text) for text in warnings.splitlines()]
        found += [("division", text) for text in self._say_divisions()]
        found += [("ratio", text) for text in map(self._say_ratio, self.ratios) if text]
        total = sum(self._seconds.values())
        for code, source in self._dear_sources.items():
            seconds = self._seconds[source]
            text = self.reports._phrase(
                "formula.dear",
                kpi=self._name(code),
                source=source,
                share=format_percent(self.env, seconds / total, 0),
                days=DEAR_DAYS,
                seconds=round(seconds),
            )
            found.append(("dear", text))
        return found

    def _name(self, text):
        return self.kpi._name_codes(text, self.kpi._components_by_code())

    def _list_places(self, marked):
        """Rows and columns of the KPI's own periods that are marked, as far as seen."""
        return np.argwhere(marked & self.seen[:, None]).tolist()

    def _get_label(self, column):
        recorded = np.flatnonzero(self.is_recorded[0])
        period = self.runs[0].periods[int(recorded[column])]
        return self.kpi.calendar_id._period_label(period)

    def _say_divisions(self):
        """Of which parts a value was 0 that was divided by."""
        reasons = self._evaluate_run(self.runs[0], self.kpi.formula).reasons
        codes = reasons.codes[:, self.is_recorded[0]]
        for number, reason in enumerate(reasons.kinds, start=1):
            places = self._list_places(codes == number)
            if reason.kind == "division" and places:
                yield self.reports._phrase(
                    "formula.division",
                    part=self._name(reason.subject),
                    count=len(places),
                    total=len(self._list_places(codes >= 0)),
                    period=self._get_label(max(column for _row, column in places)),
                )

    def _say_ratio(self, rewrite):
        """How far an average of ratios is off; empty where it is not."""
        other = self.evaluate(rewrite.text)[0]
        own = self.own[0]
        places = self._list_places(find_differences(own, other))
        gaps = np.isnan(own) | np.isnan(other)
        known = [at for at in places if not gaps[tuple(at)]]
        if not known:
            return ""
        row, column = max(known, key=lambda at: at[1])
        write = self.reports[row]._write_value
        return self.reports._phrase(
            "formula.ratio",
            part=self._name(rewrite.part),
            rewrite=self._name(rewrite.by),
            count=len(places),
            total=len(self._list_places(np.ones_like(other, bool))),
            value=write(float(other[row, column])),
            own=write(float(own[row, column])),
            period=self._get_label(column),
        )

    def say_proof(self):
        """In how many values a rewrite was found to be the same."""
        known = np.isfinite(self.own[0])
        return self.reports._phrase(
            "formula.proof",
            count=len(self._list_places(known)),
            gaps=len(self._list_places(~known)),
            first=self._get_label(0),
        )


class KpiReport(models.Model):
    """A button that checks the formula of a KPI."""

    _inherit = "kpi.report"

    def _get_running_start(self):
        """First day of the running period."""
        calendar = self.definition_id.calendar_id
        return calendar._period(self.frequency, calendar._today()).start

    def action_advise_formula(self):
        """Open what is advised about the formula, or say that there is nothing."""
        self.ensure_one()
        advices = self.env["kpi.intelligent.optimization"]
        return self._show_advice(advices.optimize_formula(self.id))
