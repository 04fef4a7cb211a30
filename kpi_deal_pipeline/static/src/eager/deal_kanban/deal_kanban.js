import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { RottingColumnProgress } from "@mail/js/rotting_mixin/rotting_column_progress";
import { RottingKanbanHeader } from "@mail/js/rotting_mixin/rotting_kanban_header";
import { rottingKanbanView } from "@mail/js/rotting_mixin/rotting_kanban_view";

/** Bar and sum of a column; no sum where no deal in it is worth a known amount. */
export class DealColumnProgress extends RottingColumnProgress {
    static template = "kpi_deal_pipeline.DealColumnProgress";

    get isSumKnown() {
        const { aggregates, count } = this.props.group;
        return !count || aggregates.weighted_amount !== false;
    }
}

export class DealKanbanHeader extends RottingKanbanHeader {
    static components = {
        ...RottingKanbanHeader.components,
        ColumnProgress: DealColumnProgress,
    };
}

/** Board of deals: a card dropped on “Lost” stays where it was until the reason is told. */
export class DealKanbanRenderer extends rottingKanbanView.Renderer {
    static components = {
        ...rottingKanbanView.Renderer.components,
        KanbanHeader: DealKanbanHeader,
    };

    setup() {
        super.setup();
        this.action = useService("action");
    }

    async sortRecordDrop(dataRecordId, dataGroupId, params) {
        const { groups = [], records } = this.props.list;
        const target = groups.find((group) => group.id === params.parent?.dataset.id);
        const isLost =
            target?.groupByField.name === "pipeline_stage" && target.value === "closed_lost";
        if (!isLost || dataGroupId === target.id) {
            return super.sortRecordDrop(dataRecordId, dataGroupId, params);
        }
        params.parent.classList.remove("o_kanban_hover");
        const record = records.find((each) => each.id === dataRecordId);
        await this.action.doActionButton({
            type: "object",
            name: "action_move",
            resModel: record.resModel,
            resId: record.resId,
            context: { to_stage: target.value },
            onClose: () => this.props.list.model.load(),
        });
    }
}

export const dealKanbanView = { ...rottingKanbanView, Renderer: DealKanbanRenderer };

registry.category("views").add("kpi_deal_kanban", dealKanbanView);
