import { patch } from "@web/core/utils/patch";
import { ListController } from "@web/views/list/list_controller";
import { MultiRecordViewButton } from "@web/views/view_button/multi_record_view_button";

const VERSION = "approval_version";

/**
 * Which content the chosen documents show; of those on other pages, which they have now.
 *
 * @param {Object} list of a view
 * @param {Object} orm
 * @returns {Promise<string[]>}
 */
export async function readShownVersions(list, orm) {
    const shown = list.selection.map(({ data }) => data[VERSION]);
    const ids = list.isDomainSelected ? await list.getResIds(true) : [];
    const loaded = new Set(list.records.map(({ resId }) => resId));
    const others = ids.filter((id) => !loaded.has(id));
    if (others.length) {
        const rows = await orm.read(list.resModel, others, [VERSION]);
        shown.push(...rows.map((row) => row[VERSION]));
    }
    return shown.filter(Boolean);
}

patch(MultiRecordViewButton.prototype, {
    /** Say which content was shown, as nothing is decided on another one. */
    async onClick() {
        const { clickParams, list } = this.props;
        if (VERSION in list.activeFields) {
            const versions = await readShownVersions(list, this.env.services.orm);
            clickParams.context = { approval_versions: versions };
        }
        return super.onClick(...arguments);
    },
});

patch(ListController.prototype, {
    /** Where nobody can decide now on any of what is chosen, nothing is offered. */
    evalViewModifier() {
        const { activeFields, isDomainSelected, selection } = this.model.root;
        const isKnown = "can_decide" in activeFields && !isDomainSelected && selection.length;
        const isOver = isKnown && !selection.some(({ data }) => data.can_decide);
        return isOver || super.evalViewModifier(...arguments);
    },
});
