import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test, waitFor } from "@odoo/hoot";
import {
    contains,
    defineActions,
    defineModels,
    fields,
    getService,
    models,
    mountWithCleanup,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

class Order extends models.Model {
    _name = "x_order";
    name = fields.Char();
    _views = {
        list: `
            <list>
                <header>
                    <button name="2" type="action" string="Gates" display="always" class="btn-link d-md-none o_kpi_related" />
                </header>
                <field name="name" />
            </list>`,
        "list,2": `<list><field name="name" /></list>`,
    };
}

const action = (id, name, view) => ({
    id,
    name,
    res_model: "x_order",
    type: "ir.actions.act_window",
    views: [[view, "list"]],
});

defineMailModels();
defineModels([Order]);
defineActions([action(1, "Orders", false), action(2, "Gates", 2)]);

test.tags("desktop");
test("screens that a list names are in its menu ⚙", async () => {
    await mountWithCleanup(WebClient);
    await getService("action").doAction(1);
    await contains(".o_cp_action_menus .dropdown-toggle").click();
    await contains(".o-dropdown-item:contains(Gates)").click();
    await waitFor(".o_breadcrumb .active:contains(Gates)");
    expect(".o_breadcrumb .o_back_button, .o_breadcrumb a").toHaveText("Orders");
});
