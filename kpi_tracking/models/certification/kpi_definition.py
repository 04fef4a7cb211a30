from contextlib import suppress
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import Field

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.audit import canonical_text
from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.repeat import repeat_late
from odoo.addons.kpi_base.rights import given_domain
from odoo.addons.kpi_base.roles import ADMIN, OFFICER
from odoo.addons.kpi_base.schemas.base import MAX_ID, Nothing, Text

from ...engine import formula as formulas
from ...engine.fingerprint import hash_text
from ..definition.kpi_definition_staleness import FOR_ALL_PERIODS
from ..definition.kpi_method_mixin import METHOD_FIELDS

CERTIFICATIONS = [("certified", "Certified"), ("review", "To Be Reviewed")]
OTHERS_ONLY = "kpi_tracking.certify_changes_of_others_only"
NO_BADGE = {
    "verified_by_id": False,
    "verified_on": False,
    "review_by": False,
    "verified_hash": False,
}
REVIEW = "kpi_tracking.mail_activity_type_review"
OF_THE_KPI = (*FOR_ALL_PERIODS, "unit_symbol")
MEANING_FIELDS = {*OF_THE_KPI, *METHOD_FIELDS, "breakdown_ids", "calendar_id"}
NameOperator = Literal[
    "=", "!=", "like", "not like", "ilike", "not ilike", "=like", "=ilike"
]
Limit = Annotated[int, Field(ge=1, le=MAX_ID)]
# What people read of working hours is not what is counted.
HOURS_FIELDS = {
    "attendance_ids",
    "flexible_hours",
    "full_time_required_hours",
    "hours_per_day",
    "two_weeks_calendar",
    "tz",
}


class KpiCertifiedMixin(models.AbstractModel):
    """Of what people search for by name, the certified comes first."""

    _name = "kpi.certified.mixin"
    _description = "Certified KPIs First"

    @api.model
    def name_search(
        self,
        name: Text | Nothing = "",
        domain: list[Any] | Nothing = None,
        operator: NameOperator = "ilike",
        limit: Limit | Nothing = 100,
    ):
        """As in Odoo: certified ones, then the others."""
        domain = given_domain(self, domain)
        is_certified = Domain("certification", "=", "certified")
        name, limit = name or "", limit or None
        found = super().name_search(name, domain & is_certified, operator, limit)
        if limit and len(found) >= limit:
            return found
        rest = limit and limit - len(found)
        others = super().name_search(name, domain & ~is_certified, operator, rest)
        return found + others


