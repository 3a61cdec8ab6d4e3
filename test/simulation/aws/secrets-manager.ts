import { AwsError, SecretsManagerModel } from "../../../local/secrets-manager";
import { apply } from "../../../local/secrets-manager/apply";
import { seededRandomness } from "../../../local/secrets-manager/randomness";
import type { RotationEvent } from "../../../local/secrets-manager/rotation-run";
import { EMPTY_STATE, type ModelState, type Secret } from "../../../local/secrets-manager/state";
import { DEFAULT_SWITCHES, type ModelSwitches } from "../../../local/secrets-manager/switches";
import { ACCOUNT, REGION } from "../stage";
import type { Chance } from "../time/chance";
import type { Planned, Timeline } from "../time/timeline";
import type { AwsAnswer, AwsService } from "./aws-client";
import { answerOfLie, isStale } from "./lies";

/** Reads, and how many changes of a secret ago a stale one may be; a list by its age alone. */
const READS: ReadonlySet<string> = new Set([
  "DescribeSecret",
  "GetSecretValue",
  "BatchGetSecretValue",
  "ListSecrets",
  "ListSecretVersionIds",
]);

/** Changes that move nothing which the service does by itself: to look at every secret after each would cost most of the time. */
const PLANNED_AS_BEFORE: ReadonlySet<string> = new Set([
  "PutSecretValue",
  "UpdateSecretVersionStage",
  "TagResource",
  "UntagResource",
]);

/** AWS: "ListSecrets might not reflect changes from the last five minutes". */
const OLDEST_LIST_MS = 300_000;
/** How long a read by name or ARN may miss a secret that was just made; AWS names no time. */
const SEEN_WITHIN_MS = 10_000;

/** What happened to the secrets, for those who watch. */
export interface Change {
  readonly operation: string;
  readonly before: ModelState;
  readonly after: ModelState;
}

export interface SecretsManagerOptions {
  readonly timeline: Timeline;
  readonly chance: Chance;
  /** AWS's own clock, in milliseconds since the epoch. */
  readonly clock: () => number;
  readonly switches: Partial<ModelSwitches>;
  readonly seed: number;
  /** How far lists may be behind, in milliseconds, also where nothing goes wrong. */
  readonly listLagMs: number;
  /** Runs a step of a rotation; rejects when the function failed. */
  readonly rotate: (event: RotationEvent) => Promise<void>;
}

interface Past {
  readonly until: number;
  readonly state: ModelState;
}

/** Secrets Manager over its model: it rotates by itself, and may answer reads with what was true a while ago. */
export class SecretsManagerService {
  readonly model: SecretsManagerModel;
  /** Told of every change of a secret, also of the service's own ones. */
  onChange: (change: Change) => void = () => undefined;
  /** Told of every secret that was made, before those who watch. */
  onCreated: (secret: Secret) => void = () => undefined;
  readonly #options: SecretsManagerOptions;
  #past: Past[] = [];
  #noted: ModelState = EMPTY_STATE;
  #due: Planned | undefined;

  constructor(options: SecretsManagerOptions) {
    this.#options = options;
    this.model = new SecretsManagerModel({
      region: REGION,
      accountId: ACCOUNT,
      now: () => Math.floor(options.clock()),
      switches: options.switches,
      randomness: seededRandomness(options.seed),
      ports: {
        mayInvoke: async () => true,
        invoke: async (_function, event) => await options.rotate(event),
      },
    });
  }

  get state(): ModelState {
    return this.model.state;
  }

  secretNamed(name: string): Secret | undefined {
    return [...this.state.secrets.values()].find((secret) => secret.name === name);
  }

  readonly serve: AwsService = async ({ operation, input }, { lie, effect }) => {
    const state =
      lie === undefined || isStale(lie) ? this.#pastFor(operation, input, lie) : undefined;
    if (state !== undefined && effect !== "none") return this.#answerFrom(state, operation, input);
    const answer = effect === "none" ? undefined : await this.act(operation, input);
    if (answer === undefined) return answerOfLie(lie ?? "internal_error");
    return lie === undefined || isStale(lie) ? answer : answerOfLie(lie);
  };

