import { dirname } from "node:path";
import { warnOfAbandonedList } from "./abandoned-list";
import { warnOfArrivedStores } from "./arrived-stores";
import { refuseBeforeStart } from "./before-start";
import { readFleetSpec } from "./config/read-fleet";
import { deletedAmong, warnOfDeletedSecrets } from "./deleted-secrets";
import { provisionFleet } from "./fleet";
import { buildFunctionsIfOld } from "./functions-on-demand";
import { readLastOutputs } from "./last-outputs";
import { outputsOf, tellsReaderPolicies } from "./outputs";
import { keepingPairs } from "./refresh-tokens";
import { createStoreList } from "./store-list";
import { warnOfUnmovedStores } from "./unmoved-stores";

const PROJECT = dirname(__dirname);

buildFunctionsIfOld(PROJECT);
const declared = readFleetSpec(PROJECT);

// The engine calls what a program exports, and waits: nothing is registered before the checks are through.
module.exports = async () => {
  const spec = await keepingPairs(declared, readLastOutputs);
  await refuseBeforeStart(spec);
  const listed = createStoreList(spec.settings.prefix);
  const { formerFleet } = spec.settings;
  const fleet = provisionFleet(spec, {
    listed,
    ...(formerFleet === undefined ? {} : { formerFleet }),
  });
  warnOfDeletedSecrets(spec, fleet.place, async (place) =>
    deletedAmong((await listed(place)) ?? []),
  );
  warnOfArrivedStores(spec, fleet.place, listed);
  warnOfUnmovedStores(spec, fleet.place, { listed, lastOutputs: readLastOutputs });
  warnOfAbandonedList(spec, fleet.place);
  return outputsOf(fleet, {
    readerPolicies: await tellsReaderPolicies(spec.settings, readLastOutputs),
  });
};
