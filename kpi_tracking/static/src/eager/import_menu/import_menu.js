import { Component } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { STATIC_ACTIONS_GROUP_NUMBER } from "@web/search/action_menus/action_menus";

const TARGET_MODELS = {
    "kpi.report": "kpi.import.measurement",
    "kpi.measurement": "kpi.import.measurement",
    "kpi.target": "kpi.import.kpi.target",
};

/** Starts an import of what the list at hand shows. */
export class ImportMenu extends Component {
    static template = "kpi_tracking.ImportMenu";
    static components = { DropdownItem };
    static props = {};

    setup() {
        this.action = useService("action");
    }

    open() {
        const { resModel } = this.env.searchModel;
        return this.action.doAction("kpi_base.kpi_import_action", {
            viewType: "form",
            additionalContext: { default_target_model: TARGET_MODELS[resModel] },
        });
    }
}

export const importMenuItem = {
    Component: ImportMenu,
    groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
    isDisplayed: ({ config, searchModel }) =>
        ["list", "kanban"].includes(config.viewType) &&
        searchModel.resModel in TARGET_MODELS &&
        user.hasGroup("kpi_base.kpi_base_group_officer"),
};

registry.category("cogMenu").add("kpi-import", importMenuItem, { sequence: 15 });
