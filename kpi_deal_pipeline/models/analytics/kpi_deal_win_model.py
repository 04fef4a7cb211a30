from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np

from odoo import api, fields, models, tools
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.kpi_base.formatting import format_number

from ...analytics.observations import Spells, sample_spells
from ...analytics.win_probability import (
    ENOUGH_DEALS,
    STEP_DAYS,
    Logistic,
    StageRate,
    learn,
    probabilities,
)
from ..deal.kpi_deal_stage import CLOSED_STAGES, PIPELINE_STAGES

EPOCH = datetime(1970, 1, 1)
OPEN_STAGES = tuple(key for key, _ in PIPELINE_STAGES if key not in CLOSED_STAGES)
STAGE_INDEX = {stage: index for index, stage in enumerate(OPEN_STAGES)}
EXACT = 4  # decimals of a probability
BASES = [
    ("calibrated", "Learned by Stage and Age"),
    ("stage_norm", "Usual Win Rate of the Stage"),
]
MAIN_JUDGES = ("calibrated", "stage_norm", "confidence")
MOST_DEALS = 20_000  # decided last; more would add little and take memory


class KpiDealWinModel(models.Model):
    """Win model learned from a company's decided deals."""

    _name = "kpi.deal.win.model"
    _description = "Win Probability Model"
    _order = "company_id"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    learned_at = fields.Datetime(readonly=True)
    basis = fields.Selection(BASES, "Method", required=True, readonly=True)
    reason = fields.Selection(
        [
            ("better", "More Accurate on Recent Deals"),
            ("not_better", "Not More Accurate on Recent Deals"),
            ("few_deals", "Not Enough Decided Deals"),
            ("no_library", "Scikit-learn Not Installed"),
        ],
        required=True,
        readonly=True,
    )
    deal_count = fields.Integer("Decided Deals", readonly=True)
    rates = fields.Json(
        readonly=True,
        exportable=False,
        help="Deals, won deals and win rate per open stage.",
    )
    logistic = fields.Json(
        readonly=True,
        exportable=False,
    )
    judge_ids = fields.One2many(
        "kpi.deal.win.judge", "model_id", "Accuracy", readonly=True
    )
    band_ids = fields.One2many(
        "kpi.deal.win.band", "model_id", "Forecast vs Outcome", readonly=True
    )
    comparison = fields.Text(
        compute="_compute_comparison",
        help=("Compares the model with agents' confidence."),
    )

    _company_id_uniq = models.UniqueIndex(
        "(company_id)", "This company already has a win probability model."
    )

    @api.depends("judge_ids", "basis")
    def _compute_comparison(self):
        for model in self:
            model.comparison = model._compare_with_agents()

    def _scores(self):
        """Judge → its row."""
        return {row.judge: row for row in self.judge_ids}

    def _compare_with_agents(self):
        """Compare the errors of what is in use with the agents' on the same deals."""
        rows = self._scores()
        agents = rows.get("confidence")
        ours = rows.get(f"{self.basis}_beside")
        if not agents or not agents.forecast_count:
            return self.env._(
                "Agents entered no confidence before the latest deals were decided."
            )
        words = {
            "count": agents.deal_count,
            "ours": format_number(self.env, ours.brier_score, 3),
            "agents": format_number(self.env, agents.brier_score, 3),
        }
        if ours.brier_score < agents.brier_score:
            return self.env._(
                "The model was more accurate than agents' confidence on %(count)s "
                "deals (Brier score %(ours)s vs %(agents)s).",
                **words,
            )
        return self.env._(
            "Agents' confidence was more accurate than the model on %(count)s deals "
            "(Brier score %(agents)s vs %(ours)s).",
            **words,
        )

    @api.model
    def _learn(self, company):
        """Learn from a company's decided deals, into its model, which is returned."""
        rows = sample_spells(self._spells(company), STEP_DAYS)
        learned = learn(rows, self._priors())
        model = self.search([("company_id", "=", company.id)])
        values = {
            "learned_at": fields.Datetime.now(),
            "basis": learned.basis,
            "reason": learned.reason,
            "deal_count": learned.deal_count,
            "rates": [asdict(rate) for rate in learned.rates],
            "logistic": asdict(learned.logistic) if learned.logistic else False,
            "judge_ids": [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "judge": judged.judge,
                            "deal_count": judged.deal_count,
                            "forecast_count": judged.forecast_count,
                            "brier_score": judged.brier,
                        }
                    )
                    for judged in learned.judged
                ),
            ],
            "band_ids": [
                Command.clear(),
                *(
                    Command.create({"judge": judged.judge, **asdict(band)})
                    for judged in learned.judged
                    if judged.judge in MAIN_JUDGES
                    for band in judged.bands
                ),
            ],
        }
        if model:
            model.write(values)
        else:
            model = self.create({"company_id": company.id, **values})
        self.env.registry.clear_cache()
        return model

    @api.model
    def _priors(self):
        rates = self.env["kpi.deal.stage"]._win_rates()
        return np.array([rates.get(stage, 0.5) for stage in OPEN_STAGES])

    @api.model
    @tools.ormcache("company_id")
    def _knowledge(self, company_id):
        """Rates by stage (those set, until something was learned); what was learned."""
        # Whoever sees a deal sees how likely it is won, not what it was learned from.
        model = self.sudo().search([("company_id", "=", company_id)])
        if not model:
            rates = tuple(StageRate(0, 0, float(rate)) for rate in self._priors())
            return rates, None
        logistic = model.logistic and Logistic(
            **{
                name: tuple(value) if isinstance(value, list) else value
                for name, value in model.logistic.items()
            }
        )
        return tuple(StageRate(**rate) for rate in model.rates), logistic or None

    @api.model
    def _chances(self, company_id, stages, ages):
        """Chances of open deals, by stage and days since each was opened."""
        rates, logistic = self._knowledge(company_id)
        indexes = np.array([STAGE_INDEX[stage] for stage in stages], dtype=int)
        if logistic:
            found = probabilities(logistic, indexes, np.array(ages, dtype=float))
        else:
            found = np.array([rate.rate for rate in rates])[indexes]
        return np.round(found, EXACT)

    @api.model
    def _get_win_basis(self, company_id):
        return "calibrated" if self._knowledge(company_id)[1] else "stage_norm"

    def _in_words(self):
        """Explain why this basis is used, and its quality, to people who see a deal."""
        self.ensure_one()
        rows = self._scores()
        words = {"deals": self.deal_count, "needed": ENOUGH_DEALS}
        sentence = {
            "better": self.env._(
                "Learned from %(deals)s decided deals by stage and age.", **words
            ),
            "not_better": self.env._(
                "Stage and age were no more accurate than stage alone on %(deals)s "
                "decided deals.",
                **words,
            ),
            "few_deals": self.env._(
                "Needs %(needed)s decided deals, both won and lost; %(deals)s so far.",
                **words,
            ),
            "no_library": self.env._(
                "Install scikit-learn on the server to learn from %(deals)s "
                "decided deals.",
                **words,
            ),
        }[self.reason]
        norm, learned = rows.get("stage_norm"), rows.get("calibrated")
        if not norm or not norm.forecast_count:
            return sentence
        parts = [sentence]
        if learned:
            parts.append(
                self.env._(
                    "Brier score on the latest %(count)s decided deals: %(score)s; "
                    "usual stage rate: %(norm)s (0 is perfect, 0.25 is a coin "
                    "toss).",
                    count=norm.deal_count,
                    score=format_number(self.env, learned.brier_score, 3),
                    norm=format_number(self.env, norm.brier_score, 3),
                )
            )
        parts.append(self.comparison)
        return " ".join(parts)

    @api.model
    def _spells(self, company):
        """Times during which decided deals of ``company`` stayed as they were.

        Stages are those in effect at the time. A confidence counts from the day on
        which it was recorded: one that was entered with the outcome predicted nothing.
        """
        self.env["kpi.deal"].flush_model()
        tz = self._get_clocks(company)
        select = SQL(
            """
            WITH decided AS (
                SELECT id, opened_at, stage_since, status = 'closed_won' AS is_won
                  FROM agent_deals
                 WHERE company_id = %(company)s
                   AND status IN ('closed_won', 'closed_lost')
              ORDER BY stage_since DESC, id DESC
                 LIMIT %(most)s
            )
            SELECT decided.id,
                   array_position(%(stages)s::varchar[], spell.pipeline_stage) - 1,
                   %(date_from)s,
                   %(date_to)s,
                   NULLIF(worth.confidence, 0)::float8,
                   %(recorded_at)s,
                   %(opened_at)s,
                   %(decided_at)s,
                   decided.is_won
              FROM decided
              JOIN kpi_deal_stage_interval AS spell ON spell.deal_id = decided.id
         LEFT JOIN LATERAL (
                SELECT confidence, recorded_at
                  FROM agent_deal_value_events
                 WHERE deal_id = decided.id
                   AND effective_at <= spell.date_from
              ORDER BY effective_at DESC, id DESC
                 LIMIT 1
              ) AS worth ON TRUE
             WHERE spell.status = 'open'
               AND spell.pipeline_stage = ANY(%(stages)s)
               AND spell.date_to <= decided.stage_since
          ORDER BY decided.id, spell.date_from
            """,
            company=company.id,
            most=MOST_DEALS,
            stages=list(OPEN_STAGES),
            date_from=clock_days_sql(SQL("spell.date_from"), tz),
            date_to=clock_days_sql(SQL("spell.date_to"), tz),
            recorded_at=clock_days_sql(SQL("worth.recorded_at"), tz),
            opened_at=clock_days_sql(SQL("decided.opened_at"), tz),
            decided_at=clock_days_sql(SQL("decided.stage_since"), tz),
        )
        kinds = (int, int, float, float, float, float, float, float, bool)
        return Spells(*read_columns(self.env.execute_query(select), kinds))

    @api.model
    def _get_clocks(self, company):
        """Time zone by whose clocks days of the company's deals are counted."""
        return self.env["kpi.agent.performance"]._zone(company).zone


def clock_days(moment: datetime, tz: str) -> float:
    """Days since 1970 by the clocks of ``tz``, of 23 to 25 hours, at a UTC moment."""
    local = moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(tz))
    return (local.replace(tzinfo=None) - EPOCH) / timedelta(days=1)


def clock_days_sql(moment: SQL, tz: str) -> SQL:
    """``clock_days`` of a column of moments."""
    return SQL(
        "(extract(epoch FROM (%s AT TIME ZONE 'UTC') AT TIME ZONE %s) / 86400)::float8",
        moment,
        tz,
    )


def read_columns(rows: list[tuple], kinds: tuple[type, ...]) -> list[np.ndarray]:
    """Arrays of the columns of ``rows``; empty values are NaN."""
    columns = list(zip(*rows, strict=True)) or [()] * len(kinds)
    return [
        np.array(column, dtype=kind)
        for column, kind in zip(columns, kinds, strict=True)
    ]
