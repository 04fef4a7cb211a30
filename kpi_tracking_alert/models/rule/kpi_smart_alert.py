from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_tracking_analytics.analytics.period_outlook import LIKELY_MISS

from ...engine.message_text import MessageTextError, fill

ALERT_TYPES = [
    ("threshold_breach", "Threshold Breach"),
    ("trend_deterioration", "Negative Trend"),
    ("anomaly_detected", "Performance Anomaly"),
    ("target_risk", "Target Achievement Risk"),
    ("restated", "Restated Value"),
]
SEVERITIES = [
    ("info", "Information"),
    ("warning", "Warning"),
    ("critical", "Critical"),
    ("urgent", "Urgent Action Required"),
]
CHANNELS = [
    ("email", "Email"),
    ("sms", "SMS"),
    ("slack", "Slack"),
    ("teams", "Microsoft Teams"),
    ("whatsapp", "WhatsApp Business"),
    ("push", "Push"),
    ("inbox", "Bell"),
]
COMPARED = [
    ("value", "Value"),
    ("target", "Share of Target"),
    ("achievement", "Achievement (%)"),
    ("previous", "Change vs Previous Period (%)"),
    ("last_year", "Change vs Last Year (%)"),
    ("baseline", "Change vs Baseline (%)"),
]
CONDITIONS = [
    ("below", "Below"),
    ("above", "Above"),
    ("outside", "Outside"),
    ("no_data", "No New Value"),
]
APPLIES_TO = [
    ("kpi", "KPIs"),
    ("definition", "Selected KPIs, All Levels"),
    ("category", "Categories"),
    ("tag", "Tags"),
    ("scorecard", "Scorecards"),
    ("department", "Departments"),
]
# what is chosen → where a tracked KPI has it
PATHS = {
    "kpi": ("report_ids", "id"),
    "definition": ("definition_ids", "definition_id"),
    "category": ("category_ids", "definition_id.category_id"),
    "tag": ("tag_ids", "definition_id.tag_ids"),
    "scorecard": ("scorecard_ids", "group_line_ids.group_id"),
    "department": ("department_ids", "department_id"),
}
CHOSEN = [chosen for chosen, _path in PATHS.values()]
# hours after which an alert is told again, unless its rule says otherwise
REPEATED = {"info": 24, "warning": 24, "critical": 1, "urgent": 1}
# number → the least and the most that it can be
COUNTS = {
    "periods": (1, 24),
    "recent_periods": (1, 24),
    "least_facts": (0, 10_000),
    "no_data_days": (1, 1_000),
    "alert_cooldown_minutes": (0, 60 * 24 * 365),
    "remind_after_hours": (0, 24 * 365),
    "repeat_hours": (0, 24 * 365),
    "restated_after_days": (0, 3_660),
}
LONGEST_NAME = 200
# what a rule's own text may name
NAMES = (
    "kpi",
    "value",
    "period",
    "since",
    "reason",
    "severity",
    "rule",
    "responsible",
    "link",
)
# what has to happen, in words
SAID_OF_CONDITION = {
    "alert_type",
    "applies_to",
    "compared",
    "condition",
    "threshold",
    "threshold_high",
    "periods",
    "no_data_days",
    "chance_below",
    "restated_percent",
    "restated_after_days",
    *CHOSEN,
}
# what a rule says of the values it looks at, and of which KPIs
JUDGED_BY = SAID_OF_CONDITION | {
    "active",
    "clear_threshold",
    "clear_threshold_high",
    "company_id",
    "is_personal",
    "judge_running",
    "least_facts",
    "least_weight",
    "owner_id",
    "recent_periods",
    "state",
}


