import { describe } from "./aws-error";
import { type Checked, type CheckRequest, check } from "./check";
import { type Diff, diff } from "./diff";
import type { Patience } from "./patience";
import type { ProviderConfig } from "./provider-config";
import type { Created, ResourceType, Session } from "./resource-type";
import {
  locators,
  plannedCreate,
  plannedUpdate,
  refreshedInputs,
  settledState,
  withoutDefaults,
} from "./state";
import { text } from "./values";
import { nameOf, type Properties, typeOf } from "./wire";

/** A resource that AWS has, but that did not become what was asked: it stays in the state. */
export class InitializationError extends Error {
  readonly id: string;
  readonly state: Properties;

  constructor(message: string, resource: { readonly id: string; readonly state: Properties }) {
    super(message);
    this.name = "InitializationError";
    this.id = resource.id;
    this.state = resource.state;
  }
}

export interface Surroundings {
  readonly config: ProviderConfig;
  readonly clientsIn: (region: string) => Session["aws"];
  readonly patience: Patience;
  /** Told of each creation that failed, with the seed that its place in the order came from. */
  readonly onCreateFailed?: (urn: string, seed: number) => void;
}

export interface UpdateRequest {
  readonly id: string;
  readonly urn: string;
  readonly olds: Properties;
  readonly news: Properties;
  readonly ignoreChanges: readonly string[];
  readonly preview: boolean;
}

export interface ReadRequest {
  readonly id: string;
  readonly urn: string;
  readonly state: Properties;
  readonly inputs: Properties;
}

export interface ReadAnswer {
  readonly id: string;
  readonly state: Properties;
  readonly inputs: Properties;
}

/** What the engine asks of a provider, over the resource types that are stood in for. */
export interface Lifecycle {
  check(urn: string, request: Omit<CheckRequest, "logicalName">): Checked;
  diff(urn: string, versions: Pick<UpdateRequest, "olds" | "news" | "ignoreChanges">): Diff;
  create(
    urn: string,
    news: Properties,
    preview: boolean,
  ): Promise<{ id: string; state: Properties }>;
  read(request: ReadRequest): Promise<ReadAnswer | undefined>;
  update(request: UpdateRequest): Promise<Properties>;
  remove(urn: string, id: string, olds: Properties): Promise<void>;
}

export function createLifecycle(types: readonly ResourceType[], around: Surroundings): Lifecycle {
  const { config, patience } = around;
  const byToken = new Map(types.map((type) => [type.token, type]));
  const typeFor = (urn: string): ResourceType => {
    const type = byToken.get(typeOf(urn));
    if (!type) throw new Error(`the stand-in aws provider knows no resource type "${typeOf(urn)}"`);
    return type;
  };
  const sessionFor = (properties: Properties): Session => {
    const region = text(properties, "region") ?? config.region;
    return { aws: around.clientsIn(region), config, patience, region };
  };
  return {
    check: (urn, request) => check(typeFor(urn), { ...request, logicalName: nameOf(urn) }, config),
    diff: (urn, versions) => diff(typeFor(urn), versions, versions.ignoreChanges),
    create: async (urn, news, preview) => {
      const type = typeFor(urn);
      if (preview) return { id: "", state: plannedCreate(type, news, config.region) };
      await patience.shuffle(urn);
      try {
        return await createResource(type, sessionFor(news), news);
      } catch (error) {
        around.onCreateFailed?.(urn, patience.seed);
        throw error;
      }
    },
    read: (request) => readResource(typeFor(request.urn), sessionFor(request.state), request),
    update: (request) => updateResource(typeFor(request.urn), sessionFor(request.olds), request),
    remove: (urn, id, olds) => typeFor(urn).remove(sessionFor(olds), id, olds),
  };
}

async function createResource(
  type: ResourceType,
  session: Session,
  inputs: Properties,
): Promise<{ id: string; state: Properties }> {
  const news = withoutDefaults(inputs);
  let id: string | undefined;
  const made = (newId: string): void => {
    id = newId;
  };
  try {
    const created = await type.create({ ...session, made }, news);
    made(created.id);
    return { id: created.id, state: await stateOf(type, session, { ...created, passed: news }) };
  } catch (error) {
    if (id === undefined) throw error;
    throw new InitializationError(describe(error), { id, state: news });
  }
}

/** Reads a resource that must be there; a new one may take AWS a moment to show. */
async function stateOf(
  type: ResourceType,
  session: Session,
  resource: Created & { readonly passed: Properties },
): Promise<Properties> {
  const passed = { ...resource.passed, ...resource.kept };
  const found = await session.patience.retry(
    async () => {
      const read = await type.read(session, resource.id, locators(type.table, passed));
      if (!read)
        throw new NotYetThere(`${type.token} ${resource.id} is not there after it was made`);
      return read;
    },
    (error) => error instanceof NotYetThere,
  );
  return settledState(type, { passed, found: withRegion(type, session, found) }, session.config);
}

class NotYetThere extends Error {}

const withRegion = (type: ResourceType, session: Session, found: Properties): Properties =>
  "region" in type.table ? { ...found, region: session.region } : found;

async function readResource(
  type: ResourceType,
  session: Session,
  request: ReadRequest,
): Promise<ReadAnswer | undefined> {
  const isImport = Object.keys(request.state).length === 0;
  const { id, where } = (isImport && type.imported?.(request.id)) || {
    id: request.id,
    where: locators(type.table, request.state),
  };
  const found = await type.read(session, id, where);
  if (!found) return undefined;
  const seen = { passed: request.state, found: withRegion(type, session, found) };
  const state = settledState(type, seen, session.config);
  return { id, state, inputs: refreshedInputs(type, request.inputs, state) };
}

async function updateResource(
  type: ResourceType,
  session: Session,
  request: UpdateRequest,
): Promise<Properties> {
  const { olds } = request;
  const news = withoutDefaults(request.news);
  const changed = new Set(diff(type, request, request.ignoreChanges).changed);
  if (request.preview) return plannedUpdate(type, { olds, news, changed });
  if (!type.update) throw new Error(`${type.token} has no update: ${[...changed].join(", ")}`);
  const settled = { ...keptOutputs(type, olds), ...news };
  const kept = await type.update(session, { id: request.id, olds, news: settled, changed });
  return stateOf(type, session, { id: request.id, passed: settled, ...(kept ? { kept } : {}) });
}

const keptOutputs = (type: ResourceType, olds: Properties): Properties =>
  Object.fromEntries(
    Object.entries(olds).filter(([name]) => {
      const row = type.table[name];
      return row?.computed && (row.read === "kept" || row.locates);
    }),
  );
