import { patch } from "@web/core/utils/patch";
import { ListRenderer } from "@web/views/list/list_renderer";

patch(ListRenderer.prototype, {
    /** Columns of numbers are as wide as numbers: long headers of ours take two lines. */
    getColumnClass() {
        const isOurs = this.props.list.resModel.startsWith("kpi.");
        return super.getColumnClass(...arguments) + (isOurs ? " o_kpi_list_header" : "");
    },
});
