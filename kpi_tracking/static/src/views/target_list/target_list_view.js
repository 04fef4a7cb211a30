import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { ListRenderer } from "@web/views/list/list_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { listView } from "@web/views/list/list_view";

const BY_KPI = "definition_id";
const TARGET_HEADS = {
    day: _t("Target per Day"),
    week: _t("Target per Week"),
    month: _t("Target per Month"),
    quarter: _t("Target per Quarter"),
    year: _t("Target per Year"),
};
const TREND_HEADS = {
    day: _t("Last 12 Days"),
    week: _t("Last 12 Weeks"),
    month: _t("Last 12 Months"),
    quarter: _t("Last 12 Quarters"),
    year: _t("Last 12 Years"),
};

/** The one value of a field in all records that have any; undefined where they differ. */
function sharedValue(records, name) {
    const values = new Set(records.map(({ data }) => data[name]).filter(Boolean));
    return values.size === 1 ? [...values][0] : undefined;
}

/** The groups of KPIs come with the scopes that have a target. */
class TargetListModel extends listView.Model {
    scopeTexts = {};

    async _webReadGroup(config) {
        const result = await super._webReadGroup(...arguments);
        if (config.groupBy[0] === BY_KPI && !this.orm.isSample) {
            const ids = result.groups.map((group) => group[BY_KPI]?.[0]).filter(Boolean);
            const texts = await this.orm.call("kpi.target", "get_scope_texts", [ids]);
            Object.assign(this.scopeTexts, texts);
        }
        return result;
    }
}

/** Targets by KPI; a column is headed by a period only if all of its rows share it. */
class TargetListRenderer extends ListRenderer {
    static groupRowTemplate = "kpi_tracking.TargetListGroupRow";

    get isByKpi() {
        const { groupBy, isGrouped } = this.props.list;
        return isGrouped && groupBy.includes(BY_KPI);
    }

    getActiveColumns() {
        const labels = this.getLabels();
        return super
            .getActiveColumns(...arguments)
            .filter(({ name }) => name !== BY_KPI || !this.isByKpi)
            .map((column) => ({ ...column, label: labels[column.name] || column.label }));
    }

    /** Headers that follow the rows, by the names of their fields. */
    getLabels() {
        const { records } = this.props.list;
        const grain = sharedValue(records, "frequency");
        return {
            rule_in_words: TARGET_HEADS[grain],
            scope_name: this.isByKpi ? _t("KPI") : undefined,
            sparkline: TREND_HEADS[grain],
            status: sharedValue(records, "period_label"),
        };
    }

    /** “15 targets · company, 4 departments, 10 people” */
    summaryOf({ count, groupByField, value }) {
        const scopes = groupByField.name === BY_KPI && this.props.list.model.scopeTexts[value];
        const targets = count === 1 ? _t("1 target") : _t("%s targets", count);
        return [targets, scopes].filter(Boolean).join(" · ");
    }
}

registry.category("views").add("kpi_target_list", {
    ...listView,
    Model: TargetListModel,
    Renderer: TargetListRenderer,
});

/** Cards of targets are a column: on a phone there is no room for columns. */
class TargetKanbanModel extends kanbanView.Model {
    load(params) {
        return super.load({ ...params, groupBy: [] });
    }
}

registry.category("views").add("kpi_target_kanban", { ...kanbanView, Model: TargetKanbanModel });

/** The target that follows; where there is none, the way to set one for the next year. */
class NextTargetField extends Component {
    static template = "kpi_tracking.NextTargetField";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get text() {
        return this.props.record.data[this.props.name];
    }

    get year() {
        return this.props.record.data.next_year_label;
    }

    setNext() {
        const { record } = this.props;
        return this.action.doActionButton({
            name: "action_set_next",
            type: "object",
            resModel: record.resModel,
            resId: record.resId,
            onClose: () => record.model.load(),
        });
    }
}

registry.category("fields").add("kpi_next_target", {
    component: NextTargetField,
    displayName: _t("Next target"),
    supportedTypes: ["char"],
    isEmpty: () => false,
    fieldDependencies: [{ name: "next_year_label", type: "char" }],
});
