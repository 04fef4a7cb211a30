import {
    Component,
    onMounted,
    onWillStart,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import { router } from "@web/core/browser/router";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { useSortable } from "@web/core/utils/sortable_owl";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { DashboardBar } from "./bar/dashboard_bar";
import { DashboardModel } from "./dashboard_model";
import { fromAddress, toAddress } from "./dashboard_options";
import { timeText } from "./kpi_data";
import { useDraft } from "./draft/draft";
import { DraftBar } from "./draft/draft_bar";
import { useLayoutEditing } from "./layout_editing";
import { useLiveKpis } from "@kpi_tracking/live/live";
import { ValuesUpdated } from "@kpi_tracking/live/values_updated";
import { RestatedBar } from "./restated/restated_bar";
import { rememberSizes, rememberedSizes } from "./remembered_sizes";
import { useTileActions } from "./tile_actions";
import { Tile } from "./tiles/tile";
import { TvBar } from "./tv/tv_bar";
import { useTv } from "./tv/tv";

const APP = "kpi_base.kpi_base_menu";
const menuItems = registry.category("kpi_tracking_dashboard.dashboard_menu");

/** A dashboard: chosen in the bar, kept in the address, told by the server. */
export class Dashboard extends Component {
    static template = "kpi_tracking_dashboard.Dashboard";
    static components = {
        DashboardBar,
        DraftBar,
        Dropdown,
        DropdownItem,
        Layout,
        RestatedBar,
        Tile,
        TvBar,
        ValuesUpdated,
    };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.menus = useService("menu");
        this.grid = useRef("grid");
        this.screen = useRef("screen");
        this.model = useState(new DashboardModel(this.orm, this.askedId));
        this.editing = useLayoutEditing(this.model);
        this.draft = useDraft(this.model, this.editing, (id) => this.show(id));
        this.tiles = useTileActions(this.model, this.editing, (options) => this.choose(options));
        this.tv = useTv({
            model: this.model,
            show: (id) => this.show(id),
            keep: (address) => this.props.updateActionState?.(address),
            grid: () => this.grid.el,
            screen: () => this.screen.el,
        });
        this.news = useState({ id: null, rows: [] });
        this.live = useLiveKpis((change) => this.follow(change), {
            type: "kpi_tracking_dashboard.arranged",
            channel: () => this.model.id && `kpi_tracking.dashboard_${this.model.id}`,
            changeOf: (change) => this.changeOf(change),
        });
        useSetupAction({
            beforeLeave: () => this.editing.askBeforeLeaving(),
            beforeUnload: (ev) => this.editing.warnBeforeUnload(ev),
        });
        useSortable({
            ref: this.grid,
            elements: ".o_kpi_tile",
            handle: ".o_kpi_tile_handle",
            enable: () => this.editing.isOn,
            clone: true,
            cursor: "grabbing",
            onDrop: ({ element, previous }) =>
                this.editing.layout.moveBehind(idOf(element), previous && idOf(previous)),
        });
        this.keepFocus();
        onWillStart(async () => {
            this.model.id ||= await this.orm.call("kpi.dashboard", "get_default", []);
            this.isOfficer = await user.hasGroup("kpi_base.kpi_base_group_officer");
            this.model.options = fromAddress(router.current);
            this.loading = this.model.id && this.load(); // the frame is shown meanwhile
        });
        onMounted(() => {
            this.keepAddress();
            this.showMenu();
        });
        onWillUnmount(() => (this.isGone = true));
    }

    /** Where arranging begins and ends the button that was pressed goes, not the focus. */
    keepFocus() {
        const [edit, save] = [useRef("edit"), useRef("save")];
        let wasOn = false;
        useEffect(
            (isOn) => {
                if (isOn !== wasOn && document.activeElement === document.body) {
                    (isOn ? save : edit).el?.focus();
                }
                wasOn = isOn;
            },
            () => [this.editing.isOn],
        );
    }

    // What is shown

    get askedId() {
        const { action, resId } = this.props;
        return resId || action.params?.dashboard_id || action.context?.active_id || false;
    }

    get name() {
        return this.model.dashboard?.name || _t("Dashboard");
    }

    get shownTiles() {
        const { layout } = this.editing;
        return layout ? layout.arranged(this.model.allTiles) : this.model.tiles;
    }

    /** Nothing of it may be seen: one sentence says more than as many empty tiles. */
    get isClosed() {
        const isWords = this.model.tiles.every(({ kind }) => kind === "text");
        return Boolean(this.model.leftOut) && isWords;
    }

    /** Frames of the size that the tiles had when they were last seen. */
    get frames() {
        return rememberedSizes(this.model.id);
    }

    get canEdit() {
        return Boolean(this.model.dashboard?.is_editable) && !this.tv.isOn;
    }

    /** What others look at is changed in its draft only. */
    get canArrange() {
        return this.canEdit && this.draft.isArrangedHere;
    }

    get menu() {
        const context = this.menuContext;
        return menuItems
            .getEntries()
            .map(([key, item]) => ({ key, ...item }))
            .filter((item) => item.isInDraft || !this.draft.isOn)
            .filter((item) => !item.isShown || item.isShown(context))
            .map((item) => ({
                ...item,
                text: typeof item.text === "function" ? item.text(context) : item.text,
            }));
    }

    get menuContext() {
        const { dashboard, options } = this.model;
        const startTv = (ids, seconds) => this.tv.start(ids, seconds);
        const { draft, env } = this;
        return { dashboard, draft, options, services: env.services, startTv };
    }

    /** The server is not heard: since when, in words; empty while it is. */
    get away() {
        const { isLive, since } = this.live;
        if (isLive) {
            return "";
        }
        return since ? _t("Not live since %s", timeText(since)) : _t("Not live");
    }

    placeOf(tile, index) {
        return _t(
            "%(tile)s: position %(place)s of %(count)s, %(span)s columns wide, %(rows)s high",
            {
                tile: tile.title || _t("Untitled"),
                place: index + 1,
                count: this.shownTiles.length,
                span: tile.span,
                rows: tile.height,
            },
        );
    }

    // Choosing

    async load() {
        await this.model.load();
        this.afterLoad();
    }

    /** Show what has changed on the server. */
    follow(change) {
        return this.model.follow(change, this.editing.isOn);
    }

    /** What a message says of this dashboard; a draft that ended has nothing to ask for. */
    changeOf({ dashboard_id, published_id, revision }) {
        const isShown = dashboard_id === this.model.id;
        if (isShown && published_id) {
            this.draft.leaveEnded(published_id);
            return false;
        }
        return isShown && { revision };
    }

    async addTile() {
        await this.draft.edit();
        this.tiles.add();
    }

    async choose(changes) {
        const chosen = this.model.choose(changes);
        this.keepAddress();
        await chosen;
        this.afterLoad();
    }

    /** Another dashboard in the place of this one. */
    async show(id) {
        this.model.id = id;
        this.keepAddress();
        await this.load();
    }

    afterLoad() {
        const { answer, dashboard, id, tiles } = this.model;
        if (this.isGone || !dashboard) {
            return;
        }
        this.tellRestated(id, answer.restated || []);
        this.env.config.setDisplayName(dashboard.name);
        this.leaveOutForm();
        rememberSizes(id, tiles);
        if (!dashboard.draft_of_id) {
            this.noteView(id);
        }
    }

    /** Each look counts once; on a TV, where perhaps nobody looks, once a day. */
    noteView(id) {
        const { isOn } = this.tv;
        if (isOn ? this.tv.isFirstToday(id) : this.viewedId !== id) {
            this.countView(id, isOn);
        }
        this.viewedId = isOn ? null : id;
    }

    /** Told until somebody closes it: the server knows by then that it was looked at. */
    tellRestated(id, rows) {
        if (this.news.id !== id || rows.length) {
            Object.assign(this.news, { id, rows });
        }
    }

    /** The form that it was opened from has the same name: one of the two says enough. */
    leaveOutForm() {
        const { breadcrumbs } = this.env.config;
        if (breadcrumbs?.length > 1 && breadcrumbs.at(-2).name === this.name) {
            breadcrumbs.splice(-2, 1);
        }
    }

    /** Counted when it can be seen, so that counting never delays it. */
    countView(id, isOnTv) {
        requestAnimationFrame(() =>
            setTimeout(() => {
                this.orm.silent.call("kpi.dashboard", "count_view", [[id], isOnTv]).catch(() => {});
            }),
        );
    }

    /** A link to a dashboard leads into the app, as its menu would. */
    showMenu() {
        if (!this.menus.getCurrentApp()) {
            const app = this.menus.getApps().find(({ xmlid }) => xmlid === APP);
            app && this.menus.setCurrentMenu(app);
        }
    }

    /** Without what was asked for, when it cannot be shown. */
    startOver() {
        return this.choose({
            comparison: null,
            cross: null,
            grain: null,
            periods: null,
            scope: null,
            start: null,
        });
    }

    get isChosen() {
        return Object.values(this.model.options).some(Boolean);
    }

    keepAddress() {
        if (this.model.id) {
            const address = toAddress(this.model.options);
            this.props.updateActionState?.({ resId: this.model.id, ...address });
        }
    }

    async toggleFavorite() {
        const values = { is_favorite: !this.model.dashboard.is_favorite };
        await this.orm.write("kpi.dashboard", [this.model.id], values);
        this.model.patch(values);
    }

    openList() {
        return this.action.doAction("kpi_tracking_dashboard.kpi_dashboard_action");
    }
}

function idOf(element) {
    return Number(element.dataset.id);
}

registry.category("lazy_components").add("kpi_tracking_dashboard.Dashboard", Dashboard);
