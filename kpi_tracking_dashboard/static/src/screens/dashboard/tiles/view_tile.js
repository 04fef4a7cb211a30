import { Component, onWillStart, xml } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { View } from "@web/views/view";
import { contextOf, domainOf } from "../view_of_tile";
import { tiles } from "./tile_registry";

/** One of Odoo's own views; it loads itself, with the rights of who looks. */
export class ViewTile extends Component {
    static template = xml`<div class="o_kpi_tile_records o_kpi_embedded_view"><View t-props="viewProps" /></div>`;
    static components = { View };
    static props = { actions: { type: Object }, tile: { type: Object } };

    setup() {
        this.action = useService("action");
        onWillStart(() => this.prepare());
    }

    prepare() {
        const { model, view_type } = this.props.tile.view;
        const shown = contextOf(this.props.tile.view);
        const groupBy = shown.group_by || [];
        this.viewProps = {
            allowSelectors: false,
            context: shown,
            display: { controlPanel: false },
            domain: domainOf(this.props.tile.view),
            groupBy: typeof groupBy === "string" ? [groupBy] : groupBy,
            loadIrFilters: false,
            resModel: model,
            selectRecord: (resId) => this.open(resId),
            type: view_type,
        };
    }

    open(resId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: this.props.tile.view.model,
            res_id: resId,
            views: [[false, "form"]],
        });
    }
}

tiles.add("view", { component: ViewTile, isFree: true });
