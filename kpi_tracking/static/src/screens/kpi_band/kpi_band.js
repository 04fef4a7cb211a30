import { Component } from "@odoo/owl";
import { compactParts, full as formatFull } from "@kpi_base/eager/formatting/formatting";
import { StatusChip } from "@kpi_tracking/eager/status_chip/status_chip";

/**
 * How a KPI stands: this period, its likely end, the last closed one and the year, each
 * with its status and how it is against its target. Knows nothing of records.
 */
export class KpiBand extends Component {
    static template = "kpi_tracking.KpiBand";
    static components = { StatusChip };
    static props = {
        figures: { type: Array, element: Object }, // as `kpi.report._get_figures` returns them
        follow: { type: Function }, // a link of a figure
        unit: { type: Object },
    };

    get figures() {
        const { figures, unit } = this.props;
        return figures.map((figure, at) => ({
            ...figure,
            exact: figure.value === null ? "" : formatFull(figure.value, unit),
            isFirst: !at,
            parts: figure.value === null ? null : compactParts(figure.value, unit),
        }));
    }
}
