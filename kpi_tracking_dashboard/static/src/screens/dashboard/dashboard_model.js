import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { rpcMessage } from "@kpi_tracking/eager/rpc_message/rpc_message";

/** The tiles of one dashboard and what was chosen for all of them. */
export class DashboardModel {
    answer = null;
    error = "";
    isLoading = false;
    isOnTv = false; // anybody may look: people have no places on boards there
    isOutdated = false; // somebody else has changed the dashboard since
    options = {};

    constructor(orm, id) {
        this.orm = orm;
        this.id = id;
        this.last = new KeepLast();
    }

    get dashboard() {
        return this.answer?.dashboard;
    }

    get tiles() {
        return this.answer?.tiles || [];
    }

    /** Tiles that are shown and, for who arranges them, those that are not, in their places. */
    get allTiles() {
        const tiles = [...this.tiles];
        for (const tile of this.answer?.left_out?.tiles || []) {
            tiles.splice(tile.place, 0, tile);
        }
        return tiles;
    }

    /** Why tiles are left out, in a sentence. */
    get leftOut() {
        return this.answer?.left_out?.message || "";
    }

    /** Show other numbers: of another period, part or unit of the company. */
    async choose(changes) {
        this.options = { ...this.options, ...changes };
        return this.load();
    }

    async load() {
        Object.assign(this, { error: "", isLoading: true, isOutdated: false });
        try {
            this.answer = await this.last.add(this.fetch());
        } catch (error) {
            this.error = rpcMessage(error, _t("Could not load the dashboard."));
            if (this.dashboard?.id !== this.id) {
                this.answer = null; // that was another dashboard
            }
        }
        this.isLoading = false;
    }

    /** Fetch only some tiles again; what cannot be fetched keeps its last numbers. */
    async refresh(tileIds) {
        if (!this.answer || !tileIds.length) {
            return;
        }
        const { id, options } = this;
        // Some tiles alone could be those of another scope.
        const { scope } = this.answer.options;
        const answer = await this.fetch({ scope, tile_ids: tileIds });
        if (id !== this.id || options !== this.options) {
            return; // meanwhile something else is shown
        }
        if (answer.left_out?.count) {
            await this.load(); // some may not be seen any more
            return;
        }
        const fresh = new Map(answer.tiles.map((tile) => [tile.id, tile]));
        this.answer = {
            ...this.answer,
            as_of: answer.as_of,
            tiles: this.tiles.map((tile) => fresh.get(tile.id) || tile),
        };
    }

    /** What was changed of the dashboard itself, without fetching it again. */
    patch(values) {
        this.answer = { ...this.answer, dashboard: { ...this.dashboard, ...values } };
    }

    /**
     * Fetch what a change concerns; the tiles of other KPIs stay as they are.
     *
     * @param {{all?: boolean, report_ids?: number[], revision?: number}} change
     * @param {boolean} isArranging somebody arranges these tiles: they stay the ones there are,
     *  and so does the revision, by which saving tells that others were faster
     */
    async follow({ all, report_ids = [], revision = 0 }, isArranging = false) {
        const isOther = revision > (this.dashboard?.revision || 0);
        if ((all || isOther) && !isArranging) {
            this.answer = await this.last.add(this.fetch());
            return;
        }
        this.isOutdated ||= isOther;
        await this.refresh(all ? this.tiles.map(({ id }) => id) : this.tilesOf(report_ids));
    }

    /** The tiles that show any of these KPIs. */
    tilesOf(reportIds) {
        const wanted = new Set(reportIds);
        return this.tiles
            .filter((tile) => tile.report_ids?.some((id) => wanted.has(id)))
            .map((tile) => tile.id);
    }

    fetch(more = {}) {
        const options = { ...this.options, ...more };
        const kwargs = { context: { kpi_is_public: this.isOnTv } };
        return this.orm.silent.call("kpi.dashboard", "data", [[this.id], options], kwargs);
    }

    call(method, ...args) {
        return this.orm.call("kpi.dashboard", method, [[this.id], ...args]);
    }
}
