import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EpochMs, SECOND_MS } from "../../contract/time";
import { insideAddressOf } from "../aws/api-door";
import type { CallRecord } from "../aws/call-record";
import { type Emulator, startEmulator } from "../aws/emulator";
import { type Front, startFront } from "../aws/front";
import { readServiceModels } from "../aws/models/service-model";
import { rotationPortsOf, secretsManagerBehind, sendLabelUpdate } from "../aws/secret-backend";
import { ClockDriver } from "../clock/driver";
import { WorldClock } from "../clock/world-clock";
import { LONGEST_LIST_LAG_MS, type ModelSwitches, SecretsManagerModel } from "../secrets-manager";
import { type ServedShopify, serveShopify } from "../shopify/serve/server";
import { httpWebhookPort } from "../shopify/serve/webhook-carrier";
import {
  ensureEmulator,
  ensureEngine,
  type Progress,
  SILENT_PROGRESS,
  type Emulator as Toolset,
  thisMachine,
} from "../toolchain";
import {
  clockEnvironment,
  insideEnvironment,
  operatorEnvironment,
  type WorldAddresses,
} from "./environment";
import { HeldBackRights } from "./held-back-rights";
import { Engine } from "./pulumi";
import { awaitsQueueName, NAME_STEP_MS, queuedMessages } from "./queues";
import { ROAD_HOSTS } from "./road";
import { type FleetSchedules, fleetSchedules } from "./schedules";
import { fillShopify } from "./shopify-fixtures";

const PROJECT = join(__dirname, "../..");

export interface WorldOptions {
  /** The instant at which the world begins. Default, and where its clock cannot be moved: now. */
  readonly beginsAt?: EpochMs | undefined;
  /** Ends an installation that is under way. */
  readonly signal?: AbortSignal;
  /** Told what is being installed. Default: silent. */
  readonly progress?: Progress;
  /** What real AWS leaves open; see the model of Secrets Manager. Default: its lists are five minutes behind. */
  readonly switches?: Partial<ModelSwitches>;
}

/** A whole world on one machine: engine, AWS, Secrets Manager, Shopify, and one clock for all of them. */
export interface World {
  readonly clock: WorldClock;
  readonly driver: ClockDriver;
  readonly front: Front;
  readonly secrets: SecretsManagerModel;
  readonly shopify: ServedShopify;
  /** A folder of this world alone; gone with it. */
  readonly folder: string;
  readonly engineVersion: string;
  readonly emulatorVersion: string;
  /** The Node that runs the functions, and applications that live in the world. */
  readonly nodeBinDir: string;
  /** What a terminal exports so that `pulumi` and the AWS tools work against this world. */
  readonly operatorEnvironment: Readonly<Record<string, string>>;
  /** What puts a process on this world's clock, and does nothing else. */
  readonly clockEnvironment: Readonly<Record<string, string>>;
  /** What moves a Node process into this world. */
  readonly insideEnvironment: Readonly<Record<string, string>>;
  /** The real engine on a stack; another project folder or config file when given. */
  engine(options?: EngineChoice): Engine;
  emulatorLog(): string;
  /** Whether the time of day of other processes can be moved: libfaketime is there. */
  readonly isClockMovable: boolean;
  /** Moves on to when every role and policy that was changed so far is believed. */
  letRightsArrive(): void;
  /** Resolves, with the reason, when a part of the world ends although nobody stopped it. */
  readonly broken: Promise<string>;
  /** Ends every process that the world started and removes its folder; may be called twice. */
  stop(): Promise<void>;
}

