import { Component } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { STATIC_ACTIONS_GROUP_NUMBER } from "@web/search/action_menus/action_menus";

/** What the header of a list names as screens that belong to it. */
function relatedScreens({ config: { viewArch } }) {
    const parts = [...(viewArch?.children ?? [])];
    const buttons = parts
        .filter((part) => part.tagName === "header")
        .flatMap((header) => [...header.children]);
    return buttons
        .filter((button) => button.getAttribute("class")?.includes("o_kpi_related"))
        .map((button) => ({
            action: Number(button.getAttribute("name")),
            name: button.getAttribute("string"),
        }));
}

/** These screens in the menu ⚙, as phones have all buttons of a header there. */
export class RelatedScreens extends Component {
    static template = "kpi_base.RelatedScreens";
    static components = { DropdownItem };
    static props = {};

    setup() {
        this.action = useService("action");
        this.screens = relatedScreens(this.env);
    }
}

registry.category("cogMenu").add("kpi_base.related_screens", {
    Component: RelatedScreens,
    groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
    isDisplayed: (env) => !env.isSmall && Boolean(relatedScreens(env).length),
});
