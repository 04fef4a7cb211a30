import { tileOptions } from "@kpi_tracking_dashboard/screens/dashboard/tile_form/tile_values";
import { tiles } from "@kpi_tracking_dashboard/screens/dashboard/tiles/tile_registry";
import { FindingsTile } from "../findings/findings_tile";
import { Ranges } from "./ranges";

/** Intervals of an analysis, a title and an axis for each of its sections. */
export class RangesTile extends FindingsTile {
    static template = "kpi_bi_dashboard.RangesTile";
    static components = { Ranges };
}

tiles.add("ranges", { component: RangesTile });
tileOptions.add("bi_analysis", {});
tileOptions.add("show_pipeline", {});
