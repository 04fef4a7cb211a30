import { expect } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { Tile } from "@kpi_tracking_dashboard/screens/dashboard/tiles/tile";

/** The menu of a tile; what its items ask of a KPI and open are steps. */
export async function openTileMenu(tile, method, name) {
    onRpc("kpi.report", method, ({ args: [ids] }) => {
        expect.step(ids);
        return { name };
    });
    mockService("action", { doAction: ({ name }) => expect.step(name) });
    const actions = { drill: () => {} };
    const props = { actions, canEdit: false, isEditing: false, place: "", tile };
    await mountWithCleanup(Tile, { props });
    await animationFrame();
    await contains(".o_kpi_tile_menu").click();
}
