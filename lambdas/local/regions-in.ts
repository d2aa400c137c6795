import { openToRead } from "#store/drivers/sqlite-schema";

/** All Regions that have domain keys in a data folder, whatever Regions are served now. */
export function regionsIn(folder: string): readonly string[] {
  const state = openToRead(folder, "state");
  try {
    return state
      .prepare("SELECT DISTINCT region FROM domains ORDER BY region")
      .all()
      .map(({ region }) => String(region));
  } finally {
    state.close();
  }
}
