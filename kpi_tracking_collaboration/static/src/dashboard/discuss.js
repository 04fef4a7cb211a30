import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { Tile } from "@kpi_tracking_dashboard/screens/dashboard/tiles/tile";

/** A tile of one KPI offers a discussion of what it shows. */
patch(Tile.prototype, {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.action = useService("action");
    },

    get discussedReportId() {
        const { kpi, report_ids } = this.props.tile;
        return kpi?.report_id || (report_ids?.length === 1 && report_ids[0]);
    },

    async discuss() {
        const asked = this.orm.call("kpi.report", "action_discuss", [[this.discussedReportId]]);
        return this.action.doAction(await asked);
    },
});
