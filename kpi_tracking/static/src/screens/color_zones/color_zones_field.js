import { Component, useRef, useState } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { parseFloat } from "@web/views/fields/parsers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { chooseScale } from "../gauge/gauge_geometry";
import { scalePosition } from "@kpi_tracking/eager/gauge/scale";
import { percentText, plain } from "@kpi_base/eager/formatting/formatting";
import {
    COLORS,
    fitted,
    limitsOf,
    MOST_ZONES,
    problemOf,
    stepOf,
    textOf,
    usualZones,
    withLimit,
    without,
    withOneMore,
    zonesOf,
} from "./color_zones";

const PAGE = 10; // steps
const LARGE_DIGITS = 6;

/** Zones of a gauge: a bar whose limits are moved, and the same in words and numbers. */
export class ColorZonesField extends Component {
    static template = "kpi_tracking.ColorZonesField";
    static props = { ...standardFieldProps };

    setup() {
        this.bar = useRef("bar");
        this.colors = COLORS;
        // While a limit is moved, the bar keeps its scale and the record its text.
        this.state = useState({ moved: null, problem: "" });
    }

    get text() {
        return this.props.record.data[this.props.name];
    }

    get zones() {
        return this.state.moved?.zones || zonesOf(this.text) || [];
    }

    get isUnreadable() {
        return Boolean(this.text) && !zonesOf(this.text);
    }

    get canAdd() {
        return this.zones.length < MOST_ZONES;
    }

    get unit() {
        return this.props.record.data.zone_unit === "value" ? "" : "%";
    }

    get scale() {
        return this.state.moved?.scale || chooseScale(limitsOf(this.zones).filter(Number.isFinite));
    }

    get handles() {
        const { low, high } = this.scale;
        return limitsOf(this.zones)
            .map((limit, at) => ({ at, limit }))
            .filter(({ limit }) => Number.isFinite(limit))
            .map(({ at, limit }) => ({
                at,
                high,
                label: _t("Limit between zones %(zone)s and %(next)s", {
                    zone: at + 1,
                    next: at + 2,
                }),
                limit,
                low,
                style: `inset-inline-start: ${this.percentOf(limit)}%`,
                text: this.said(limit),
            }));
    }

    get bands() {
        return this.zones.map(({ color, from, to }) => {
            const start = from === null ? 0 : this.percentOf(from);
            const stop = to === null ? 100 : this.percentOf(to);
            return { color, size: `inline-size: ${Math.max(stop - start, 0)}%` };
        });
    }

    percentOf(number) {
        return scalePosition(number, this.scale).ratio * 100;
    }

    said(number) {
        const text = this.plain(number);
        return this.unit ? percentText(text) : text;
    }

    plain(number) {
        return Number.isFinite(number) ? plain(number, LARGE_DIGITS) : "";
    }

    startsAt(at) {
        const limit = at ? limitsOf(this.zones)[at - 1] : null;
        return Number.isFinite(limit) ? _t("from %s", this.said(limit)) : _t("from the start");
    }

    save(zones) {
        const problem = problemOf(zones);
        this.state.moved = null;
        this.state.problem = problem;
        const { name, record } = this.props;
        if (problem) {
            record.setInvalidField(name);
        }
        return record.update({ [name]: textOf(zones) });
    }

    useOwn() {
        return this.save(usualZones());
    }

    useUsual() {
        this.state.problem = "";
        return this.props.record.update({ [this.props.name]: false });
    }

    add() {
        return this.save(withOneMore(this.zones));
    }

    remove(at) {
        return this.zones.length > 1 ? this.save(without(this.zones, at)) : this.useUsual();
    }

    change(at, values) {
        return this.save(this.zones.map((zone, i) => (i === at ? { ...zone, ...values } : zone)));
    }

    typeLimit(at, text) {
        return this.save(withLimit(this.zones, at, parsed(text)));
    }

    moveBy(at, steps) {
        const scale = this.scale;
        const number = limitsOf(this.zones)[at] + steps * stepOf(scale);
        return this.save(withLimit(this.zones, at, fitted(this.zones, at, number, scale)));
    }

    onKeydown(ev, at) {
        const onward = localization.direction === "rtl" ? -1 : 1;
        const steps = {
            ArrowDown: -1,
            ArrowLeft: -onward,
            ArrowRight: onward,
            ArrowUp: 1,
            PageDown: -PAGE,
            PageUp: PAGE,
        }[ev.key];
        if (steps && !this.props.readonly) {
            ev.preventDefault();
            this.moveBy(at, steps);
        }
    }

    onPointerdown(ev, at) {
        if (this.props.readonly) {
            return;
        }
        ev.currentTarget.setPointerCapture(ev.pointerId);
        this.state.moved = { at, scale: this.scale, zones: this.zones };
    }

    onPointermove(ev) {
        const { moved } = this.state;
        if (!moved) {
            return;
        }
        const { left, width } = this.bar.el.getBoundingClientRect();
        const share = (ev.clientX - left) / width;
        const ratio = localization.direction === "rtl" ? 1 - share : share;
        const { high, low } = moved.scale;
        const within = Math.min(Math.max(ratio, 0), 1);
        const number = fitted(moved.zones, moved.at, low + within * (high - low), moved.scale);
        moved.zones = withLimit(moved.zones, moved.at, number);
    }

    onPointerup() {
        if (this.state.moved) {
            this.save(this.state.moved.zones);
        }
    }
}

/** The number that somebody typed; null where it is none. */
function parsed(text) {
    try {
        return parseFloat(text);
    } catch {
        return null;
    }
}

registry.category("lazy_components").add("kpi_tracking.ColorZonesField", ColorZonesField);
