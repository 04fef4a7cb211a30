import { Component, onWillStart, useState } from "@odoo/owl";
import { router } from "@web/core/browser/router";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import {
    clock,
    compact,
    day as writeDay,
    percent,
    plain,
    weekdayMoment,
} from "@kpi_base/eager/formatting/formatting";
import { formatDay } from "@kpi_base/eager/formatting/reader";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { LateChart } from "./late_chart";
import { OutcomeMap } from "./outcome_map";
import { fromAddress, PERIODS, toAddress, toOptions } from "./times_choice";

const { DateTime } = luxon;
const MODEL = "kpi.tat.approval.times";
const PATH = "approval-times";
const HOURS = { kind: "duration", decimals: 1, durationUnit: "hour" };
const NEAR = 6; // days: a moment within them is named by its day of the week

/** How fast approvers decide, what is late and why: chosen in the bar, stored in the address. */
export class ApprovalTimes extends Component {
    static template = "kpi_workflow_tat.ApprovalTimes";
    static components = { Dropdown, DropdownItem, LateChart, Layout, OutcomeMap };
    static props = { ...standardActionServiceProps };

    count = (number) => plain(number, 0);
    share = (ratio) => percent(ratio, 0);

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.last = new KeepLast();
        this.state = useState({
            choice: this.props.state?.choice || this.firstChoice(),
            error: "",
            isLoading: true,
            page: null,
            updated: "",
        });
        // Filters stay the same on the way back from a list.
        useSetupAction({ getLocalState: () => ({ choice: this.state.choice }) });
        onWillStart(() => {
            this.load(); // its frame is shown first
        });
    }

    /** The choice of the address, unless that is still the one of another screen. */
    firstChoice() {
        const isHere = [PATH, this.props.actionId].includes(router.current.action);
        return fromAddress(isHere ? router.current : {});
    }

    // Choosing

    get options() {
        return toOptions(this.state.choice);
    }

    get periods() {
        const names = {
            this_month: _t("This month"),
            last_month: _t("Last month"),
            last_3_months: _t("Last 3 months"),
            this_year: _t("This year"),
            last_12_months: _t("Last 12 months"),
        };
        return PERIODS.filter((key) => names[key]).map((key) => [key, names[key]]);
    }

    /** The days of the page in words: “Sep 1 to Nov 28, 2026”. */
    get days() {
        const [first, last] = this.state.page.days;
        const until = writeDay(last);
        return first
            ? _t("%(first)s to %(last)s", { first: writeDay(first, last), last: until })
            : _t("Until %s", until);
    }

    get template() {
        return this.nameOf("templates", "template") || _t("All templates");
    }

    get department() {
        return this.nameOf("departments", "department") || _t("All departments");
    }

    nameOf(list, key) {
        const id = this.state.choice[key];
        return this.state.page.choices[list].find((one) => one.id === id)?.name;
    }

    get hasFilters() {
        const { department, period, template } = this.state.choice;
        return Boolean(department || template || period !== "last_3_months");
    }

    change(changes) {
        this.state.choice = { ...this.state.choice, ...changes };
        this.props.updateActionState?.(toAddress(this.state.choice));
        return this.load();
    }

    /** Custom days, at first those that are shown. */
    chooseDays(changes) {
        const [from, to] = this.state.page.days;
        const { choice } = this.state;
        const shown = choice.period === "custom" ? choice : { from: from || "", to };
        return this.change({ from: shown.from, to: shown.to, ...changes, period: "custom" });
    }

    reset() {
        return this.change(fromAddress({}));
    }

    async load() {
        Object.assign(this.state, { error: "", isLoading: true });
        try {
            const call = this.orm.silent.call(MODEL, "get_page", [this.options]);
            this.state.page = await this.last.add(call);
            this.state.updated = clock(DateTime.local());
        } catch (error) {
            this.state.error = rpcMessage(error, _t("Could not load the page."));
        }
        this.state.isLoading = false;
    }

    // Showing

    /** Heads of columns; on a phone each cell has its own. */
    get heads() {
        return {
            approver: _t("Approver"),
            decisions: _t("Decisions"),
            due: _t("Due"),
            inTime: _t("In time"),
            lateBy: _t("Late By"),
            reason: _t("Reason"),
            response: _t("Median Response"),
            waiting: _t("Waiting"),
        };
    }

    hours(value) {
        return value === null ? "–" : compact(value, HOURS);
    }

    /** How many hours approvers are given, as far as these differ. */
    get allowed() {
        const { least, most } = this.state.page.figures.response;
        if (most === null) {
            return "";
        }
        const given = (value) =>
            compact(value, { ...HOURS, decimals: Number.isInteger(value) ? 0 : 1 });
        return least === most
            ? _t("of %s allowed", given(most))
            : _t("of %(least)s to %(most)s allowed", { least: given(least), most: given(most) });
    }

    get inTime() {
        const { count, high, low, met } = this.state.page.figures.in_time;
        return count
            ? _t("%(met)s of %(count)s · between %(low)s and %(high)s", {
                  count: this.count(count),
                  high: this.share(high),
                  low: this.share(low),
                  met: this.count(met),
              })
            : _t("No decisions in this period");
    }

    get goal() {
        const { goal } = this.state.page.approvers;
        const text = _t(
            "Share decided in time; the bar is the likely range with this number of decisions.",
        );
        return goal === null ? text : `${text} ${_t("Dashed: goal %s.", this.share(goal))}`;
    }

    likely({ range: [low, high] }) {
        return _t("Likely %(low)s to %(high)s", {
            high: this.share(high),
            low: this.share(low),
        });
    }

    /** Place of a share on the scale of 0 to 100%. */
    place(ratio) {
        return `inset-inline-start: ${100 * ratio}%`;
    }

    bar({ range: [low, high] }) {
        return `inset-inline-start: ${100 * low}%; inline-size: ${100 * (high - low)}%`;
    }

    lateBy({ hours, is_open: isOpen }) {
        const late = this.hours(hours);
        return isOpen ? _t("%s, still open", late) : late;
    }

    due({ due_at: text }) {
        if (!text) {
            return "";
        }
        const moment = deserializeDateTime(text).setZone(user.tz || "default");
        const days = Math.abs(moment.diffNow("days").days);
        return days < NEAR ? weekdayMoment(moment) : formatDay(moment);
    }

    /** Numbers of the section of engagement, without zeros. */
    get engagement() {
        const found = this.state.page.engagement;
        return [
            [_t("Comments"), found.comments_count],
            [_t("Work notes"), found.work_notes_count],
            [_t("Documents"), found.documents_count],
            [_t("Spectators"), found.spectators_count],
            [_t("Active spectators"), found.active_spectators_count],
        ].filter(([, number]) => number);
    }

    // Opening lists and files

    async run(method, ...args) {
        const action = await this.orm.call(MODEL, method, [this.options, ...args]);
        return this.action.doAction(action);
    }

    open(name, part) {
        return this.run("open_list", name, ...(part ? [part] : []));
    }

    /** The late decisions of the month that the figure is about. */
    openOverdue() {
        const { month } = this.state.page.figures.overdue;
        return this.open("late", month ? { month } : undefined);
    }

    openApprover({ approver_id, company_id }) {
        return this.open("decisions", { approver_id, company_id });
    }

    async openOutcome({ outcome }) {
        const options = { ...this.options, template_id: this.state.page.outcomes.template_id };
        const action = await this.orm.call(MODEL, "open_requests", [options, outcome]);
        return this.action.doAction(action);
    }

    openRequest(id) {
        return this.action.doAction({
            res_id: id,
            res_model: "kpi.tat.request",
            type: "ir.actions.act_window",
            views: [[false, "form"]],
        });
    }

    /** The map of the same requests; its days are those that the page shows. */
    openMap() {
        const [from, to] = this.state.page.days;
        const { department } = this.state.choice;
        const template = this.state.page.outcomes.template_id;
        return this.action.doAction("kpi_workflow_tat.kpi_tat_process_map_action", {
            additionalContext: {
                process_map: { department, from: from || "", template, to },
            },
        });
    }

    openAllRequests() {
        return this.action.doAction("kpi_workflow_tat.kpi_tat_request_action");
    }

    openSchedules() {
        return this.action.doAction("kpi_workflow_tat.kpi_tat_report_schedule_action");
    }

    async addReason(row) {
        const args = [[row.id]];
        const action = await this.orm.call("kpi.tat.level", "action_add_delay_reason", args);
        const onClose = () => {
            this.load(); // not awaited: what a later load overtakes is never answered
        };
        return this.action.doAction(action, { onClose });
    }
}

registry.category("lazy_components").add("kpi_workflow_tat.ApprovalTimes", ApprovalTimes);
