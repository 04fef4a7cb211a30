import { Component, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { dueOn } from "@kpi_tracking/home/due_words";
import { describeNeed, openNeed } from "@kpi_tracking/home/home_needs";
import { AlertRow } from "./alert_row";

/** What needs the user: their alerts, worst first, and all else below them. */
export class AlertCentre extends Component {
    static template = "kpi_tracking_alert.AlertCentre";
    static components = { AlertRow };
    static props = {
        close: { type: Function },
        menu: { type: Object }, // reactive: `count`, and `version`, which grows with changes
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.last = new KeepLast();
        this.state = useState({ centre: null, error: "" });
        this.menu = useState(this.props.menu);
        useEffect(
            () => {
                this.load(); // the frame is shown meanwhile
            },
            () => [this.menu.version],
        );
    }

    get alerts() {
        return this.state.centre.alerts;
    }

    get needs() {
        return this.state.centre.needs.map((need) => describeNeed(need, dueOn(need)));
    }

    async load() {
        try {
            const asked = this.orm.silent.call("kpi.alert.event", "get_centre");
            const centre = await this.last.add(asked);
            Object.assign(this.state, { centre, error: "" });
            this.menu.count = centre.count;
        } catch (error) {
            this.state.error = rpcMessage(error, _t("Alerts could not be loaded."));
        }
    }

    /** Who was first is said by an action. */
    async acknowledge({ waiting_ids }) {
        const call = this.orm.call("kpi.alert.event", "action_acknowledge", [waiting_ids]);
        const answer = await call;
        if (answer !== true) {
            await this.action.doAction(answer);
        }
        return this.load();
    }

    /** The alert, or the list where the KPI has several. */
    async open({ id, ids = [id] }) {
        this.props.close();
        if (ids.length > 1) {
            const call = this.orm.call("kpi.alert.event", "action_open_together", [ids]);
            return this.action.doAction(await call);
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_id: id,
            res_model: "kpi.alert.event",
            views: [[false, "form"]],
        });
    }

    openNeed(need) {
        this.props.close();
        return openNeed(this, need);
    }

    openAll() {
        this.props.close();
        return this.action.doAction("kpi_tracking_alert.kpi_alert_event_action");
    }

    openRules() {
        this.props.close();
        return this.action.doAction("kpi_tracking_alert.kpi_smart_alert_action");
    }
}

registry.category("lazy_components").add("kpi_tracking_alert.AlertCentre", AlertCentre);
