import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

const FIRST = 3; // the others on a click

/** Closed periods that became others since somebody looked last. */
export class RestatedBar extends Component {
    static template = "kpi_tracking_dashboard.RestatedBar";
    static props = {
        close: { type: Function },
        rows: { type: Array, element: Object },
    };

    setup() {
        this.action = useService("action");
        this.state = useState({ isWhole: false });
    }

    get shown() {
        return this.state.isWhole ? this.props.rows : this.props.rows.slice(0, FIRST);
    }

    get more() {
        const left = this.props.rows.length - this.shown.length;
        return left > 0 ? _t("%s more", left) : "";
    }

    open({ report_id }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_id: report_id,
            res_model: "kpi.report",
            views: [[false, "form"]],
        });
    }
}
