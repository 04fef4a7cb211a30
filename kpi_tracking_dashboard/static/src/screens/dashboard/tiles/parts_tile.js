import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { compact as formatKpi, full as formatKpiFull } from "@kpi_base/eager/formatting/formatting";
import { unitOfAnswer } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { isRest, seriesName } from "../chart_config";
import { isPlace } from "../tile_table";
import { ChartCanvas } from "./chart_canvas";
import { tiles } from "./tile_registry";

const SHARE = unitOfAnswer({ kind: "percent", decimals: 1 });
const WHEELS = ["doughnut", "pie"];

/** Parts of a whole: as a wheel with their names beside it, or as steps. */
export class PartsTile extends Component {
    static template = "kpi_tracking_dashboard.PartsTile";
    static components = { ChartCanvas };
    static props = { actions: { type: Object }, tile: { type: Object } };

    get parts() {
        return this.props.tile.parts;
    }

    get isFunnel() {
        return this.props.tile.kind === "funnel";
    }

    get isWaterfall() {
        return this.props.tile.kind === "waterfall";
    }

    /** A wheel has no place for less than nothing, and says nothing of one part. */
    get isDrawn() {
        if (!WHEELS.includes(this.props.tile.kind)) {
            return true;
        }
        const parts = this.parts.rows.filter((row) => !row.is_total && row.value);
        return parts.length > 1 && parts.every((row) => row.value > 0);
    }

    get rows() {
        const unit = unitOfAnswer(this.parts.unit);
        const rows = this.parts.rows.filter((row) => !row.is_total || this.isFunnel);
        const largest = Math.max(...rows.map((row) => row.value), 0);
        return rows.map((row, at) => ({
            color: `var(${seriesName(at, isRest(row))})`,
            exact: formatKpiFull(row.value, unit),
            row,
            share: typeof row.share === "number" ? formatKpi(100 * row.share, SHARE) : "",
            text: formatKpi(row.value, unit),
            width: largest ? (100 * Math.max(row.value, 0)) / largest : 0,
        }));
    }

    get total() {
        const { total, unit } = this.parts;
        return typeof total === "number" ? formatKpi(total, unitOfAnswer(unit)) : "";
    }

    get totalText() {
        return _t("Total %s", this.total);
    }

    isPlace(row) {
        return isPlace(row);
    }

    choose(row) {
        return isPlace(row) ? this.props.actions.cross(this.props.tile, row) : undefined;
    }

    chooseAt({ index }) {
        const rows = this.isWaterfall
            ? this.parts.rows
            : this.parts.rows.filter((row) => !row.is_total);
        return this.choose(rows[index]);
    }
}

for (const kind of ["doughnut", "funnel", "pie", "waterfall"]) {
    tiles.add(kind, { component: PartsTile });
}
