import { Component, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { tileOptions } from "@kpi_tracking_dashboard/screens/dashboard/tile_form/tile_values";
import { tiles } from "@kpi_tracking_dashboard/screens/dashboard/tiles/tile_registry";
import { Board } from "../eager/board/board";

/** Places of a leaderboard in one period, which leads to the others; groups race in the
 * running one.
 */
export class LeaderboardTile extends Component {
    static template = xml`
        <div class="o_kpi_leaderboard_tile">
            <button type="button" class="btn btn-link p-0" t-on-click="open" t-out="period" />
            <Board lines="board.lines" hasBars="board.is_live" />
        </div>`;
    static components = { Board };
    static props = { actions: { type: Object }, tile: { type: Object } };

    setup() {
        this.action = useService("action");
    }

    get board() {
        return this.props.tile.board;
    }

    get period() {
        const { is_live, period } = this.board;
        return is_live ? _t("%s so far", period) : period;
    }

    open() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_id: this.board.id,
            res_model: "kpi.leaderboard",
            views: [[false, "form"]],
        });
    }
}

tiles.add("leaderboard", {
    component: LeaderboardTile,
    isFree: true,
    picture: { areas: "M18 6h12v18H18zM4 12h12v12H4zM32 15h12v9H32z" },
});
tileOptions.add("leaderboard_id", {});
