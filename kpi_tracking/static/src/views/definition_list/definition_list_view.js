import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { listView } from "@web/views/list/list_view";
import { askInSpiteOf } from "@kpi_tracking/eager/uses/uses";

/** Before KPIs are taken away it is said what uses them. */
class DefinitionListController extends listView.Controller {
    getStaticActionMenuItems() {
        const items = super.getStaticActionMenuItems();
        const archive = async () => {
            const body = await this.ask(_t("Archive the selected KPIs?"));
            await this.model.root.toggleArchiveWithConfirmation(true, { body });
        };
        return { ...items, archive: { ...items.archive, callback: archive } };
    }

    async onDeleteSelectedRecords() {
        const body = await this.ask(_t("Delete the selected KPIs?"));
        this.deleteRecordsWithConfirmation({ ...this.deleteConfirmationDialogProps, body });
    }

    async ask(question) {
        const ids = await this.model.root.getResIds(true);
        const uses = await this.model.orm.call("kpi.definition", "get_uses", [ids]);
        return askInSpiteOf(question, uses);
    }
}

registry.category("views").add("kpi_definition_list", {
    ...listView,
    Controller: DefinitionListController,
});
