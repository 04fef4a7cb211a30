import { _t } from "@web/core/l10n/translation";
import { HistoryChart } from "@kpi_tracking/screens/history_chart/history_chart";

/** What was planned and realised, added up month by month, and how it will go on. */
export class OutlookChart extends HistoryChart {
    /** @override */
    values(color) {
        return { ...super.values(color), label: _t("Realized"), pointRadius: 0 };
    }

    /** @override */
    targets(color) {
        return super
            .targets(color)
            .map((line) => ({ ...line, label: _t("Planned"), stepped: false }));
    }
}