class KpiDefinition(models.Model):
    """Badges: somebody has checked how this is computed, and it is so still."""

    _name = "kpi.definition"
    _inherit = ["kpi.definition", "kpi.certified.mixin"]

    verified_by_id = fields.Many2one(
        "res.users",
        "Certified By",
        bypass_search_access=True,  # who sees a KPI sees who stands for it
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    verified_on = fields.Datetime("Certified On", readonly=True, copy=False)
    review_by = fields.Date(
        string="Next Review Date",
        readonly=True,
        copy=False,
    )
    verified_hash = fields.Char(readonly=True, copy=False, exportable=False)
    certification = fields.Selection(
        CERTIFICATIONS,
        compute="_compute_certification",
        search="_search_certification",
        help="Whether the computation was checked and has not changed since.",
    )
    certification_text = fields.Char(
        "Certification Details", compute="_compute_certification_text", exportable=False
    )
    can_certify = fields.Boolean(compute="_compute_can_certify", exportable=False)
    meaning_hash = fields.Char(
        readonly=True,
        copy=False,
        exportable=False,
    )
    changed_by_id = fields.Many2one(
        "res.users",
        "Computation Changed By",
        readonly=True,
        copy=False,
        exportable=False,
        help="Person who last changed the computation.",
    )

    @api.depends("verified_hash", "review_by", "verified_by_id.active")
    def _compute_certification(self):
        today = fields.Date.today()
        for definition in self:
            # Whoever sees a KPI sees whether it is certified.
            certified = definition.sudo()
            is_due = certified.review_by and certified.review_by < today
            is_due = is_due or not certified.verified_by_id.active
            badge = "review" if is_due else "certified"
            definition.certification = badge if certified.verified_hash else False

    def _search_certification(self, operator, value):
        if operator != "in":
            return NotImplemented
        has_badge = Domain("verified_hash", "!=", False)
        is_open = Domain("review_by", "=", False)
        is_open |= Domain("review_by", ">=", fields.Date.today())
        is_open &= Domain("verified_by_id.active", "=", True)
        found = {
            "certified": has_badge & is_open,
            "review": has_badge & ~is_open,
            False: ~has_badge,
        }
        return Domain.OR(found[each] for each in value if each in found)

    @api.model
    def _certification_sql(self, alias):
        """``certification`` of definitions that a statement joins; flush them first."""
        return SQL(
            """
            CASE WHEN %(hash)s IS NULL THEN NULL
                 WHEN %(review_by)s < (now() AT TIME ZONE 'UTC')::date
                   OR NOT COALESCE((
                        SELECT certifier.active
                          FROM res_users AS certifier
                         WHERE certifier.id = %(person)s), FALSE)
                 THEN 'review'
                 ELSE 'certified'
             END
            """,
            hash=SQL.identifier(alias, "verified_hash"),
            review_by=SQL.identifier(alias, "review_by"),
            person=SQL.identifier(alias, "verified_by_id"),
        )

    @api.readonly
    def get_certification(self):
        """Return what a badge says about this KPI: one sentence, empty without one."""
        self.ensure_one()
        self.check_access("read")
        return self.certification_text

    @api.depends("certification", "verified_by_id", "verified_on", "review_by")
    @api.depends_context("lang", "tz")
    def _compute_certification_text(self):
        for definition in self:
            if not definition.certification:
                definition.certification_text = ""
                continue
            # Whoever sees a KPI sees who stands for it.
            certified = definition.sudo()
            moment = fields.Datetime.context_timestamp(self, certified.verified_on)
            words = {
                "person": certified.verified_by_id.name,
                "day": format_day(self.env, moment.date()),
                "until": format_day(self.env, certified.review_by),
            }
            if definition.certification == "certified":
                text = self.env._("Certified by %(person)s on %(day)s", **words)
            elif not certified.verified_by_id.active:
                text = self.env._(
                    "Certified by former employee %(person)s on %(day)s, review due",
                    **words,
                )
            else:
                text = self.env._(
                    "Certified by %(person)s on %(day)s, review due since %(until)s",
                    **words,
                )
            definition.certification_text = text

    @api.depends("category_id.certifier_ids")
    @api.depends_context("uid")
    def _compute_can_certify(self):
        for definition in self:
            definition.can_certify = definition._may_certify(self.env.user)

    def _may_certify(self, user):
        """Whether a person certifies this KPI: named by its category, or in charge."""
        named = self.category_id._find_certifiers()
        if named:
            return user in named and user.has_group(OFFICER)
        return user.has_group(ADMIN)

    def _certify(self, review_by):
        """Certify how these KPIs are computed now, and will be by versions to come.

        :param review_by: day until which somebody should check it again
        :raises AccessError: somebody else certifies them
        :raises UserError: one cannot be, now or by this person
        """
        self.check_access("read")
        # What is changed meanwhile, here or in a part, was not checked.
        self._claim_formulas()
        if review_by <= fields.Date.context_today(self):
            raise UserError(self.env._("Choose a future date for the next review."))
        for definition in self:
            definition._check_certifiable()
            # The engine's own field. Parts count that the person may not see.
            certified = definition.sudo()
            certified._note_meaning()
            certified.write(
                {
                    "verified_by_id": self.env.uid,
                    "verified_on": fields.Datetime.now(),
                    "review_by": review_by,
                    "verified_hash": certified._hash_certified(),
                }
            )
            certified._close_reviews()
            definition._message_log(
                body=self.env._(
                    "Certified. Next review by %s.",
                    format_day(self.env, review_by, with_year=True),
                )
            )

    def _check_certifiable(self):
        self._check_may_certify()
        if not self.active:
            raise UserError(
                self.env._("%s is archived. Unarchive it first.", self.display_name)
            )
        if self.computation_error:
            raise UserError(
                self.env._(
                    "%(kpi)s cannot be computed: %(reason)s",
                    kpi=self.display_name,
                    reason=self.computation_error,
                )
            )
        # A setting of the database, not of a person.
        if not self.env["ir.config_parameter"].sudo().get_param(OTHERS_ONLY):
            return
        # Parts count that the person may not see; not what somebody else has checked.
        parts, _rules = self.sudo()._find_meaning()
        own = parts.filtered(
            lambda kpi: (
                (kpi.changed_by_id or kpi.create_uid) == self.env.user
                and (kpi.verified_by_id or self.env.user) == self.env.user
            )
        )
        if own:
            raise UserError(
                self.env._(
                    "You changed %s. Someone else must certify it.",
                    ", ".join(own.mapped("display_name")),
                )
            )

    def _check_may_certify(self):
        for definition in self:
            if not definition._may_certify(self.env.user):
                named = definition.category_id._find_certifiers()
                people = ", ".join(named.mapped("name"))
                raise AccessError(
                    self.env._(
                        "%(kpi)s can only be certified by %(people)s.",
                        kpi=definition.display_name,
                        people=people or self.env._("KPI administrators"),
                    )
                )

    def action_withdraw_certification(self):
        """Take badges away; those who may give them may."""
        self._check_may_certify()
        # The engine's own fields.
        badges = self.sudo().filtered("verified_hash")
        badges._close_reviews()
        badges.write(NO_BADGE)
        for definition in badges:
            definition._message_log(body=self.env._("Certification withdrawn."))

    def _note_changed_meaning(self, vals):
        """Keep what was changed for badges, and drop those that do not fit any more."""
        if not MEANING_FIELDS.isdisjoint(vals):
            self._note_meaning()
        if "category_id" in vals:
            # Badges of those who do not certify in the new category.
            # The engine's own fields.
            certified = self.sudo().filtered("verified_hash")
            certified.filtered(
                lambda kpi: not kpi._may_certify(kpi.verified_by_id)
            )._drop_badges(
                self.env._("The KPI was moved to a category with other certifiers.")
            )

    def _drop_unfit(self):
        """Take the badges away that do not fit any more; as superuser."""
        unfit = self.filtered(
            lambda kpi: kpi.verified_hash and kpi.verified_hash != kpi._hash_certified()
        )
        unfit._drop_badges(
            self.env._("The calculation changed. Check it and certify the KPI again.")
        )

    def _drop_badges(self, reason):
        """Take badges away, say so on the KPIs and tell those responsible."""
        for definition in self:
            certifier = definition.verified_by_id
            definition._close_reviews()
            definition.write(NO_BADGE)
            subject = self.env._("No longer certified: %s", definition.display_name)
            definition._message_log(body=f"{subject}. {reason}")
            definition._tell_responsible(subject, reason, instead=certifier)

    @api.model
    def _cron_check_certified(self):
        repeat_late(self.env, self._check_certified)
        repeat_late(self.env, self._forget_mended)

    @api.model
    def _check_certified(self):
        """Take away badges that do not fit, and ask for the reviews that are due."""
        certified = self.with_context(active_test=False).search(
            [("verified_hash", "!=", False)]
        )
        nobody = self.env["res.users"]
        parts = certified.browse()
        for definition in certified:
            parts |= definition._find_meaning()[0]
        parts._note_meaning(nobody)
        certified._drop_unfit()  # by rules of targets alone
        for definition in certified.filtered(lambda kpi: kpi.certification == "review"):
            person = definition.owner_id or definition.verified_by_id
            if person.active and not definition.activity_search([REVIEW]):
                definition.activity_schedule(
                    REVIEW,
                    date_deadline=definition.review_by or fields.Date.today(),
                    user_id=person.id,
                )

    def _close_reviews(self):
        # They are of whoever is responsible, not of who certifies.
        self.sudo().activity_unlink([REVIEW])

    def _note_meaning(self, person=None):
        """Note who gave these KPIs another meaning; badges that do not fit fall.

        :param person: who changed them; the user if None, nobody if empty
        """
        # Whoever changes hours or a part changes formulas that they may not write.
        definitions = self.sudo().exists().with_context(active_test=False)
        hashes = {kpi: kpi._hash_meaning() for kpi in definitions}
        changed = definitions.filtered(lambda kpi: kpi.meaning_hash != hashes[kpi])
        if not changed:
            return
        # Nobody certifies meanwhile what is changed here.
        self._claim_formulas()
        for definition in changed:
            definition.write(
                {
                    "meaning_hash": hashes[definition],
                    "changed_by_id": (self.env.user if person is None else person).id,
                }
            )
        changed._find_standing_on()._drop_unfit()

    def _hash_meaning(self):
        """Hash of what decides on the values of this KPI, apart from its parts.

        Days without work are left out: they are data as records are.
        """
        self.ensure_one()
        versions = [
            {
                **stretch.method._describe_fields(METHOD_FIELDS),
                "first": stretch.first and stretch.first.isoformat(),
                "hours": stretch.method.working_calendar_id._kpi_describe_hours(),
            }
            for stretch in self._list_stretches()
        ]
        breakdowns = [
            [row.field_path or "", row.top_count] for row in self.breakdown_ids
        ]
        # Whether a formula adds up follows from the formula and its parts.
        is_formula = self.computation == "formula"
        follows = {"aggregation_time": "formula"} if is_formula else {}
        meaning = {
            **self._describe_fields(OF_THE_KPI),
            **follows,
            "calendar": asdict(self.calendar_id._spec()),
            "breakdowns": sorted(breakdowns),
            "versions": versions,
        }
        return hash_text(canonical_text(meaning))

    def _describe_fields(self, names):
        """Values as texts that are the same for every reader."""
        # Symbols of units are translated; what they stand for is not.
        plain = self.with_context(lang=None)
        values = {
            name: self._fields[name].convert_to_write(plain[name], plain)
            for name in names
        }
        return {name: str(value or "") for name, value in values.items()}

    def _hash_certified(self):
        """Hash of all that decides on the values of this KPI, its parts included."""
        self.ensure_one()
        parts, rules = self._find_meaning()
        texts = sorted(part._hash_meaning() for part in parts - self)
        return hash_text(
            canonical_text([self._hash_meaning(), texts, sorted(map(list, rules))])
        )

    def _find_meaning(self):
        """This KPI with all that it stands on, and the rules that set targets in it.

        Targets that are numbers are left out: they are data as values are.

        :return: definitions, and a set of tuples of texts: id of the KPI, rule, other
            KPI, change
        """
        self.env["kpi.target"].flush_model()
        known, rules, todo = self.browse(), set(), self
        while todo:
            known |= todo
            aimed_at = self.browse()
            for definition in todo.filtered(lambda kpi: kpi.computation == "formula"):
                with suppress(formulas.FormulaError):  # stored by hand
                    for formula in definition._parse_versions():
                        codes = formula.target_codes | formula.baseline_codes
                        aimed_at |= definition._find_parts(codes)
            statement = SQL(
                """
                SELECT DISTINCT definition_id, rule, source_definition_id,
                                change_percent
                  FROM kpi_target
                 WHERE definition_id = ANY(%s)
                   AND rule != 'number'
                """,
                aimed_at.ids,
            )
            found = self.env.execute_query(statement) if aimed_at else []
            rules |= {tuple(map(str, row)) for row in found}
            sources = self.browse({row[2] for row in found if row[2]})
            todo = (todo.component_ids | sources) - known
        return known, rules

    def _find_standing_on(self):
        """These KPIs and all whose values stand on theirs, over any number of steps."""
        targets = self.env["kpi.target"]
        return self._reach(
            lambda kpis: (
                kpis.user_ids
                | targets.search(
                    [("source_definition_id", "in", kpis.ids)]
                ).definition_id
            )
        )


class KpiReport(models.Model):
    """A tracked KPI has the badge of its definition."""

    _name = "kpi.report"
    _inherit = ["kpi.report", "kpi.certified.mixin"]

    certification = fields.Selection(related="definition_id.certification")


class ResourceCalendar(models.Model):
    """Working hours are a part of the meaning of KPIs."""

    _inherit = "resource.calendar"

    def write(self, vals):
        result = super().write(vals)
        if not HOURS_FIELDS.isdisjoint(vals):
            self._kpi_note_meaning()
        return result

    def _kpi_note_meaning(self):
        # Whoever plans hours need not see KPIs.
        definitions = self.env["kpi.definition"].sudo().with_context(active_test=False)
        definitions.search(
            [
                "|",
                ("working_calendar_id", "in", self.ids),
                ("version_ids.working_calendar_id", "in", self.ids),
            ]
        )._note_meaning()

    def _kpi_describe_hours(self):
        """Working hours as texts that are the same for every reader; none if empty."""
        if not self:
            return []
        # Hours of work are no secret.
        calendar = self.sudo()
        if calendar.flexible_hours:
            hours = (calendar.hours_per_day, calendar.full_time_required_hours)
            return [calendar.tz or "", *map(str, hours)]
        lines = calendar._kpi_attendances(calendar)[calendar.id]
        return [calendar.tz or "", *sorted(map(str, lines))]


class ResourceCalendarAttendance(models.Model):
    """Lines of working hours may be changed by themselves."""

    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.calendar_id._kpi_note_meaning()
        return lines

    def write(self, vals):
        before = self.calendar_id
        result = super().write(vals)
        (before | self.calendar_id)._kpi_note_meaning()
        return result

    def unlink(self):
        calendars = self.calendar_id
        result = super().unlink()
        calendars.exists()._kpi_note_meaning()
        return result
