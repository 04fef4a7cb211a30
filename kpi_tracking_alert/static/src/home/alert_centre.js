import { Component, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";
import { dueOn } from "@kpi_tracking/home/due_words";
import { describeNeed, openNeed } from "@kpi_tracking/home/home_needs";
import { AlertRow } from "./alert_row";
import { acknowledge, openAlert, openAlerts } from "./alerts";

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
        return this.state.centre.needs.map((need) => describeNeed(need, dueOn(need.date)));
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

    async acknowledge(alert) {
        await acknowledge(this, alert);
        return this.load();
    }

    open(alert) {
        this.props.close();
        return openAlert(this, alert);
    }

    openNeed(need) {
        this.props.close();
        return openNeed(this, need);
    }

    openAll() {
        this.props.close();
        return openAlerts(this);
    }

    openRules() {
        this.props.close();
        return this.action.doAction("kpi_tracking_alert.kpi_smart_alert_action");
    }
}

registry.category("lazy_components").add("kpi_tracking_alert.AlertCentre", AlertCentre);
