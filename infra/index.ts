import { dirname } from "node:path";
import { readFleet } from "./config/read-fleet";
import { provisionFleet } from "./fleet";
import { buildFunctionsIfOld } from "./functions-on-demand";
import { outputsOf } from "./outputs";
import { warnOfTakenNames } from "./taken-names";

const PROJECT = dirname(__dirname);

buildFunctionsIfOld(PROJECT);
const spec = readFleet(PROJECT);
const fleet = provisionFleet(spec);
warnOfTakenNames(spec, fleet.place);

// The names are known at run time only, so these are no exports of their own.
module.exports = outputsOf(fleet);
