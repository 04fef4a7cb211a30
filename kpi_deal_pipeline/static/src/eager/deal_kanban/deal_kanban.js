import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { RottingKanbanHeader } from "@mail/js/rotting_mixin/rotting_kanban_header";
import { rottingKanbanView } from "@mail/js/rotting_mixin/rotting_kanban_view";
import { DealColumnProgress, isClosedColumn } from "./deal_column_progress";

// Fields that the heads of the columns sum up, in the statement that reads the columns.
const SUMMED = ["company_amount", "estimated_value_amount", "late_count"];
const MEDIUM = 0.4;
const HIGH = 0.7;

/** @returns {string} how sure the agent of an open deal is; nothing where nobody said */
export function confidenceBand({ confidence, status }) {
    if (!confidence || (status && status !== "open")) {
        return "";
    }
    return confidence >= HIGH ? "high" : confidence >= MEDIUM ? "medium" : "low";
}

export class DealKanbanHeader extends RottingKanbanHeader {
    static components = {
        ...RottingKanbanHeader.components,
        ColumnProgress: DealColumnProgress,
    };

    /** New deals are open. */
    canQuickCreate() {
        return super.canQuickCreate() && !isClosedColumn(this.props.group);
    }
}

/** Card whose colour says how sure its agent is. */
export class DealKanbanRecord extends rottingKanbanView.Renderer.components.KanbanRecord {
    getRecordClasses() {
        const band = confidenceBand(this.props.record.data);
        const classes = [super.getRecordClasses()];
        if (band) {
            classes.push(`o_kpi_confidence_${band}`);
        }
        return classes.join(" ");
    }
}

/** @returns {string} method that asks why a card moves to a column; "" where none does */
function findQuestion({ data }, { groupByField, value }) {
    if (groupByField.name !== "pipeline_stage") {
        return "";
    }
    if (value === "closed_lost") {
        return "action_move";
    }
    return data.status && data.status !== "open" ? "action_ask_reopen" : "";
}

/** Board of deals: a card that is lost or reopened stays until the reason is entered. */
export class DealKanbanRenderer extends rottingKanbanView.Renderer {
    static template = "kpi_deal_pipeline.DealKanbanRenderer";
    static components = {
        ...rottingKanbanView.Renderer.components,
        KanbanHeader: DealKanbanHeader,
        KanbanRecord: DealKanbanRecord,
    };

    setup() {
        super.setup();
        this.action = useService("action");
    }

    get legend() {
        const formatShare = registry.category("formatters").get("kpi_percentage");
        const [medium, high] = [MEDIUM, HIGH].map((share) => formatShare(share));
        const from = formatShare(MEDIUM, { noSymbol: true });
        return [
            { key: "none", label: _t("none") },
            { key: "low", label: _t("below %s", medium) },
            { key: "medium", label: _t("%(from)s to %(to)s", { from, to: high }) },
            { key: "high", label: _t("from %s", high) },
        ];
    }

    /** Without Odoo's fading of what is not too long in its stage: all shown cards match. */
    getGroupClasses(group, isGroupProcessing) {
        const classes = super.getGroupClasses(group, isGroupProcessing);
        return classes.replace(" o_kanban_group_show o_kanban_group_show_rotting", "");
    }

    /** Columns in which no deal matches: they stay, and need no help with a first one. */
    get hasNoMatch() {
        const { groups = [], model } = this.props.list;
        const isEmpty = groups.length && groups.every((group) => !group.count);
        return Boolean(isEmpty && !model.useSampleModel);
    }

    get showNoContentHelper() {
        return super.showNoContentHelper && !this.hasNoMatch;
    }

    async sortRecordDrop(dataRecordId, dataGroupId, params) {
        const { groups = [], records } = this.props.list;
        const target = groups.find((group) => group.id === params.parent?.dataset.id);
        const record = records.find((each) => each.id === dataRecordId);
        const isMove = record && target && dataGroupId !== target.id;
        const name = isMove ? findQuestion(record, target) : "";
        if (!name) {
            return super.sortRecordDrop(dataRecordId, dataGroupId, params);
        }
        params.parent.classList.remove("o_kanban_hover");
        await this.action.doActionButton({
            type: "object",
            name,
            resModel: record.resModel,
            resId: record.resId,
            context: { to_stage: target.value },
            onClose: () => this.props.list.model.load(),
        });
    }
}

/** What a click on “2 need attention” filters, where Odoo has deals too long in their stage only. */
const lateFilter = {
    async setFilterRotten(group) {
        await group.applyFilter([["is_late", "=", true]]);
        this.rotIsFiltered[group.id] = group;
        delete this.activeBars[group.serverValue];
    },
    getGroupCount(group) {
        return this.rotIsFiltered[group.id] ? group.list.count : super.getGroupCount(group);
    },
};

export class DealKanbanController extends rottingKanbanView.Controller {
    setup() {
        super.setup();
        if (this.progressBarState) {
            patch(this.progressBarState, lateFilter);
        }
    }

    get progressBarAggregateFields() {
        const summed = SUMMED.map((name) => this.props.fields[name]).filter(Boolean);
        return [...super.progressBarAggregateFields, ...summed];
    }
}

export const dealKanbanView = {
    ...rottingKanbanView,
    Controller: DealKanbanController,
    Renderer: DealKanbanRenderer,
};

registry.category("views").add("kpi_deal_kanban", dealKanbanView);