export interface EngineChoice {
  readonly stack?: string;
  readonly projectDir?: string;
  readonly configFile?: string;
  /** Whoever runs the engine. Default: the account's owner. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** The engine's own settings on top. Default: none. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * How long a new role or a changed policy is not yet believed, on the world's clock. Real IAM says
 * "eventually" (IAM User Guide, "Changes that I make are not always immediately visible").
 */
const NEW_ROLE_DELAY_MS = 10 * SECOND_MS;

/** Builds a world on free loopback ports; whatever was started is ended again when a part fails. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const progress = options.progress ?? SILENT_PROGRESS;
  const machine = thisMachine(options.signal);
  const engine = await ensureEngine(progress, machine);
  const tools = await ensureEmulator(progress, machine);
  const ends = new Ends();
  const stopNow = () => ends.run();
  try {
    return await build(options, { engine, tools }, { ends, stopNow });
  } catch (error) {
    await stopNow();
    throw error;
  }
}

interface Installed {
  readonly engine: { readonly binDir: string; readonly version: string };
  readonly tools: Toolset;
}

async function build(
  options: WorldOptions,
  { engine, tools }: Installed,
  { ends, stopNow }: { ends: Ends; stopNow: () => Promise<void> },
): Promise<World> {
  const folder = makeFolder(ends);
  const clockFile = join(folder, "clock");
  const beginsAt = tools.faketimeLibrary === undefined ? undefined : options.beginsAt;
  const clock = new WorldClock({ file: clockFile, beginsAt });
  const now = () => clock.now();
  // Where the clock cannot be moved, ten real seconds would pass at each deployment.
  const newRoleDelayMs = tools.faketimeLibrary === undefined ? 0 : NEW_ROLE_DELAY_MS;
  const rights = new HeldBackRights(clock, newRoleDelayMs);
  const { front, schedules } = await openFront(clock, rights);
  ends.add(() => front.stop());
  const shopify = await serveWorldsShopify({ now, folder, front });
  ends.add(() => shopify.close());
  const addresses: WorldAddresses = {
    awsUrl: front.url,
    folder,
    projectDir: PROJECT,
    engineBinDir: engine.binDir,
    shopify: shopify.clientEnvironment,
    faketime: faketimeOf(tools, clockFile),
  };
  const emulator = await startAws(addresses, tools, front);
  ends.add(() => emulator.stop());
  const secrets = createSecretsManager(front, now, options);
  front.connect({
    ...urlsOf(emulator),
    secretsManager: secretsManagerBehind(secrets),
    models: readServiceModels(tools.serviceModelsFolder),
  });
  await front.setNewRoleDelayMs(newRoleDelayMs);
  return {
    clock,
    driver: new ClockDriver(clock, sourcesOf(secrets, { front, schedules, shopify })),
    front,
    secrets,
    shopify,
    folder,
    engineVersion: engine.version,
    emulatorVersion: tools.version,
    nodeBinDir: tools.nodeBinDir,
    operatorEnvironment: operatorEnvironment(addresses),
    clockEnvironment: clockEnvironment(addresses),
    insideEnvironment: insideEnvironment(addresses),
    engine: createEngines(addresses, { ends, onEnd: () => rights.letPass() }),
    emulatorLog: () => emulator.logTail(),
    letRightsArrive: () => rights.letPass(),
    isClockMovable: addresses.faketime !== undefined,
    broken: emulator.ended.then((reason) => `the AWS emulator ${reason}`),
    stop: stopNow,
  };
}

/** Shopify, whose webhooks find the world's install endpoints by the addresses that they have at AWS. */
async function serveWorldsShopify(of: {
  readonly now: () => number;
  readonly folder: string;
  readonly front: Front;
}): Promise<ServedShopify> {
  const { now, folder, front } = of;
  const whereIs = (address: string) => insideAddressOf(address, front.url);
  const shopify = await serveShopify({
    now,
    directory: folder,
    otherHosts: ROAD_HOSTS.slice(1),
    deliver: httpWebhookPort({ whereIs }),
  });
  fillShopify(shopify.imitation.control);
  return shopify;
}

/** The way to AWS, and what has to hear of every call that takes it. */
async function openFront(clock: WorldClock, rights: HeldBackRights) {
  let schedules: FleetSchedules | undefined;
  const front = await startFront({
    now: () => clock.now(),
    onCall: (call) => {
      rights.see(call);
      if (makesSchedule(call)) void schedules?.fireNew();
      if (awaitsQueueName(call)) clock.advance(NAME_STEP_MS);
    },
  });
  schedules = fleetSchedules(front, clock);
  return { front, schedules };
}

function makesSchedule({ service, operation, status }: CallRecord): boolean {
  return service === "scheduler" && operation.startsWith("POST ") && status === 200;
}

function makeFolder(ends: Ends): string {
  const folder = mkdtempSync(join(tmpdir(), "shopify-secrets-"));
  ends.add(() => removeForGood(folder));
  for (const name of ["state", "pulumi", "aws"]) mkdirSync(join(folder, name));
  return folder;
}

function faketimeOf(tools: Toolset, file: string): WorldAddresses["faketime"] {
  return tools.faketimeLibrary === undefined ? undefined : { library: tools.faketimeLibrary, file };
}

function startAws(addresses: WorldAddresses, tools: Toolset, front: Front): Promise<Emulator> {
  return startEmulator({
    python: tools.python,
    nodeBinDir: tools.nodeBinDir,
    faketime: addresses.faketime,
    functionEnvironment: { ...addresses.shopify, AWS_ENDPOINT_URL: front.url },
    logFile: join(addresses.folder, "aws.log"),
    stateDir: join(addresses.folder, "aws"),
  });
}

function urlsOf(emulator: Emulator): { emulatorUrl: string; policyUrl: string } {
  return { emulatorUrl: emulator.url, policyUrl: emulator.policyUrl };
}

/** The model of Secrets Manager, whose rotations really run the functions. */
function createSecretsManager(
  front: Front,
  now: () => number,
  { switches = {} }: WorldOptions,
): SecretsManagerModel {
  return new SecretsManagerModel({
    ...front.place,
    now,
    switches: { listLagMs: LONGEST_LIST_LAG_MS, ...switches },
    ports: rotationPortsOf(front),
    // Nobody in the world has to hear of it for the label to have moved.
    onLabelUpdated: (update) => void sendLabelUpdate(front, update, now()).catch(() => undefined),
  });
}

/** Everything that happens at a time of its own. */
function sourcesOf(
  model: SecretsManagerModel,
  parts: { front: Front; schedules: FleetSchedules; shopify: ServedShopify },
) {
  const { imitation } = parts.shopify;
  return [
    { name: "rotation", nextDueAt: () => model.nextDueAt(), runDue: () => model.runDue() },
    parts.schedules,
    queuedMessages(parts.front),
    {
      name: "webhook",
      nextDueAt: () => imitation.nextDueAt(),
      runDue: async () => void (await imitation.runDue()),
    },
  ];
}

/** Makes engines, which end with the world. */
function createEngines(
  addresses: WorldAddresses,
  { ends, onEnd }: { readonly ends: Ends; readonly onEnd: () => void },
): World["engine"] {
  const engines: Engine[] = [];
  ends.add(async () => void (await Promise.all(engines.map((one) => one.stop()))));
  return (choice) => {
    const one = engineOf(addresses, { ...choice, onEnd });
    engines.push(one);
    return one;
  };
}

function engineOf(
  addresses: WorldAddresses,
  choice: EngineChoice & { readonly onEnd: () => void },
): Engine {
  return new Engine({
    projectDir: choice.projectDir ?? PROJECT,
    stack: choice.stack ?? "dev",
    environment: {
      ...inherited(),
      ...operatorEnvironment(addresses),
      ...clockEnvironment(addresses),
      ...(choice.credentials && {
        AWS_ACCESS_KEY_ID: choice.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: choice.credentials.secretAccessKey,
      }),
      ...choice.settings,
    },
    onEnd: choice.onEnd,
    ...(choice.configFile === undefined ? {} : { configFile: choice.configFile }),
  });
}

/** What the engine needs of the caller's environment; AWS and Pulumi settings of the user stay out of the world. */
function inherited(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined && !/^(AWS_|PULUMI_|NODE_OPTIONS$|LD_PRELOAD$)/.test(name),
  );
  return Object.fromEntries(kept) as Record<string, string>;
}

/** What has to be ended, last started first; every end is tried, and each only once. */
class Ends {
  readonly #ends: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;

  add(end: () => Promise<void>): void {
    this.#ends.unshift(end);
  }

  run(): Promise<void> {
    this.#running ??= this.#runAll();
    return this.#running;
  }

  async #runAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.#ends) {
      try {
        await end();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 0) throw new AggregateError(failures, "a part of the world did not end");
  }
}

/** How often a folder has to be found gone, and how long apart, before it is believed to stay so. */
const FOUND_GONE = 3;
const LOOK_AGAIN_MS = 200;
const MOST_LOOKS = 100;

/** A process that is dying may still write: what comes back is removed again. */
async function removeForGood(folder: string): Promise<void> {
  for (let gone = 0, looks = 0; gone < FOUND_GONE && looks < MOST_LOOKS; looks += 1) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    gone = existsSync(folder) ? 0 : gone + 1;
  }
}
