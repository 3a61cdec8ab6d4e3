import type { Panel } from "../../contract/panels";

/** The columns of the grid, CloudWatch's and Grafana's alike. */
export const COLUMNS = 24;
/** Rows that are kept at the top for the header. */
export const HEADER_HEIGHT = 3;

/** A panel with its place in the grid. */
export interface Arranged {
  readonly panel: Panel;
  readonly x: number;
  readonly y: number;
}

/** Puts panels beside each other from the left, and begins a new row where one does not fit any more. */
export function arranged(panels: readonly Panel[]): Arranged[] {
  let [x, y, rowHeight] = [0, HEADER_HEIGHT, 0];
  return panels.map((panel) => {
    if (x + panel.width > COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const place = { panel, x, y };
    x += panel.width;
    rowHeight = Math.max(rowHeight, panel.height);
    return place;
  });
}
