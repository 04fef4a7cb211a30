import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { SelectCreateDialog } from "@web/views/view_dialogs/select_create_dialog";
import { openWindow } from "./open_window";
import { actionOf } from "./view_of_tile";

const LAST = 10000; // the place of a tile that is new
const TILE = "kpi.dashboard.tile";

/**
 * What can be done with a tile.
 *
 * @param {import("./dashboard_model").DashboardModel} model
 * @param {Object} editing of the layout
 * @param {(options: Object) => Promise} choose
 */
export function useTileActions(model, editing, choose) {
    const orm = useService("orm");
    const action = useService("action");
    const dialog = useService("dialog");

    /** What is being arranged is saved first: the server orders by what it knows. */
    const changed = async () => {
        await model.load();
        if (editing.isOn) {
            editing.layout = editing.layout.rebased(model.tiles);
        }
    };
    const arrange = (change) => {
        editing.start();
        change(editing.layout);
    };
    const open = (resId, context, title) =>
        dialog.add(FormViewDialog, {
            context,
            onRecordSaved: changed,
            resId,
            resModel: TILE,
            title,
        });

    return {
        add() {
            const context = { default_dashboard_id: model.id, default_sequence: LAST };
            return open(false, context, _t("Add a tile"));
        },
        configure: (tile) => open(tile.id, {}, tile.title),
        async duplicate(tile) {
            await orm.call(TILE, "copy", [[tile.id]]);
            await changed();
        },
        remove(tile) {
            dialog.add(ConfirmationDialog, {
                title: _t("Remove the tile?"),
                body: _t(
                    "“%s” will be removed from this dashboard for everyone. Its KPI stays.",
                    tile.title,
                ),
                confirmLabel: _t("Remove"),
                confirm: async () => {
                    await orm.unlink(TILE, [tile.id]);
                    await changed();
                },
                cancel: () => {},
            });
        },
        moveAway(tile) {
            dialog.add(SelectCreateDialog, {
                domain: [["id", "!=", model.id]],
                multiSelect: false,
                noCreate: true,
                onSelected: async ([dashboardId]) => {
                    await orm.call(TILE, "move_to", [[tile.id], dashboardId]);
                    await changed();
                },
                resModel: "kpi.dashboard",
                title: _t("Move “%s” to", tile.title),
            });
        },
        annotate({ report_ids }) {
            dialog.add(FormViewDialog, {
                canExpand: false,
                context: { default_report_id: report_ids[0], kpi_report_ids: report_ids },
                onRecordSaved: () => model.refresh(model.tilesOf(report_ids)),
                resModel: "kpi.annotation",
                title: _t("Add a note"),
            });
        },
        move: (tile, steps) => arrange((layout) => layout.move(tile.id, steps)),
        widen: (tile, columns) => arrange((layout) => layout.widen(tile.id, columns)),
        heighten: (tile, rows) => arrange((layout) => layout.heighten(tile.id, rows)),
        /** @param {{place?: number, report_id?: number}} at which category, of which KPI */
        async drill(tile, { place = null, report_id = null }) {
            if (tile.view) {
                return action.doAction(actionOf(tile));
            }
            const args = [[tile.id], place, model.options, report_id];
            return openWindow(action, await orm.call(TILE, "drill", args));
        },
        /** The part that was clicked filters all tiles; clicked again, it does no longer. */
        async cross(tile, { key, report_id = null }) {
            if (key === null || !tile.breakdown) {
                return this.drill(tile, { report_id });
            }
            const { cross } = model.options;
            const isOn = cross?.breakdown === tile.breakdown && cross.key === key;
            return choose({ cross: isOn ? null : { breakdown: tile.breakdown, key } });
        },
    };
}
