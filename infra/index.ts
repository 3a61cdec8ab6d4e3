import { dirname } from "node:path";
import { readFleet } from "./config/read-fleet";
import { provisionFleet } from "./fleet";
import { buildFunctionsIfOld } from "./functions-on-demand";
import { outputsOf } from "./outputs";
import { createStoreList } from "./store-list";
import { deletedAmong, warnOfTakenNames } from "./taken-names";

const PROJECT = dirname(__dirname);

buildFunctionsIfOld(PROJECT);
const spec = readFleet(PROJECT);
const listed = createStoreList(spec.settings.prefix);
const fleet = provisionFleet(spec, { listed });
warnOfTakenNames(spec, fleet.place, async (place) => deletedAmong((await listed(place)) ?? []));

// The names are known at run time only, so these are no exports of their own.
module.exports = outputsOf(fleet);
