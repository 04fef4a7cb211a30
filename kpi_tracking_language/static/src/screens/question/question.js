import { Component, onWillStart, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { onDemand } from "@kpi_tracking/eager/on_demand/on_demand";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { StatusChip } from "@kpi_tracking/eager/status_chip/status_chip";
import { lastQuestions, rememberQuestion } from "../../eager/question_palette/last_questions";

const MODEL = "kpi.nlp.processor";
const FOLLOWED_FOR = 10 * 60 * 1000; // milliseconds, as on the server

/** A field for questions, and below it the answer with what was read of the question. */
export class Question extends Component {
    static template = "kpi_tracking_language.Question";
    static components = {
        Dropdown,
        DropdownItem,
        KpiHistory: onDemand("kpi_tracking.KpiHistory"),
        StatusChip,
    };
    static props = ["*"]; // those of a client action, on a page or in a dialog

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.last = new KeepLast();
        this.after = null; // of the answer on screen, and the time at which it ends
        this.context = null; // what the question on screen follows up on
        const query = this.props.action.params?.query || "";
        this.state = useState({ answer: null, chosen: {}, done: null, error: "", text: query });
        useAutofocus({ refName: "input" });
        onWillStart(() => query && this.ask());
    }

    get examples() {
        return lastQuestions().slice(0, 3);
    }

    /** What the chart of a KPI wants to know of it. */
    get record() {
        const { id, ...data } = this.state.answer.kpi;
        return { data, resId: id, resModel: "kpi.report" };
    }

    get moreText() {
        const { more } = this.state.answer;
        return more ? _t("%s more", more) : "";
    }

    /** Asks what was typed, which may follow up on the answer on screen. */
    submit() {
        this.state.chosen = {};
        this.context = this.after && Date.now() < this.after.until ? this.after.value : null;
        return this.ask();
    }

    askOther(text) {
        this.state.text = text;
        this.after = null;
        return this.submit();
    }

    /** Asks what may have been meant, which follows up on the same answer. */
    askOffered({ question }) {
        this.state.chosen = {};
        this.state.text = question;
        return this.ask();
    }

    choose(chip, value) {
        this.state.chosen = { ...this.state.chosen, [chip.key]: value };
        return this.ask();
    }

    async ask() {
        const text = this.state.text.trim();
        if (!text) {
            return;
        }
        const call = this.orm.call(MODEL, "ask", [text, this.state.chosen, this.context]);
        try {
            const answer = await this.last.add(call);
            Object.assign(this.state, { answer, done: null, error: "" });
            this.after = answer.after && { until: Date.now() + FOLLOWED_FOR, value: answer.after };
            // “and for Sales?” is not complete
            if (answer.outcome === "answered" && !answer.chips.some((chip) => chip.is_changed)) {
                rememberQuestion(text);
            }
        } catch (error) {
            const message = rpcMessage(error, _t("Could not send the question. Try again."));
            Object.assign(this.state, { answer: null, error: message });
        }
    }

    async confirm() {
        try {
            const call = this.orm.call(MODEL, "confirm_action", [this.state.answer.proposal]);
            this.state.done = await call;
            this.state.answer.proposal = null;
        } catch (error) {
            this.state.error = rpcMessage(error, _t("Action failed. Try again."));
        }
    }

    discard() {
        this.state.answer = null;
    }

    /** The KPIs that a tile would show; none where there is no dashboard for it. */
    get tileIds() {
        const { kpi, rows } = this.state.answer;
        const ids = kpi ? [kpi.id] : rows.map(({ id }) => id);
        return this.props.action.params?.dashboard ? [...new Set(ids)] : [];
    }

    async keepAsTile() {
        const { id, name } = this.props.action.params.dashboard;
        const tile = {
            dashboard_id: id,
            height: 2,
            kind: this.state.answer.kpi ? "line" : "table",
            report_ids: [[6, 0, this.tileIds]],
            scope_mode: "fixed",
            sequence: 1000,
            span: 6,
        };
        try {
            await this.orm.create("kpi.dashboard.tile", [tile]);
            this.state.done = { sentences: [_t("Tile added to %s.", name)], records: [] };
        } catch (error) {
            this.state.error = rpcMessage(error, _t("Could not add the tile. Try again."));
        }
    }

    openRecord({ id, model = "kpi.report" }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_id: id,
            res_model: model,
            views: [[false, "form"]],
        });
    }

    openChange() {
        const { changed_to: to, kpi } = this.state.answer;
        return this.action.doAction({
            type: "ir.actions.client",
            name: kpi.name,
            params: { report_id: kpi.id, to },
            tag: "kpi_tracking_analytics.change",
        });
    }
}

registry.category("lazy_components").add("kpi_tracking_language.Question", Question);
