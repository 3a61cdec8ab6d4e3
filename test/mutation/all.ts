// The tests that a mutant of the engine has to survive, the quick ones first: the first failure ends its run.
// In one file, because loading the packages anew for each costs more than running them.
import "../no-network";
import "../lambda/shopify/token-reply.test";
import "../lambda/shopify/check.test";
import "../lambda/shopify/call.test";
import "../lambda/deps.test";
import "../lambda/engine/app-secret.test";
import "../lambda/engine/recover.test";
import "../lambda/engine/status.test";
import "../lambda/engine/obtain.test";
import "../lambda/engine/store.test";
import "../lambda/engine/supersede.test";
import "../lambda/engine/check-token.test";
import "../lambda/log-lines.test";
import "../lambda/rotate.test";
import "../lambda/renewal.test";
import "../lambda/enrol/enrol.test";
import "../lambda/install/install.test";
