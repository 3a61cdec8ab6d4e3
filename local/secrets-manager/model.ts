import { apply } from "./apply";
import { type AttemptKey, begun, dueEvents } from "./attempts";
import { ListHistory } from "./list-history";
import { rotationTarget } from "./operations/rotation";
import { systemRandomness } from "./randomness";
import { type RotationPorts, runSteps } from "./rotation-run";
import { findSecret } from "./secret-id";
import {
  type Effect,
  EMPTY_STATE,
  type LabelUpdate,
  type ModelState,
  type Randomness,
  type Surroundings,
  type Tag,
} from "./state";
import { DEFAULT_SWITCHES, type ModelSwitches } from "./switches";

export interface SecretsManagerOptions {
  readonly region: string;
  readonly accountId: string;
  /** Epoch ms. */
  readonly now: () => number;
  readonly ports: RotationPorts;
  readonly switches?: Partial<ModelSwitches>;
  /** Default: the operating system's. */
  readonly randomness?: Randomness;
  /** Called when AWSCURRENT moved, before the answer is given. */
  readonly onLabelUpdated?: (update: LabelUpdate) => void;
}

/** What the evaluation of a policy needs to know about a secret. */
export interface SecretFacts {
  readonly arn: string;
  readonly name: string;
  readonly tags: readonly Tag[];
  readonly rotationLambdaArn?: string | undefined;
  readonly resourcePolicy?: string | undefined;
  readonly kmsKeyId?: string | undefined;
}

/** A Secrets Manager of one account and region: the pure model with its state, and the service's own doings. */
export class SecretsManagerModel {
  readonly #options: SecretsManagerOptions;
  readonly #switches: ModelSwitches;
  readonly #randomness: Randomness;
  readonly #running = new Set<Promise<void>>();
  readonly #listed: ListHistory;
  #now: ModelState = EMPTY_STATE;

  constructor(options: SecretsManagerOptions) {
    this.#options = options;
    this.#switches = { ...DEFAULT_SWITCHES, ...options.switches };
    this.#randomness = options.randomness ?? systemRandomness;
    this.#listed = new ListHistory(this.#switches.listLagMs);
  }

  get #state(): ModelState {
    return this.#now;
  }

  set #state(state: ModelState) {
    this.#now = state;
    this.#listed.note(state, this.#options.now());
  }

  /** Everything that it knows now; never changed in place. */
  get state(): ModelState {
    return this.#state;
  }

  /** A fresh version ID, as an SDK makes one up for a request without a token. */
  newToken(): string {
    return this.#randomness.versionId();
  }

  /**
   * Answers one request; dates are `Date`, binary values `Uint8Array`.
   *
   * @throws {AwsError} with AWS's code
   */
  async handle(operation: string, input: unknown): Promise<object> {
    const mayInvoke = operation === "RotateSecret" ? await this.#mayInvoke(input) : true;
    if (operation === "ListSecrets") return this.#list(input);
    const applied = apply(this.#state, { operation, input }, this.#around(mayInvoke));
    this.#state = applied.state;
    for (const effect of applied.effects) this.#follow(effect);
    if (applied.error !== undefined) throw applied.error;
    return applied.answer;
  }

  /** What a policy evaluation needs; undefined for an unknown secret. */
  factsFor(secretId: string): SecretFacts | undefined {
    const secret = findSecret(this.#state, secretId);
    if (secret === undefined) return undefined;
    return {
      arn: secret.arn,
      name: secret.name,
      tags: secret.tags ?? [],
      rotationLambdaArn: secret.rotation?.functionArn,
      resourcePolicy: secret.policy,
      kmsKeyId: secret.kmsKeyId,
    };
  }

  /** The version that a GetSecretValue with this input would read; undefined when there is none. */
  versionRead(input: Readonly<Record<string, unknown>>): string | undefined {
    const { SecretId, VersionId, VersionStage } = input;
    if (typeof VersionId === "string") return VersionId;
    const stage = typeof VersionStage === "string" ? VersionStage : "AWSCURRENT";
    const secret = findSecret(this.#state, typeof SecretId === "string" ? SecretId : "");
    return secret?.versions.find((version) => version.stages.includes(stage))?.id;
  }

  /** Epoch ms of the next rotation window, retry or deletion; undefined when nothing is planned. */
  nextDueAt(): number | undefined {
    const deletions = [...this.#state.secrets.values()].flatMap(
      (secret) => secret.deletion?.dueAt ?? [],
    );
    const times = [...deletions, ...dueEvents(this.#state).map((event) => event.at)];
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Does everything that is due now, in order; what is due at the same moment runs side by side. */
  async runDue(): Promise<void> {
    for (;;) {
      const [first] = dueEvents(this.#state);
      if (first === undefined || first.at > this.#options.now()) break;
      const together = dueEvents(this.#state).filter((event) => event.at === first.at);
      const keys: AttemptKey[] = [];
      for (const event of together) {
        const { state, key } = begun(this.#state, event, this.#around());
        this.#state = state;
        if (key !== undefined) keys.push(key);
      }
      await Promise.all(keys.map((key) => this.#run(key)));
    }
    this.#state = apply(this.#state, SWEEP, this.#around()).state;
  }

  /** Waits for the rotations that RotateSecret started. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** A list changes nothing, and may show what was. */
  #list(input: unknown): object {
    const around = this.#around();
    const seen = this.#listed.seenAt(around.now, this.#state);
    const applied = apply(seen, { operation: "ListSecrets", input }, around);
    if (applied.error !== undefined) throw applied.error;
    return applied.answer;
  }

  async #mayInvoke(input: unknown): Promise<boolean> {
    const target = rotationTarget(this.#state, input);
    if (target === undefined) return true;
    return this.#options.ports.mayInvoke(target.functionArn, target.secretArn);
  }

  #follow(effect: Effect): void {
    switch (effect.kind) {
      case "label-updated":
        this.#options.onLabelUpdated?.(effect.update);
        return;
      case "rotation-started": {
        const run: Promise<void> = this.#run(effect).finally(() => this.#running.delete(run));
        this.#running.add(run);
        return;
      }
      default:
        effect satisfies never;
    }
  }

  async #run(key: AttemptKey): Promise<void> {
    await runSteps(key, {
      invoke: this.#options.ports.invoke,
      state: () => this.#state,
      replace: (change) => {
        this.#state = change(this.#state, this.#around());
      },
    });
  }

  #around(mayInvoke = true): Surroundings {
    const { region, accountId, now } = this.#options;
    return {
      now: now(),
      region,
      accountId,
      switches: this.#switches,
      randomness: this.#randomness,
      mayInvoke,
    };
  }
}

/** Any request lets go of the secrets whose recovery window is over; this one does nothing else. */
const SWEEP = { operation: "ListSecrets", input: {} };
