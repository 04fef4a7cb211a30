import { Component, onWillStart, useState } from "@odoo/owl";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { FirstSteps } from "../eager/first_steps/first_steps";
import { useLiveKpis } from "../live/live";
import { rpcMessage } from "../eager/rpc_message/rpc_message";
import { STATUSES } from "../eager/status_chip/status_chip";
import { HomeKpi } from "./home_kpi";
import { homeNeeds, UNKNOWN_NEED } from "./home_needs";
import { panelsOf } from "./home_panels";

const STATUS_ORDER = ["off_target", "at_risk", "on_target", "no_target", "no_data"];
/** Items that need the user now: KPIs that got worse or better, entries due. */
export class Home extends Component {
    static template = "kpi_tracking.Home";
    static components = { FirstSteps, HomeKpi, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.last = new KeepLast();
        this.state = useState({ error: "", summary: null });
        this.live = useLiveKpis(() => this.fetch());
        onWillStart(() => {
            this.load(); // the frame is shown meanwhile
        });
    }

    get summary() {
        return this.state.summary;
    }

    get isEmpty() {
        const { better, needs, worse } = this.summary;
        return !better.length && !needs.length && !worse.length && !this.counted.length;
    }

    get needs() {
        return this.summary.needs.map((need) => ({
            ...need,
            about: need.date ? formatDate(deserializeDate(need.date)) : "",
            look: homeNeeds.get(need.kind, UNKNOWN_NEED),
        }));
    }

    /** Number of items beyond the rows that are shown. */
    get more() {
        const { needs, needs_counts } = this.summary;
        const count = Object.values(needs_counts).reduce((sum, each) => sum + each, 0);
        return count > needs.length ? _t("%s more", count - needs.length) : "";
    }

    get panels() {
        return panelsOf(this.summary.panels);
    }

    /** Number of KPIs per status, each a link to their list. */
    get counted() {
        const { counts } = this.summary;
        return STATUS_ORDER.filter((key) => counts[key]).map((key) => ({
            ...STATUSES[key],
            count: counts[key],
            key,
        }));
    }

    async load() {
        try {
            await this.fetch();
        } catch (error) {
            this.state.error = rpcMessage(error, _t("The overview could not be loaded."));
        }
    }

    async fetch() {
        const asked = this.orm.silent.call("kpi.home", "get_summary", []);
        const summary = await this.last.add(asked);
        Object.assign(this.state, { error: "", summary });
    }

    /** Each kind opens in its own way, all others as their form. */
    async openNeed({ look, model, res_id }) {
        const action = look.open && (await look.open(this.orm, res_id));
        if (action) {
            return this.action.doAction(action, { onClose: () => this.load() });
        }
        return this.openForm(model, res_id);
    }

    openForm(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_id: id,
            res_model: model,
            views: [[false, "form"]],
        });
    }

    openList(status) {
        const context = status ? { [`search_default_${status}`]: 1 } : {};
        return this.action.doAction("kpi_tracking.kpi_report_action", {
            additionalContext: context,
        });
    }
}

registry.category("lazy_components").add("kpi_tracking.Home", Home);
