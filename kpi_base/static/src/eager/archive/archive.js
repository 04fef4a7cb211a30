import { patch } from "@web/core/utils/patch";
import { FormController } from "@web/views/form/form_controller";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { ListController } from "@web/views/list/list_controller";

/** Whether nothing says that the user may not change one of these records. */
const areEditable = (records) => records.every(({ data }) => data.is_editable_by_me !== false);

/** *Archive* and *Unarchive* are offered for records that the user may change. */
patch(FormController.prototype, {
    get archiveEnabled() {
        return super.archiveEnabled && areEditable([this.model.root]);
    },
});

// Another object for each: what ``super`` is belongs to the object.
const ofSelection = () => ({
    getStaticActionMenuItems() {
        const items = super.getStaticActionMenuItems();
        for (const item of [items.archive, items.unarchive].filter(Boolean)) {
            const { isAvailable } = item;
            item.isAvailable = () => isAvailable() && areEditable(this.model.root.selection);
        }
        return items;
    },
});
patch(KanbanController.prototype, ofSelection());
patch(ListController.prototype, ofSelection());
