// The tests that a mutant of the engine has to survive, the quick ones first: the first failure ends its run.
// In one file, because loading the packages anew for each costs more than running them.
import "../no-network";
import "../lambda/shopify/token-reply.test";
import "../lambda/shopify/check.test";
import "../lambda/shopify/persist.test";
import "../lambda/parts.test";
import "../lambda/engine/app-secret.test";
import "../lambda/engine/chain.test";
import "../lambda/engine/status.test";
import "../lambda/engine/mint.test";
import "../lambda/engine/store.test";
import "../lambda/engine/supersede.test";
import "../lambda/engine/trial.test";
import "../lambda/log-lines.test";
import "../lambda/rotate.test";
import "../lambda/renewal.test";
import "../lambda/enrol/enrol.test";
import "../lambda/install/install.test";
