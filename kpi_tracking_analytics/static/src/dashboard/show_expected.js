import { tileOptions } from "@kpi_tracking_dashboard/screens/dashboard/tile_form/tile_values";

tileOptions.add("show_expected", {});
