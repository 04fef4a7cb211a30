import { Component, onWillStart, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { FirstSteps } from "../eager/first_steps/first_steps";
import { useLiveKpis } from "../live/live";
import { ValuesUpdated } from "../live/values_updated";
import { rpcMessage } from "../eager/rpc_message/rpc_message";
import { STATUSES } from "../eager/status_chip/status_chip";
import { withoutYear } from "../card/card_record";
import { dueOn, isDueSoon } from "./due_words";
import { HomeCard } from "./home_card";
import { HomeChange } from "./home_change";
import { HomeDigest } from "./home_digest";
import { describeNeed, openNeed, pressNeed } from "./home_needs";
import { panelsOf } from "./home_panels";
import { HomeStart } from "./home_start";

const STATUS_ORDER = ["off_target", "at_risk", "on_target", "not_due", "no_target", "no_data"];
const JUDGED = STATUS_ORDER.slice(0, 3);
const OFFICERS = ["administrator", "officer"];
const MOST = 99;
const LATE = "o_kpi_status_danger";
const SOON = "o_kpi_status_warning";
/** Role → parts in their order; who enters values begins with those. */
const ORDER = {
    employee: ["needs", "cards", "changes"], // and everybody on a phone
    other: ["cards", "changes", "needs"],
};

/** How the KPIs are, what changed and what waits for whoever looks. */
export class Home extends Component {
    static template = "kpi_tracking.Home";
    static components = {
        FirstSteps,
        HomeCard,
        HomeChange,
        HomeDigest,
        HomeStart,
        Layout,
        ValuesUpdated,
    };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.last = new KeepLast();
        this.needsTitle = useRef("needsTitle");
        this.state = useState({ error: "", period: null, summary: null });
        this.live = useLiveKpis(() => this.fetch());
        onWillStart(() => {
            this.load(); // the frame is shown meanwhile
        });
    }

    get summary() {
        return this.state.summary;
    }

    get isEmpty() {
        return !this.counted.length;
    }

    /** Officers are asked what to see first; others see the name of an officer. */
    get isOfficer() {
        return OFFICERS.includes(this.summary.role);
    }

    get title() {
        const { company, period, titles } = this.summary;
        return [titles[period], company].filter(Boolean).join(" · ");
    }

    /** The period that the title names: only others are named again. */
    get mainLabel() {
        const { labels, period } = this.summary;
        return labels[period] || "";
    }

    /** The periods to choose from: that which closed last, and the running one. */
    get periods() {
        const { period } = this.summary;
        return [
            { key: "closed", word: _t("Closed") },
            { key: "running", word: _t("Running") },
        ].map((each) => ({
            ...each,
            isShown: each.key === period,
            label: this.shortTitle(each.key),
        }));
    }

    /** A period without the year that both have. */
    shortTitle(key) {
        const { titles } = this.summary;
        const label = titles[key] || "";
        return withoutYear(label, titles[key === "closed" ? "running" : "closed"] || label);
    }

    /** Whose KPIs the cards are, where all are the same's: each need not say so. */
    get scope() {
        const [first, ...others] = this.summary.cards.map(({ scope }) => scope);
        return others.every((scope) => scope === first) ? first || "" : "";
    }

    get about() {
        return [this.scope, this.summary.company].filter(Boolean).join(" · ");
    }

    get parts() {
        const { needs, role } = this.summary;
        const order = this.env.isSmall ? ORDER.employee : ORDER[role] || ORDER.other;
        return needs.length ? order : ORDER.other;
    }

    get changesTitle() {
        return _t("Changed most in %s", this.shortTitle(this.summary.period));
    }

    get needs() {
        return this.summary.needs.map((need) => {
            const described = describeNeed(need);
            const { person, urgency } = need;
            const soon = isDueSoon(need) ? SOON : "";
            return {
                ...described,
                due: dueOn(need) || (person ? _t("No due date") : ""),
                tone: urgency === 0 ? LATE : soon,
                who: person ? person.name : described.look.word,
            };
        });
    }

    get needsCount() {
        const { length } = this.summary.needs;
        return length > MOST ? `${MOST}+` : length;
    }

    get hasApprovals() {
        return this.summary.needs.some(({ kind }) => kind === "approval");
    }

    get panels() {
        return panelsOf(this.summary.panels);
    }

    /** Where no KPI of the row has a target, its cards do not each say so. */
    get areJudged() {
        return this.summary.cards.some(({ status }) => JUDGED.includes(status));
    }

    /** Number of KPIs per status as a chip, each a link to their list. */
    get counted() {
        const { counts } = this.summary;
        return STATUS_ORDER.filter((key) => counts[key]).map((key) => {
            const { path, tone, word } = STATUSES[key];
            return { key, path, tone, word: `${counts[key]} ${word.toString().toLowerCase()}` };
        });
    }

    /** Why nothing is in the list of changes. */
    get noChange() {
        return this.summary.growing_count
            ? _t("No changes to compare yet.")
            : _t("No unusual changes.");
    }

    get growing() {
        const count = this.summary.growing_count;
        return count ? _t("%s KPI totals are compared when the period closes.", count) : "";
    }

    async load() {
        try {
            await this.fetch();
        } catch (error) {
            this.state.error = rpcMessage(error, _t("The overview could not be loaded."));
        }
    }

    async fetch() {
        const asked = this.orm.silent.call("kpi.home", "get_summary", [this.state.period]);
        const summary = await this.last.add(asked);
        Object.assign(this.state, { error: "", summary });
    }

    /** A dialog closes without waiting: what a later load overtakes is never answered. */
    reload() {
        this.load();
    }

    async removeExample() {
        return this.action.doAction(await this.orm.call("kpi.example", "action_remove"));
    }

    choosePeriod(period) {
        this.state.period = period;
        return this.load();
    }

    async toggleStar(card) {
        card.is_starred = !card.is_starred;
        await this.orm.call("kpi.report", "star", [[card.report_id], card.is_starred]);
        return this.load();
    }

    openNeed(need) {
        return openNeed(this, need, { onClose: () => this.reload() });
    }

    pressNeed(need) {
        return pressNeed(this, need, () => this.reload());
    }

    showNeeds() {
        this.needsTitle.el.scrollIntoView({ block: "center" });
        this.needsTitle.el.focus({ preventScroll: true });
    }

    /** Employees have no page of all KPIs in their periods. */
    get hasAllChanges() {
        return this.summary.role !== "employee";
    }

    openChanges() {
        return this.action.doAction("kpi_tracking.kpi_period_report_action");
    }

    openApprovals() {
        return this.action.doAction("kpi_base.kpi_approval_step_action_mine");
    }

    async enterValue({ report_id }) {
        const action = await this.orm.call("kpi.report", "action_enter_value", [[report_id]]);
        return this.action.doAction(action, { onClose: () => this.reload() });
    }

    /** A KPI with the period that its card or row shows. */
    openKpi({ period, report_id }) {
        return this.openForm("kpi.report", report_id, { kpi_period: period.start });
    }

    openForm(model, id, context = {}) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            context,
            res_id: id,
            res_model: model,
            views: [[false, "form"]],
        });
    }

    /** The KPIs that were counted in the period shown. */
    async openList(status) {
        const asked = [this.summary.period, status];
        return this.action.doAction(await this.orm.call("kpi.home", "open_counted", asked));
    }
}

registry.category("lazy_components").add("kpi_tracking.Home", Home);
