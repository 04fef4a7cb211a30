import { Component, onWillStart, useState } from "@odoo/owl";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { FirstSteps } from "../../first_steps/first_steps";
import { STATUSES } from "../../status_chip/status_chip";
import { said } from "../dashboard_model";
import { useLiveKpis } from "../live";
import { HomeKpi } from "./home_kpi";

const STATUS_ORDER = ["off_target", "at_risk", "on_target", "no_target", "no_data"];
const NEEDS = {
    alert: { icon: "fa-bell-o", word: _t("Alert") },
    approval: { icon: "fa-gavel", word: _t("To decide") },
    due: { icon: "fa-calendar-o", word: _t("Due soon") },
    overdue: { icon: "fa-clock-o", word: _t("Overdue") },
};
const DASHBOARDS = 8;

/** What needs me now: what got worse, what is owed, what got better. */
export class Home extends Component {
    static template = "kpi_tracking.Home";
    static components = { FirstSteps, HomeKpi, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.last = new KeepLast();
        this.state = useState({ dashboards: [], error: "", summary: null });
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
            look: NEEDS[need.kind] || NEEDS.alert,
        }));
    }

    /** What waits beyond the rows that are shown. */
    get more() {
        const { needs, needs_counts } = this.summary;
        const count = Object.values(needs_counts).reduce((sum, each) => sum + each, 0);
        return count > needs.length ? _t("%s more", count - needs.length) : "";
    }

    /** Favourites first. */
    get dashboards() {
        return this.state.dashboards.toSorted((a, b) => b.is_favorite - a.is_favorite);
    }

    /** How many KPIs have which status, each a way to their list. */
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
            this.state.error = said(error, _t("The overview could not be loaded."));
        }
    }

    async fetch() {
        const calls = [
            this.orm.silent.call("kpi.dashboard", "get_summary", []),
            this.orm.silent.searchRead("kpi.dashboard", [], ["name", "is_favorite"], {
                limit: DASHBOARDS,
            }),
        ];
        const [summary, dashboards] = await this.last.add(Promise.all(calls));
        Object.assign(this.state, { dashboards, error: "", summary });
    }

    /** An entry that is owed opens where it is entered, all else as its form. */
    async openNeed({ model, res_id }) {
        if (model === "kpi.entry.due") {
            const enter = await this.orm.call(model, "action_enter", [[res_id]]);
            return this.action.doAction(enter, { onClose: () => this.load() });
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

    openDashboard(id) {
        return this.action.doAction("kpi_tracking.dashboard", { props: { resId: id } });
    }
}

registry.category("lazy_components").add("kpi_tracking.Home", Home);
