import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { MultiRecordSelector } from "@web/core/record_selectors/multi_record_selector";

const RECORDS = [
    { key: "department_ids", model: "hr.department", label: _t("Departments") },
    { key: "category_ids", model: "kpi.definition.category", label: _t("Categories") },
    { key: "tag_ids", model: "kpi.tag", label: _t("Tags") },
    { key: "group_ids", model: "kpi.report.group", label: _t("Scorecards") },
    { key: "report_ids", model: "kpi.report", label: _t("KPIs") },
];
const COUNTS = [3, 4, 6, 8, 12, 13, 24];

/** Choice of periods. */
export class PeriodRange extends Component {
    static template = "kpi_tracking.PeriodRange";
    static props = {
        change: { type: Function },
        choices: { type: Object },
        options: { type: Object },
    };

    get counts() {
        const all = new Set([...COUNTS, this.props.options.period_count]);
        return [...all].sort((a, b) => a - b).map(String);
    }

    get range() {
        const { period_count, range_type } = this.props.options;
        return range_type === "fixed" ? "fixed" : String(period_count);
    }

    /** A number of periods, or “fixed”: between two days, at first those of this year. */
    chooseRange(choice) {
        if (choice !== "fixed") {
            return this.props.change({ range_type: "last", period_count: Number(choice) });
        }
        const { date_from, date_to } = this.props.options;
        const year = new Date().getFullYear();
        return this.props.change({
            range_type: "fixed",
            date_from: date_from || `${year}-01-01`,
            date_to: date_to || `${year}-12-31`,
        });
    }
}

/** Choice of KPIs, and of what their values are compared with. */
export class PeriodFilters extends Component {
    static template = "kpi_tracking.PeriodFilters";
    static components = { MultiRecordSelector };
    static props = {
        change: { type: Function },
        choices: { type: Object },
        options: { type: Object },
    };

    setup() {
        this.records = RECORDS;
    }
}