  /** Carries an operation out. */
  async act(operation: string, input: object): Promise<AwsAnswer> {
    try {
      return { output: await this.model.handle(operation, this.#withToken(operation, input)) };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return { refusal: error };
    } finally {
      if (!READS.has(operation)) this.#noteChange(operation);
      // What was asked for runs on, and may have to be tried again.
      if (operation === "RotateSecret")
        void this.model.settled().then(() => this.#noteChange("(rotation over)"));
    }
  }

  /** The same for the stage of a test: what goes wrong is thrown. */
  async must(operation: string, input: object): Promise<Readonly<Record<string, unknown>>> {
    const { output, refusal } = await this.act(operation, input);
    if (output === undefined) throw new Error(`${operation}: ${refusal?.code} ${refusal?.message}`);
    return output as Readonly<Record<string, unknown>>;
  }

  #withToken(operation: string, input: object): object {
    const needsToken = TOKENS.has(operation) && !("ClientRequestToken" in input);
    return needsToken ? { ...input, ClientRequestToken: this.model.newToken() } : input;
  }

  #noteChange(operation: string): void {
    const { timeline } = this.#options;
    const before = this.#noted;
    const after = this.state;
    if (after !== before) {
      this.#noted = after;
      this.#past.push({ until: timeline.now, state: before });
      const oldest = timeline.now - OLDEST_LIST_MS;
      if (this.#past.length > MOST_PAST) {
        this.#past = this.#past.filter(({ until }, at) => until >= oldest || at >= MOST_PAST / 2);
      }
      if (operation === "CreateSecret") {
        for (const [arn, secret] of after.secrets) {
          if (!before.secrets.has(arn)) this.onCreated(secret);
        }
      }
      this.onChange({ operation, before, after });
    }
    if (!PLANNED_AS_BEFORE.has(operation)) this.planRotations();
  }

  /** Plans the next thing that the service does by itself; to be called when its clock was moved. */
  planRotations(): void {
    const { timeline, clock } = this.#options;
    this.#due?.cancel();
    const dueAt = this.model.nextDueAt();
    if (dueAt === undefined) return;
    this.#due = timeline.after(Math.max(0, dueAt - Math.floor(clock())), () => void this.#runDue());
  }

  async #runDue(): Promise<void> {
    const running = this.model.runDue();
    this.#noteChange("(rotation due)");
    await running;
    this.#noteChange("(rotation over)");
  }

  /** What a read is answered from that does not see the present; undefined: it does. */
  #pastFor(operation: string, input: object, lie: string | undefined): ModelState | undefined {
    const { listLagMs } = this.#options;
    if (operation === "ListSecrets") {
      const mostMs = lie === undefined ? listLagMs : OLDEST_LIST_MS;
      return mostMs > 0 ? this.#stateBefore(mostMs) : undefined;
    }
    if (lie === undefined || !READS.has(operation)) return undefined;
    return this.#staleState(input, lie);
  }

  #answerFrom(state: ModelState, operation: string, input: object): AwsAnswer {
    const request = { operation, input: this.#withToken(operation, input) };
    const { answer, error } = apply(state, request, {
      now: Math.floor(this.#options.clock()),
      region: REGION,
      accountId: ACCOUNT,
      switches: { ...DEFAULT_SWITCHES, ...this.#options.switches },
      randomness: seededRandomness(1),
      mayInvoke: true,
    });
    return error === undefined ? { output: answer } : { refusal: error };
  }

  #stateBefore(mostMs: number): ModelState {
    const { timeline, chance } = this.#options;
    const moment = timeline.now - chance.between(1, mostMs);
    return this.#past.find(({ until }) => until > moment)?.state ?? this.state;
  }

  /** The secrets as they were one or two changes of the asked one ago; that it was just made is one of them. */
  #staleState(input: object, lie: string): ModelState {
    const { SecretId } = input as { readonly SecretId?: string };
    let steps = lie === "stale_2" ? 2 : 1;
    let later = labelsOf(this.state, SecretId);
    for (const { state, until } of [...this.#past].reverse()) {
      const labels = labelsOf(state, SecretId);
      if (labels === undefined && later === undefined) break;
      if (labels === undefined) {
        const isYoung = until >= this.#options.timeline.now - SEEN_WITHIN_MS;
        return isYoung ? state : this.state;
      }
      if (labels === later) continue;
      later = labels;
      steps -= 1;
      if (steps === 0) return state;
    }
    return this.state;
  }
}

/** What of a secret a stale read shows: its labels and tags, as text. */
function labelsOf(state: ModelState, secretId: string | undefined): string | undefined {
  const secret =
    state.secrets.get(secretId ?? "") ??
    [...state.secrets.values()].find(({ name }) => name === secretId);
  if (secret === undefined) return undefined;
  return JSON.stringify([
    secret.versions.map(({ id, stages, value }) => [id, stages, value !== undefined]),
    secret.tags,
    secret.description,
    secret.deletion !== undefined,
  ]);
}

const MOST_PAST = 60;
const TOKENS = new Set(["CreateSecret", "PutSecretValue", "UpdateSecret", "RotateSecret"]);
