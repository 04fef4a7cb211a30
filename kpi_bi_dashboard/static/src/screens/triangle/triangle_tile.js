import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { tiles } from "@kpi_tracking_dashboard/screens/dashboard/tiles/tile_registry";
import { number as writeNumber, percent } from "@kpi_base/eager/formatting/formatting";

/** Cohorts in rows, months since the first purchase in columns; a month that is not over is
 * empty, a true 0 is not. */
export class TriangleTile extends Component {
    static template = "kpi_bi_dashboard.TriangleTile";
    static props = { actions: { type: Object }, tile: { type: Object } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get cohorts() {
        return this.props.tile.cohorts;
    }

    get rows() {
        const { months, names, shares, sizes } = this.cohorts;
        return months.map((month, at) => ({
            month,
            name: names[at],
            size: writeNumber(sizes[at], 0),
            cells: shares[at].map((share, number) => this.cell(share, names[at], number)),
        }));
    }

    get means() {
        return this.cohorts.means.map((share, number) => this.cell(share, "", number));
    }

    cell(share, month, number) {
        if (share === null) {
            return { number, text: "" };
        }
        const text = percent(share, share && share < 0.1 ? 1 : 0);
        return {
            number,
            text,
            label: _t("%(share)s of customers from %(month)s bought in month %(number)s", {
                share: text,
                month,
                number,
            }),
            // the first month is always full: it would leave no colour for the others
            style: number ? `--kpi-share: ${Math.min(2 * share, 1)}` : "--kpi-share: 0",
        };
    }

    async open(month, number) {
        const args = [this.cohorts.company_id, `${month}-01`, number];
        this.action.doAction(await this.orm.call("kpi.bi.customer", "open_cohort", args));
    }
}

tiles.add("triangle", { component: TriangleTile });
