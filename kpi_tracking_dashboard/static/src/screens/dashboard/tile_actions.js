import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { SelectCreateDialog } from "@web/views/view_dialogs/select_create_dialog";
import { TileDialog, tileContext } from "./tile_form/tile_dialog";
import { valuesOf } from "./tile_form/tile_values";
import "./tile_form/tile_fields";
import "./tile_form/tile_preview";
import { openWindow } from "./open_window";
import { actionOf } from "./view_of_tile";

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
    const open = (title, values, props) =>
        dialog.add(TileDialog, {
            canExpand: false,
            context: tileContext(model.options, { ...values, dashboard_id: model.id }),
            resModel: TILE,
            size: "xl",
            title,
            ...props,
        });
    /** What is asked for is a tile of this arrangement; it is stored with it. */
    const draft = async (values, id) => {
        const args = [[model.id], values, model.options];
        const { tile } = await orm.call("kpi.dashboard", "preview", args);
        arrange((layout) => layout.draft({ tile, values }, id));
    };
    const openDraft = (title, values, id) =>
        open(title, values, {
            async onRecordSave(record) {
                if (!(await record.checkValidity({ displayNotification: true }))) {
                    return false;
                }
                await draft(valuesOf(record), id);
                return true;
            },
        });
    const draftOf = ({ id }) => editing.layout?.drafts.get(id);

    return {
        add: () => openDraft(_t("Add Tile"), {}),
        configure(tile) {
            const known = draftOf(tile);
            return known
                ? openDraft(tile.title, known.values, tile.id)
                : open(tile.title, {}, { onRecordSaved: changed, resId: tile.id });
        },
        async duplicate(tile) {
            const known = draftOf(tile);
            if (known) {
                return arrange((layout) => layout.draft(known));
            }
            await orm.call(TILE, "copy", [[tile.id]]);
            await changed();
        },
        remove(tile) {
            if (draftOf(tile)) {
                return arrange((layout) => layout.dropDraft(tile.id));
            }
            dialog.add(ConfirmationDialog, {
                title: _t("Remove Tile"),
                body: model.dashboard.draft_of_id
                    ? _t(
                          "Remove “%s” from this draft? Others see it until you publish.",
                          nameOf(tile),
                      )
                    : _t(
                          "Remove “%s” from this dashboard? The KPI itself is not deleted.",
                          nameOf(tile),
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
        /** The way to numbers: records to look at, or a form for the first one. */
        follow({ action: known, is_new, model: resModel, text }) {
            const form = [false, "form"];
            return action.doAction(
                known || {
                    type: "ir.actions.act_window",
                    name: text,
                    res_model: resModel,
                    views: is_new ? [form] : [[false, "list"], form],
                },
            );
        },
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

function nameOf({ title }) {
    return title || _t("Untitled");
}
