import { onMounted } from "@odoo/owl";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { ListController } from "@web/views/list/list_controller";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";
import { formatDay } from "@kpi_base/eager/formatting/reader";
import { KpiTargetField } from "@kpi_tracking/eager/kpi_value/kpi_target";
import { KpiValueField } from "@kpi_tracking/eager/kpi_value/kpi_value";
import { KpiStatusField } from "@kpi_tracking/eager/status_chip/kpi_status_field";
import { StatusChip } from "@kpi_tracking/eager/status_chip/status_chip";
import { TargetShareField } from "@kpi_tracking_alert/eager/target_share/target_share_field";

const KPI = "definition_id";
const MAX_SO_FAR = 5; // KPIs below the list
// Columns on phones, and their widths; the name has the rest.
const ON_PHONES = { period_value: "64px", report_id: "", scope_name: "", status: "100px" };
// Column → what draws it in the row of a KPI, as in the rows of its alerts.
const DRAWN = {
    period_value: KpiValueField,
    status: KpiStatusField,
    target_share: TargetShareField,
    target_value: KpiTargetField,
};

/** Stores the figures of each KPI that come with its group. */
class AlertListModel extends RelationalModel {
    setup() {
        super.setup(...arguments);
        this.kpiHeads = {};
    }

    async _postprocessReadGroup(config, response) {
        for (const { definition_id: definition, kpi_head: head } of response.groups) {
            if (definition && head) {
                this.kpiHeads[definition[0]] = head;
            }
        }
        return super._postprocessReadGroup(config, response);
    }
}

function isByKpi({ groupBy, isGrouped }) {
    return isGrouped && groupBy[0] === KPI;
}

/** Counts KPIs and alerts where one page has them all. */
class AlertListController extends ListController {
    static template = "kpi_tracking_alert.AlertListView";

    /** The count says more than the pager, which has nothing to turn then. */
    get className() {
        return `${super.className || ""} ${this.summary ? "o_kpi_alert_counted" : ""}`;
    }

    /** “2 KPIs, 10 alerts”; "" if there are more pages, or no KPIs. */
    get summary() {
        const { root, useSampleModel } = this.model;
        if (useSampleModel || !isByKpi(root) || root.count > root.groups.length) {
            return "";
        }
        const kpis = root.groups.length;
        const alerts = root.groups.reduce((sum, { count }) => sum + count, 0);
        if (!kpis) {
            return "";
        }
        return [
            kpis === 1 ? _t("1 KPI") : _t("%s KPIs", kpis),
            alerts === 1 ? _t("1 alert") : _t("%s alerts", alerts),
        ].join(", ");
    }
}

/**
 * Alerts by KPI: a row of figures for each KPI, below it one for each of its levels; of a
 * level with several alerts the worst, with the number of their rules.
 */
export class AlertListRenderer extends ListRenderer {
    static template = "kpi_tracking_alert.AlertList";
    static rowsTemplate = "kpi_tracking_alert.AlertList.Rows";
    static groupRowTemplate = "kpi_tracking_alert.AlertList.GroupRow";
    static components = { ...ListRenderer.components, StatusChip };

    setup() {
        super.setup();
        this.action = useService("action");
        // The alerts of the first KPI need no click, unless the reader comes back to others.
        onMounted(() => {
            const { groups = [] } = this.props.list;
            const isAllFolded = groups.every((group) => group.isFolded);
            if (this.isByKpi && isAllFolded && groups.length && this.headOf(groups[0])) {
                this.toggleGroup(groups[0]);
            }
        });
    }

    get isByKpi() {
        return isByKpi(this.props.list);
    }

    /** The figures of the KPI of a group; undefined for other groups. */
    headOf({ count, groupByField, value }) {
        const isKpi = groupByField.name === KPI && value && count;
        return isKpi ? this.props.list.model.kpiHeads[value] : undefined;
    }

    get heads() {
        return this.isByKpi
            ? this.props.list.groups.map((group) => this.headOf(group)).filter(Boolean)
            : [];
    }

    /** The period that all rows are about; "" if they differ or are unknown. */
    get sharedPeriod() {
        const { isGrouped, records } = this.props.list;
        if (isGrouped && !this.isByKpi) {
            return "";
        }
        const shown = [...this.heads.map(({ row }) => row), ...records.map(({ data }) => data)];
        const [label, ...others] = new Set(shown.map((data) => data.period_label));
        return others.length ? "" : label || "";
    }

