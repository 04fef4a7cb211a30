import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { Tile } from "@kpi_tracking_dashboard/screens/dashboard/tiles/tile";

/** A tile of one KPI offers a rule of the reader's own about it. */
patch(Tile.prototype, {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.action = useService("action");
    },

    get alertReportId() {
        const { kpi, report_ids } = this.props.tile;
        return kpi?.report_id || (report_ids?.length === 1 && report_ids[0]);
    },

    async alertMe() {
        const asked = this.orm.call("kpi.report", "action_alert_me", [[this.alertReportId]]);
        return this.action.doAction(await asked);
    },
});
