import type { Patch } from "../patch";

const rule = (search: string, replace: string): Patch => ({
  file: "lambda/engine/rules.ts",
  search,
  replace,
});

/** Wrong versions of the product, each by what it does; the simulation has to find every one. */
export const PLANTED_BUGS = {
  promotesOverWhateverIsCurrent: {
    file: "lambda/engine/promote.ts",
    search: "let from = record.parentVersion;",
    replace: "let from = await readHolder();",
  },
  presentsPendingRefreshToken: rule(
    "presents: (parent) => parent,",
    "presents: (parent, pending) => pending?.record ?? parent,",
  ),
  promotesOldPendingValue: rule(
    "  if (record.expiresAt === undefined) return true;\n  return record.expiresAt - now",
    "  if (record.expiresAt === undefined || now > 0) return true;\n  return record.expiresAt - now",
  ),
  stopsAtMissingScope: {
    file: "lambda/engine/obtain.ts",
    search: "  warnOfScopes(scopes, deps);",
    replace:
      '  if (scopes.length > 0) throw withFacts(new CodedError("scope_missing", { scopes }), store);',
  },
  takesAbsentLifeAsEndless: {
    file: "lambda/shopify/token-reply.ts",
    search: ": { seconds: documentedSeconds, assumed: true };",
    replace: ": { seconds: 3_153_600_000, assumed: true };",
  },
  takes403AsDeath: {
    file: "lambda/shopify/check.ts",
    search: 'if (reply.status === 401) return "token_dead";',
    replace: 'if (reply.status === 401 || reply.status === 403) return "token_dead";',
  },
  asksAgainAfter400: rule(
    "planOf: retryPlanOf,",
    "planOf: () => ({ attempts: 4, firstWaitMs: 300 }),",
  ),
  believesRefusalOfOldToken: rule(
    "currentNow === parent,",
    "currentNow === parent || parent !== undefined,",
  ),
  spacesNoVersions: rule(
    "    newest.issuedAt > now || now - newest.issuedAt >= VERSION_SPACING_MS,",
    "    newest.issuedAt > now || now - newest.issuedAt >= -VERSION_SPACING_MS,",
  ),
  readsLifeInTextAsEndless: {
    file: "lambda/shopify/token-reply.ts",
    search: '  const seconds = typeof expiresIn === "string" ? decimalOf(expiresIn) : expiresIn;',
    replace:
      '  const seconds = expiresIn;\n  if (typeof seconds === "string") return { seconds: 3_153_600_000, assumed: !decimalOf(seconds) };',
  },
  makesSecondSecret: {
    file: "lambda/install/take-in.ts",
    search: "  return await make(arrival, [...parked, ...candidates], deps);",
    replace:
      "  return await make(arrival, candidates.filter(({ secret }) => secret === undefined), deps);",
  },
  verifiesNobody: {
    file: "lambda/install/arrival.ts",
    search: "const signer = signers.find(({ clientSecrets }) => isSignedBy(query, clientSecrets));",
    replace: "const [signer] = signers;",
  },
  leavesFenceOut: {
    file: "lambda/install/fence.ts",
    search: "if (found === undefined || found.id === id) return facts;",
    replace: "if (found === undefined || found.id !== undefined) return facts;",
  },
} satisfies Readonly<Record<string, Patch>>;