    /** Below a KPI rows name their level; a period that all share heads the values. */
    getActiveColumns() {
        const left = [this.isByKpi ? "report_id" : "scope_name"];
        const period = this.sharedPeriod;
        if (period) {
            left.push("period_label");
        }
        const { isSmall } = this.env;
        return super
            .getActiveColumns(...arguments)
            .filter(({ name }) => !left.includes(name) && (!isSmall || name in ON_PHONES))
            .map((column) => {
                const changes = {};
                if (period && column.name === "period_value") {
                    changes.label = period;
                }
                if (isSmall) {
                    changes.attrs = { ...column.attrs, width: ON_PHONES[column.name] };
                }
                // The others stay the same objects: cells are drawn again for new ones.
                return Object.keys(changes).length ? { ...column, ...changes } : column;
            });
    }

    /** Phones have no room for a column of choices of columns. */
    get hasActionsColumn() {
        return !this.env.isSmall && super.hasActionsColumn;
    }

    /** The other alerts of the level and period of one. */
    otherRecordsOf(record) {
        if (!this.isByKpi) {
            return [];
        }
        const { records } = this.props.list;
        return records.filter((other) => other !== record && keyOf(other) === keyOf(record));
    }

    shownRecords({ records }) {
        if (!this.isByKpi) {
            return records;
        }
        const seen = new Set();
        return records.filter((record) => {
            const key = keyOf(record);
            const isNew = !seen.has(key);
            seen.add(key);
            return isNew;
        });
    }

    getFormattedValue(column, record) {
        const text = super.getFormattedValue(...arguments);
        const others = column.name === "scope_name" ? this.otherRecordsOf(record).length : 0;
        return others ? `${text} · ${_t("%s rules", others + 1)}` : text;
    }

    /** Below a KPI rows have no buttons: its own row has, and what is selected. */
    getColumns(record) {
        const columns = super.getColumns(record);
        return this.isByKpi
            ? columns.map((each) =>
                  each.type === "button_group" ? { ...each, buttons: [] } : each,
              )
            : columns;
    }

    toggleRecordSelection(record) {
        super.toggleRecordSelection(...arguments);
        const { mutex } = this.props.list.model;
        for (const other of this.otherRecordsOf(record)) {
            // Once the record itself is selected, or is no longer.
            mutex.exec(() => other._toggleSelection(record.selected));
        }
    }

    /** The component of a column and its properties, in the row of a KPI. */
    drawn({ name }, { row }) {
        return DRAWN[name] && { Component: DRAWN[name], props: { name, record: { data: row } } };
    }

    summaryOf({ level_count: levels, row, rule_count: rules }) {
        return [
            levels === 1 ? row.scope_name : _t("%s levels", levels),
            rules === 1 ? _t("1 rule") : _t("%s rules", rules),
        ].join(", ");
    }

    sinceOf({ since }) {
        return formatDay(deserializeDateTime(since));
    }

    /** Whether a group is the first with something to acknowledge: its button leads. */
    isFirstToAcknowledge(group) {
        const { groups, selection } = this.props.list;
        const first = groups.find((each) => this.headOf(each)?.waiting_count);
        return !selection.length && group.id === first?.id;
    }

    async acknowledgeAll(group) {
        const args = [[group.value], group.list.domain];
        const answer = await this.orm.call("kpi.definition", "action_acknowledge_alerts", args);
        if (answer !== true) {
            await this.action.doAction(answer);
        }
        await this.props.list.load();
    }

    /** The status of the first KPIs in the period that runs, by its name. */
    get soFar() {
        const byPeriod = new Map();
        const known = this.isByKpi
            ? this.props.list.groups.filter((group) => this.headOf(group)?.so_far)
            : [];
        for (const group of known.slice(0, MAX_SO_FAR)) {
            const { label, status } = this.headOf(group).so_far;
            const kpis = byPeriod.get(label) || [];
            byPeriod.set(label, [...kpis, { id: group.id, name: group.displayName, status }]);
        }
        return [...byPeriod].map(([label, kpis]) => ({ label: _t("%s so far:", label), kpis }));
    }
}

function keyOf({ data }) {
    return `${data.report_id.id} ${data.period_label}`;
}

registry.category("views").add("kpi_alert_list", {
    ...listView,
    Controller: AlertListController,
    Model: AlertListModel,
    Renderer: AlertListRenderer,
});