class KpiSmartAlert(models.Model):
    """A rule: when which KPIs raise an alert, and whom it is sent to.

    ``threshold`` and its kin are in the unit of what is compared: the KPI's for a
    value, 0.9 for 90% of the target, percent for everything else.
    """

    _name = "kpi.smart.alert"
    _description = "KPI Alert Rule"
    _inherit = [
        "kpi.access.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "mail.thread",
    ]
    _order = "name, id"
    _check_company_auto = True
    _readable_by = ("company_id", "owner_id", "is_personal")
    _editable_by = ("company_id", "owner_id", "is_personal")

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Leave empty for all companies.",
    )
    owner_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        tracking=True,
    )
    is_personal = fields.Boolean(
        "Only for Me",
        default=lambda self: not (self.env.su or self.env.user.has_group(OFFICER)),
        help="Only the owner sees and receives its alerts.",
    )
    # what has to happen
    alert_type = fields.Selection(
        ALERT_TYPES, required=True, default="threshold_breach", tracking=True
    )
    severity = fields.Selection(
        SEVERITIES, required=True, default="warning", tracking=True
    )
    compared = fields.Selection(
        COMPARED, "Compare", required=True, default="target", tracking=True
    )
    condition = fields.Selection(
        CONDITIONS, required=True, default="below", tracking=True
    )
    threshold = fields.Float(digits=False, tracking=True)
    threshold_high = OptionalFloat("Upper Threshold", digits=False, tracking=True)
    clear_threshold = OptionalFloat(
        "Clear At",
        digits=False,
        tracking=True,
        help="The alert clears at this value. Leave empty to use the threshold.",
    )
    clear_threshold_high = OptionalFloat(
        "Clear At (Upper)", digits=False, tracking=True
    )
    periods = fields.Integer(
        "Periods in a Row",
        default=1,
        required=True,
        help="Number of consecutive periods the condition must hold.",
    )
    recent_periods = fields.Integer(
        default=1,
        required=True,
        help="Number of latest periods that can raise alerts.",
    )
    least_facts = fields.Integer(
        "Minimum Values",
        default=0,
        help="Required number of periods with a value.",
    )
    least_weight = OptionalFloat(
        "Minimum Records",
        digits=False,
        help="Records required for an average or share.",
    )
    no_data_days = fields.Integer(
        "Working Days Without a Value",
        default=5,
        help="Counted from the end of the period.",
    )
    judge_running = fields.Boolean(
        "Include Running Period",
        help="Compare running periods with the target to date.",
    )
    chance_below = fields.Float(
        "Chance Below (%)",
        default=LIKELY_MISS,
        help="Alerts when the chance of reaching the target drops below this.",
    )
    restated_percent = fields.Float("Change Above (%)", default=5.0)
    restated_after_days = fields.Integer(
        "Days After Closing",
        default=0,
        help="Earlier changes do not count as restatements.",
    )
    # how often
    alert_cooldown_minutes = fields.Integer(
        "Cooldown (Minutes)",
        default=60,
        help="No notifications for this KPI for this many minutes after an alert "
        "closes.",
    )
    remind_after_hours = fields.Integer(
        "Remind After (Hours)",
        default=72,
        help="Send a reminder if an acknowledged alert is still open after this "
        "long. 0 means never.",
    )
    repeat_hours = fields.Integer(
        "Repeat Every (Hours)",
        compute="_compute_repeat_hours",
        store=True,
        readonly=False,
        precompute=True,
        help="Repeat notifications until acknowledged. Default: daily, hourly if "
        "critical or urgent. 0 means never.",
    )
    # whom
    tell_responsible = fields.Boolean("Notify KPI Responsible", default=True)
    user_ids = fields.Many2many(
        "res.users",
        "kpi_smart_alert_user_rel",
        string="Also Notify",
        domain=[("share", "=", False)],
    )
    notification_channels = fields.Selection(
        CHANNELS, required=True, default="email", tracking=True
    )
    route_ids = fields.One2many(
        "kpi.alert.route", "alert_id", "Channels by Severity", copy=True
    )
    auto_escalation = fields.Boolean("Auto-Escalate to Manager", tracking=True)
    # its course
    state = fields.Selection(
        [("draft", "Off"), ("on", "On"), ("failed", "Failed")],
        "Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        help="Failed rules are skipped until changed or turned on again.",
    )
    turned_on_at = fields.Datetime("On Since", readonly=True, copy=False)
    last_error = fields.Char("Reason", readonly=True, copy=False)
    event_ids = fields.One2many("kpi.alert.event", "alert_id", "Alerts")
    applies_to = fields.Selection(
        APPLIES_TO, required=True, default="kpi", tracking=True
    )
    report_ids = fields.Many2many(
        "kpi.report", "kpi_smart_alert_report_rel", string="KPIs"
    )
    definition_ids = fields.Many2many(
        "kpi.definition", "kpi_smart_alert_definition_rel", string="Definitions"
    )
    category_ids = fields.Many2many(
        "kpi.definition.category", "kpi_smart_alert_category_rel", string="Categories"
    )
    tag_ids = fields.Many2many("kpi.tag", "kpi_smart_alert_tag_rel", string="Tags")
    scorecard_ids = fields.Many2many(
        "kpi.report.group", "kpi_smart_alert_scorecard_rel", string="Scorecards"
    )
    department_ids = fields.Many2many(
        "hr.department",
        "kpi_smart_alert_department_rel",
        string="Departments",
        help="Includes departments below them.",
    )
    metric = fields.Char(
        string="KPI Code",
        compute="_compute_metric",
        inverse="_inverse_metric",
        help="KPI code. The rule covers every level of this KPI.",
    )

    level_ids = fields.One2many(
        "kpi.alert.level",
        "alert_id",
        "Escalation",
        copy=True,
        help="Without levels, “Auto-Escalate to Manager” notifies managers after "
        "an hour.",
    )
    flapping_changes = fields.Integer(
        "Frequent Changes After",
        default=6,
        required=True,
        help="After this many changes, notify once, then again when stable. 0 "
        "means notify every time.",
    )
    flapping_hours = fields.Integer("Within (Hours)", default=24, required=True)
    message_text = fields.Text(
        "Custom Message",
    )
    has_own_name = fields.Boolean(
        "Custom Name",
        readonly=True,
        default=True,
        copy=False,
        exportable=False,
    )

    _alert_type_choices = Choices("alert_type")
    _severity_choices = Choices("severity")
    _notification_channels_choices = Choices("notification_channels")
    _flapping_range = models.Constraint(
        "CHECK (flapping_changes BETWEEN 0 AND 1000"
        " AND flapping_hours BETWEEN 1 AND 8784)",
        "“Frequent Changes After”: enter 0 to 1,000 changes and 1 to 8,784 hours.",
    )

    @api.depends("severity")
    def _compute_repeat_hours(self):
        for rule in self:
            rule.repeat_hours = REPEATED.get(rule.severity, 0)

    def _get_watched_domain(self):
        """The tracked KPIs that the rule watches, as a domain of ``kpi.report``."""
        self.ensure_one()
        chosen, path = PATHS[self.applies_to]
        operator = "child_of" if self.applies_to == "department" else "in"
        # An archived department has KPIs all the same.
        every = self.with_context(active_test=False)
        domain = Domain(path, operator, every[chosen].ids)
        domain &= Domain("active", "=", True)
        domain &= Domain("definition_id.active", "=", True)
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        return domain

    @api.onchange("applies_to")
    def _onchange_applies_to(self):
        for kind, (chosen, _path) in PATHS.items():
            if kind != self.applies_to:
                self[chosen] = False

    @api.constrains("applies_to", *CHOSEN)
    def _check_scope(self):
        for rule in self:
            chosen, _path = PATHS[rule.applies_to]
            if not rule[chosen]:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: choose %(field)s to watch.",
                        rule=rule.name,
                        field=self._fields[chosen]._description_string(self.env),
                    )
                )

    @api.constrains("applies_to", "report_ids", "company_id")
    def _check_watched_company(self):
        for rule in self.filtered(lambda each: each.applies_to == "kpi"):
            elsewhere = Domain("company_id", "!=", rule.company_id.id)
            others = rule.report_ids.filtered_domain(elsewhere)
            if rule.company_id and others:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s belongs to %(company)s. Choose that company, or "
                        "leave the company empty.",
                        kpi=others[0].name,
                        company=others[0].company_id.name,
                    )
                )

    @api.constrains(
        "alert_type",
        "chance_below",
        "clear_threshold",
        "clear_threshold_high",
        "compared",
        "condition",
        "judge_running",
        "least_weight",
        "restated_percent",
        "threshold",
        "threshold_high",
        *COUNTS,
    )
    def _check_numbers(self):
        for rule in self:
            for fault in rule._list_faults():
                raise ValidationError(fault)

    def _list_faults(self):
        """What makes no sense of what the rule says of numbers, in words."""
        for name, (least, most) in COUNTS.items():
            if not least <= self[name] <= most:
                yield self.env._(
                    "%(rule)s: “%(field)s” must be %(least)s to %(most)s.",
                    rule=self.name,
                    field=self._fields[name]._description_string(self.env),
                    least=least,
                    most=most,
                )
        for name in ("least_weight", "restated_percent"):
            if self[name] and self[name] < 0:
                yield self.env._(
                    "%(rule)s: “%(field)s” cannot be negative.",
                    rule=self.name,
                    field=self._fields[name]._description_string(self.env),
                )
        if not 0 < self.chance_below <= 100:
            yield self.env._(
                "%(rule)s: “%(field)s” must be above 0 and up to 100.",
                rule=self.name,
                field=self._fields["chance_below"]._description_string(self.env),
            )
        if self.judge_running and self.compared != "achievement":
            yield self.env._(
                "%s: running periods can only be compared by achievement.",
                self.name,
            )
        if self.alert_type == "threshold_breach":
            for reason in self._list_threshold_faults():
                yield self.env._("%(rule)s: %(reason)s", rule=self.name, reason=reason)

    def _list_threshold_faults(self):
        low, high = self.threshold, self.threshold_high
        clear, clear_high = self.clear_threshold, self.clear_threshold_high
        given = [each for each in (clear, clear_high) if each is not False]
        if self.condition == "outside":
            if high is False:
                yield self.env._("“Outside” needs an upper threshold.")
            elif high <= low:
                yield self.env._("The upper threshold must exceed the lower one.")
            elif not all(low <= each <= high for each in given):
                yield self.env._("“Clear At” must be between the thresholds.")
            elif given != sorted(given):
                yield self.env._("“Clear At” cannot be above “Clear At (Upper)”.")
        elif clear is not False:
            if self.condition == "below" and clear < low:
                yield self.env._("“Clear At” cannot be below the threshold.")
            if self.condition == "above" and clear > low:
                yield self.env._("“Clear At” cannot be above the threshold.")

    @api.constrains(
        "is_personal",
        "owner_id",
        "applies_to",
        "report_ids",
        "user_ids",
        "route_ids",
        "level_ids",
        "auto_escalation",
    )
    def _check_personal(self):
        """Only officers make rules for others, or over more than single KPIs."""
        # Constraints run as superuser: whose wish it is says the user alone.
        user = self.env.user
        is_own = all(rule.is_personal and rule.owner_id == user for rule in self)
        if not is_own and not user.has_group(OFFICER):
            raise ValidationError(
                self.env._("Only KPI officers can create rules for others.")
            )
        for rule in self.filtered("is_personal"):
            if rule.applies_to != "kpi":
                raise ValidationError(
                    self.env._(
                        "%s: personal rules can only watch single KPIs.", rule.name
                    )
                )
            others = rule.user_ids - rule.owner_id or rule.route_ids.channel_id
            if others or rule.level_ids or rule.auto_escalation:
                raise ValidationError(
                    self.env._(
                        "%s: personal rules can only notify their owner.", rule.name
                    )
                )
            # Read as its owner: nobody watches what they may not see.
            own = rule.report_ids.with_user(rule.owner_id)
            own.with_context(allowed_company_ids=None).check_access("read")

    @api.constrains("message_text")
    def _check_message_text(self):
        for rule in self:
            try:
                fill(rule.message_text or "", dict.fromkeys(NAMES, ""))
            except MessageTextError as error:
                fault = self.env._(
                    "%s: unpaired brace in the message. Write {{ for a brace.",
                    rule.name,
                )
                if error.name:
                    fault = self.env._(
                        "%(rule)s: {%(name)s} is unknown. Use %(names)s.",
                        rule=rule.name,
                        name=error.name,
                        names=", ".join(f"{{{name}}}" for name in NAMES),
                    )
                raise ValidationError(fault) from error

    @api.constrains("name")
    def _check_name(self):
        for rule in self:
            if len(rule.name or "") > LONGEST_NAME:
                raise ValidationError(
                    self.env._(
                        "Rule names can have %s characters at most.", LONGEST_NAME
                    )
                )

    def action_turn_on(self):
        """Have the rule fire from now on."""
        self.check_access("write")
        archived = self.filtered(lambda rule: not rule.active)
        if archived:
            raise UserError(
                self.env._(
                    "%s is archived. Unarchive it first.",
                    archived[0].name,
                )
            )
        # Its state is the engine's; the right to change the rule was asked for.
        self.sudo().filtered(lambda rule: rule.state != "on").write(
            {"state": "on", "turned_on_at": fields.Datetime.now(), "last_error": False}
        )
        return True

    def action_turn_off(self):
        """Have the rule fire no more; its open alerts end."""
        self.check_access("write")
        self._turn_off(self.env._("The rule was turned off."))
        return True

    def _turn_off(self, reason):
        # Its state is the engine's; the right to change the rules was asked for.
        self.sudo().state = "draft"
        self._end_alerts(reason)

    @api.ondelete(at_uninstall=False)
    def _unlink_end_alerts(self):
        self._end_alerts(self.env._("The rule was deleted."))

    def _end_alerts(self, reason):
        """Resolve the open alerts of these rules; why, in words."""
        # Alerts are the engine's; the right to change the rules was asked for.
        self.sudo().event_ids._resolve("rule", reason)

    @api.depends("applies_to", "definition_ids.code")
    def _compute_metric(self):
        for rule in self:
            watched = rule.definition_ids if rule.applies_to == "definition" else None
            rule.metric = watched.code if watched and len(watched) == 1 else False

    def _inverse_metric(self):
        for rule in self:
            if rule.metric:
                rule.write(rule._find_metric(rule.metric, rule.company_id))

    @api.model
    def _find_metric(self, code, company):
        """Values that watch the one KPI with this code."""
        domain = [("code", "=", code), ("company_id", "in", [False, *company.ids])]
        found = self.env["kpi.definition"].search(domain, limit=2)
        if len(found) != 1:
            known = self.env._("No KPI has the code “%s”.", code)
            if found:
                known = self.env._(
                    "Several KPIs have the code “%s”. Choose one under “Definitions”.",
                    code,
                )
            raise ValidationError(known)
        return {"applies_to": "definition", "definition_ids": [(6, 0, found.ids)]}

    @api.constrains("notification_channels", "company_id")
    def _check_channels(self):
        channels = self.env["kpi.alert.channel"]
        for rule in self:
            company = rule.company_id or self.env.company
            ways = [(rule.notification_channels, None)]
            ways += [(route.channel, route.channel_id) for route in rule.route_ids]
            for channel, target in ways:
                fault = channels._find_channel_fault(channel, company, target)
                if fault:
                    raise ValidationError(fault)

    def init(self):
        result = super().init()
        # No foreign keys: they would lock KPIs and rules, and take most of the time.
        # ``alert_id`` says which rule was turned on or changed, if one was.
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_alert_mark (
                id bigserial PRIMARY KEY,
                report_id integer NOT NULL,
                alert_id integer
            );
            CREATE TABLE IF NOT EXISTS kpi_alert_day (
                calendar_id integer PRIMARY KEY
                            REFERENCES kpi_calendar ON DELETE CASCADE,
                day date NOT NULL
            )
            """
        )
        return result

    @api.model
    def _mark(self, report_ids):
        """Have rules look at KPIs, as something of them changed."""
        if not report_ids:
            return
        # A rule that is turned on meanwhile marks its KPIs by itself.
        self.flush_model(["state", "active"])
        statement = """
            INSERT INTO kpi_alert_mark (report_id)
            SELECT unnest(%s)
             WHERE EXISTS (SELECT FROM kpi_smart_alert WHERE state = 'on')
                OR EXISTS (SELECT FROM kpi_alert_event WHERE state <> 'resolved')
        """
        self.env.cr.execute(SQL(statement, list(report_ids)))
        if self.env.cr.rowcount:
            self.env["kpi.timer"]._notify()

    def _mark_watched(self):
        """Have these rules look at all their KPIs, and at those of their alerts."""
        rules = self.filtered("active")
        self.env.flush_all()
        statement = """
            INSERT INTO kpi_alert_mark (report_id, alert_id)
            SELECT report_id, alert_id FROM (%s) AS watched
             UNION ALL
            SELECT report_id, alert_id
              FROM kpi_alert_event
             WHERE alert_id = ANY(%s) AND state <> 'resolved'
        """
        self.env.cr.execute(SQL(statement, rules._watched_sql(), self.ids))
        if self.env.cr.rowcount:
            self.env["kpi.timer"]._notify()

    @api.model_create_multi
    def create(self, vals_list):
        # A rule watches something from its first moment, so the code is looked up here.
        given, nameless = [], []
        for vals in map(_with_one_line, vals_list):
            if vals.get("metric"):
                company_id = vals.get("company_id", self.env.company.id)
                company = self.env["res.company"].browse(company_id)
                found = self._find_metric(vals["metric"], company)
                vals = {**vals, **found}
                del vals["metric"]
            nameless.append(not vals.get("name"))
            if nameless[-1]:
                rule = self.new(self._add_missing_default_values(vals))
                vals = {**vals, "name": (rule.suggested_name or "")[:LONGEST_NAME]}
            given.append(vals)
        rules = super().create(given)
        unnamed = [id_ for id_, is_so in zip(rules.ids, nameless, strict=True) if is_so]
        # Whose name it is, is not for people to write.
        self.browse(unnamed).sudo().has_own_name = False
        return rules

    def write(self, vals):
        vals = _with_one_line(vals)
        # Its state and whose name it is are the engine's; whoever writes the rest is
        # asked for the right to.
        rules, before = self.sudo(), self.filtered("active")
        renamed = rules.browse()
        if vals.get("name") and "has_own_name" not in vals:
            renamed = rules.filtered(lambda rule: rule.name != vals["name"])
        result = super().write(vals)
        if "active" in vals:
            # Restored, a rule fires once somebody turns it on.
            moved = self - before if vals["active"] else before
            moved._turn_off(self.env._("The rule was archived."))
        changed = JUDGED_BY & vals.keys()
        if changed:
            self.filtered(lambda rule: rule.state == "on")._mark_watched()
        if changed - {"state"}:
            failed = rules.filtered(lambda rule: rule.state == "failed")
            failed.write({"state": "on", "last_error": False})
        renamed.has_own_name = True
        if not SAID_OF_CONDITION.isdisjoint(vals):
            for rule in self.filtered(lambda rule: not rule.has_own_name):
                name = (rule.suggested_name or "")[:LONGEST_NAME]
                if name and name != rule.name:
                    # As above.
                    rule.sudo().write({"name": name, "has_own_name": False})
        return result

    @api.model
    def _find_reports(self, domain):
        """Ids of KPIs for ``_mark``, whoever may see them."""
        # Rules watch for everybody; nothing is shown here.
        reports = self.env["kpi.report"].sudo().with_context(active_test=False)
        return reports.search(Domain(domain)).ids


def _with_one_line(vals):
    """These values with spaces for the line breaks of the name."""
    if not isinstance(vals.get("name"), str):
        return vals
    return {**vals, "name": " ".join(vals["name"].splitlines())}
