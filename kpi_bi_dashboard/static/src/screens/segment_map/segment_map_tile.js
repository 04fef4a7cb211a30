import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { tiles } from "@kpi_tracking_dashboard/screens/dashboard/tiles/tile_registry";
import { number } from "@kpi_base/eager/formatting/formatting";

// where segments lie: how often they buy upwards, how recently to the right
const PLACES = {
    at_risk: "1 / 1",
    loyal: "1 / 2",
    champion: "1 / 3",
    hibernating: "2 / 1",
    needs_attention: "2 / 2",
    promising: "2 / 3",
    lost: "3 / 1 / 4 / 3",
    new: "3 / 3",
    one_time: "4 / 1 / 5 / 4", // has no frequency: below the map
};
/** Segments by recency and frequency, darker the more of the revenue they bring. */
export class SegmentMapTile extends Component {
    static template = "kpi_bi_dashboard.SegmentMapTile";
    static props = { actions: { type: Object }, tile: { type: Object } };

    setup() {
        this.action = useService("action");
    }

    get segments() {
        return this.props.tile.segments.rows.map((row) => ({
            ...row,
            count:
                row.customers === 1
                    ? _t("1 customer")
                    : _t("%s customers", number(row.customers, 0)),
            style: `--kpi-place: ${PLACES[row.key]}; --kpi-share: ${row.share}`,
        }));
    }

    open({ key, name }) {
        const { company_id } = this.props.tile.segments;
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: "kpi.bi.customer",
            domain: [
                ["company_id", "=", company_id],
                ["segment", "=", key],
            ],
            views: ["list", "kanban", "form", "pivot"].map((kind) => [false, kind]),
        });
    }
}

tiles.add("segment_map", { component: SegmentMapTile });
