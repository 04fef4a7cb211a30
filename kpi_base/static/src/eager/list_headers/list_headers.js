import { browser } from "@web/core/browser/browser";
import { patch } from "@web/core/utils/patch";
import { ListRenderer } from "@web/views/list/list_renderer";

patch(ListRenderer.prototype, {
    /** On a tablet without those of `options="{'kpi_from': 1200}"`: there is no room. */
    getActiveColumns() {
        const isShown = ({ options }) => !(browser.innerWidth < options?.kpi_from);
        return super.getActiveColumns(...arguments).filter(isShown);
    },

    /** An amount that is written as a text has its header above it, too. */
    isNumericColumn(column) {
        const isAtEnd = /\btext-end\b/.test(column.attrs?.class);
        return isAtEnd || super.isNumericColumn(...arguments);
    },

    /** Columns of numbers are as wide as numbers: long headers of ours take two lines. */
    getColumnClass() {
        const isOurs = this.props.list.resModel.startsWith("kpi.");
        return super.getColumnClass(...arguments) + (isOurs ? " o_kpi_list_header" : "");
    },
});
