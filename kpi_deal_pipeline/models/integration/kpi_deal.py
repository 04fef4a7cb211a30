import json
from datetime import timezone

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, split_every

from odoo.addons.kpi_base.engine.postgres import is_storable
from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.formatting import format_percent

from ..analytics.kpi_deal_win_model import (
    BASES,
    STAGE_INDEX,
    clock_days,
    clock_days_sql,
)

MOST_METADATA = 16_384  # bytes as JSON
ROWS_PER_STATEMENT = 5_000


class KpiDeal(models.Model):
    """Deals as programs make and change them."""

    _name = "kpi.deal"
    _inherit = ["kpi.deal", "kpi.dated.mixin"]

    external_ref = fields.Char(
        "External Reference",
        copy=False,
        help="Deal ID in another system. Importing it again updates this deal.",
    )
    win_probability = OptionalFloat(
        digits=(5, 4),
        compute="_compute_win_probability",
        store=True,
        aggregator="avg",
        help="Based on earlier deals, or the stage's usual rate. Updated every night.",
    )
    win_basis = fields.Selection(
        BASES, "Win Probability Method", compute="_compute_win_probability", store=True
    )
    win_explanation = fields.Text(compute="_compute_win_explanation")

    _external_ref_uniq = models.UniqueIndex(
        "(company_id, external_ref) WHERE external_ref IS NOT NULL",
        "A deal with this reference already exists.",
    )

    @api.model
    def _create_by_program(self, given):
        """A deal of ``given``: fields by name, amounts and currencies as texts."""
        return self.create(self._program_values(given))

    def _change_by_program(self, given):
        """Change the deal to ``given``, as above; None empties a field."""
        required = [
            name
            for name, value in given.items()
            if value is None and name in self._fields and self._fields[name].required
        ]
        if required:
            raise UserError(
                self.env._("%s: this value is required.", ", ".join(required))
            )
        self.write(self._program_values(given))

    def _move_by_program(self, to_stage, note, effective_at, lost_reason_id):
        """Move the deal, as the dialog does."""
        values = {"pipeline_stage": to_stage}
        if lost_reason_id:
            values |= self._program_values({"lost_reason_id": lost_reason_id})
        moved_at = effective_at and _naive(effective_at)
        told = {"move_note": note, "moved_at": moved_at}
        self.with_context(**told).write(values)

    @api.model
    def _program_values(self, given):
        """Values to write of what a program sends; refuses what does not exist."""
        values = dict(given)
        for name, value in given.items():
            field = self._fields.get(name)
            if value and field and field.type == "many2one":
                self._check_seen(name, field.comodel_name, value)
        if given.get("opened_at"):
            values["opened_at"] = _naive(given["opened_at"])
        if given.get("estimated_value_amount"):
            values["estimated_value_amount"] = float(given["estimated_value_amount"])
        name = "estimated_value_currency"
        if code := values.pop(name, None):
            values["currency_id"] = self._currency_of(name, code).id
        return values

    @api.model
    def _currency_of(self, name, code):
        """The currency of this code, which a program sends as ``name``."""
        currency = self.env["res.currency"].search([("name", "=", code)])
        if not currency:
            shown = {"name": name, "code": code}
            raise UserError(
                self.env._("%(name)s: the currency “%(code)s” is not active.", **shown)
            )
        return currency

    @api.model
    def _check_seen(self, name, model, record_id):
        """Refuse records that the user does not see, as if there were none."""
        if not self.env[model].search([("id", "=", record_id)]):
            shown = {"name": name, "id": record_id}
            raise UserError(self.env._("%(name)s: %(id)s does not exist.", **shown))

    def _timeline_for_programs(self):
        entries = self.get_timeline()
        for entry in entries:
            entry["duration_seconds"] = entry.pop("seconds")
            for name in ("effective_at", "recorded_at"):
                entry[name] = fields.Datetime.to_datetime(entry[name])
        return entries

    @api.constrains("metadata")
    def _check_metadata(self):
        for deal in self:
            metadata = deal.metadata
            if metadata and not isinstance(metadata, dict):
                raise ValidationError(
                    self.env._("%s: metadata must be a JSON object.", deal.title)
                )
            if not is_storable(metadata) or len(json.dumps(metadata)) > MOST_METADATA:
                raise ValidationError(
                    self.env._(
                        "%(deal)s: metadata can only contain finite numbers and "
                        "text without NUL characters, up to %(size)s bytes.",
                        deal=deal.title,
                        size=MOST_METADATA,
                    )
                )

    @api.depends("company_id", "opened_at", "pipeline_stage", "status")
    def _compute_win_probability(self):
        self.win_probability = self.win_basis = False
        models = self.env["kpi.deal.win.model"]
        open_deals = self.filtered(
            lambda deal: deal.status == "open" and deal.pipeline_stage in STAGE_INDEX
        )
        now = fields.Datetime.now()
        for company, deals in open_deals.grouped("company_id").items():
            tz = models._get_clocks(company)
            today = clock_days(now, tz)
            ages = [
                max(today - clock_days(deal.opened_at or now, tz), 0.0)
                for deal in deals
            ]
            stages = deals.mapped("pipeline_stage")
            chances = models._chances(company.id, stages, ages).tolist()
            deals.win_basis = models._get_win_basis(company.id)
            for deal, chance in zip(deals, chances, strict=True):
                deal.win_probability = chance

    @api.depends("win_probability", "win_basis")
    def _compute_win_explanation(self):
        models = self.env["kpi.deal.win.model"]
        # What is learned from all deals is shown to whoever sees one of them.
        learned = models.sudo().search([("company_id", "in", self.company_id.ids)])
        in_words = {model.company_id.id: model._in_words() for model in learned}
        stages = dict(self._fields["pipeline_stage"]._description_selection(self.env))
        for deal in self:
            if not deal.win_basis:
                deal.win_explanation = False
                continue
            rates, _logistic = models._knowledge(deal.company_id.id)
            rate = rates[STAGE_INDEX[deal.pipeline_stage]]
            told = self.env._(
                "%(won)s of %(count)s past deals in stage “%(stage)s” were won.",
                won=rate.won,
                count=rate.count,
                stage=stages[deal.pipeline_stage],
            )
            if deal.win_basis == "stage_norm":
                set_rates = self.env["kpi.deal.stage"]._win_rates()
                usual_rate = set_rates.get(deal.pipeline_stage, 0.5)
                told += " " + self.env._(
                    "The stage's usual win rate of %s is weighted like 10 deals.",
                    format_percent(self.env, usual_rate, 0),
                )
            rest = in_words.get(deal.company_id.id, "")
            deal.win_explanation = f"{told} {rest}".strip()

    @api.model
    def _keep_win_probabilities(self, company):
        """Bring those of all open deals of ``company`` up to date: they grow older."""
        self.flush_model()
        models = self.env["kpi.deal.win.model"]
        basis, tz = models._get_win_basis(company.id), models._get_clocks(company)
        statement = SQL(
            """
            SELECT id, pipeline_stage, greatest(%(now)s - %(opened_at)s, 0)
              FROM agent_deals
             WHERE company_id = %(company)s
               AND status = 'open'
               AND pipeline_stage = ANY(%(stages)s)
          ORDER BY id
            """,
            now=clock_days(fields.Datetime.now(), tz),
            opened_at=clock_days_sql(SQL("opened_at"), tz),
            company=company.id,
            stages=list(STAGE_INDEX),
        )
        rows = self.env.execute_query(statement)
        for part in split_every(ROWS_PER_STATEMENT, rows, tuple):
            ids, stages, ages = map(list, zip(*part, strict=True))
            chances = models._chances(company.id, stages, ages)
            statement = SQL(
                """
                UPDATE agent_deals AS deal
                   SET win_probability = told.chance, win_basis = %(basis)s
                  FROM unnest(%(ids)s::integer[], %(chances)s::numeric[])
                       AS told (deal_id, chance)
                 WHERE deal.id = told.deal_id
                   AND (deal.win_probability IS DISTINCT FROM told.chance
                        OR deal.win_basis IS DISTINCT FROM %(basis)s)
                """,
                basis=basis,
                ids=ids,
                chances=[float(chance) for chance in chances],
            )
            self.env.cr.execute(statement)
        self.invalidate_model(["win_probability", "win_basis", "win_explanation"])


def _naive(moment):
    """A moment of a program, in UTC, as Odoo stores it."""
    return fields.Datetime.to_string(
        moment.astimezone(timezone.utc).replace(tzinfo=None)
    )
