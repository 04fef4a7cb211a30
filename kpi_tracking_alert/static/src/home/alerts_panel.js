import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { homeNeeds } from "@kpi_tracking/home/home_needs";
import { homePanels } from "@kpi_tracking/home/home_panels";
import { AlertRow } from "./alert_row";
import { acknowledge, openAlert, openAlerts } from "./alerts";

/** The worst open alerts of the reader's KPIs, and who has them. */
export class AlertsPanel extends Component {
    static template = "kpi_tracking_alert.AlertsPanel";
    static components = { AlertRow };
    static props = { content: { type: Object } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ acknowledged: [] });
    }

    /** The overview asks anew by itself; until then a row looks as it will. */
    get rows() {
        return this.props.content.rows.map((row) =>
            this.state.acknowledged.includes(row.id)
                ? {
                      ...row,
                      state: "acknowledged",
                      waiting_ids: [],
                      is_assigned_to_me: true,
                      assignee: row.assignee || " ",
                  }
                : row,
        );
    }

    get all() {
        return _t("All Alerts (%s)", this.props.content.count);
    }

    async acknowledge(alert) {
        if (await acknowledge(this, alert)) {
            this.state.acknowledged.push(alert.id);
        }
    }

    open(alert) {
        return openAlert(this, alert);
    }

    openAll() {
        return openAlerts(this);
    }
}

homePanels.add("kpi_tracking_alert.alerts", { component: AlertsPanel, sequence: 2 });
homeNeeds.add("alert", { icon: "fa-bell-o", word: _t("Acknowledge, snooze or resolve") });
