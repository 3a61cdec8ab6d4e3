/** Who asks: a request's access key, a service principal, or a service that has assumed a role. */
export type Caller =
  | { readonly accessKeyId: string }
  | { readonly service: string }
  | {
      readonly roleArn: string;
      readonly assumedBy: string;
      readonly assumeContext?: ConditionContext;
    };

/** Condition keys of a request, such as `kms:ViaService`. */
export type ConditionContext = Readonly<Record<string, string | readonly string[]>>;

/** A request as it was signed, so that signature, session token and time are checked too. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly bodyBase64: string;
}

export interface PolicyQuestion {
  readonly who: Caller;
  /** Such as `secretsmanager:GetSecretValue`. */
  readonly action: string;
  /** An ARN, `*`, or for KMS also a key ID or alias. */
  readonly resource: string;
  /** How a refusal names the resource; the resource itself when absent. */
  readonly shownAs?: string;
  readonly context?: ConditionContext;
  /** The policy of the resource itself; absent: the emulator's own, null: the resource has none. */
  readonly resourcePolicy?: string | null;
  readonly request?: SignedRequest;
}

export interface PolicyAnswer {
  readonly allowed: boolean;
  readonly code?: string;
  readonly message?: string;
  /** The caller's ARN. */
  readonly principal?: string;
  /** KMS questions only: whether the key can be used. */
  readonly keyState?: string;
  /** KMS questions only: there is no such key. */
  readonly missing?: boolean;
}

/** An event of an AWS service for the default event bus. */
export interface ServiceEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** ISO 8601. */
  readonly time: string;
  readonly resources: readonly string[];
  readonly region: string;
}

/** The emulator's policy evaluation, asked over loopback. */
export interface Policies {
  /** Answers in the order of the questions. */
  ask(questions: readonly PolicyQuestion[]): Promise<readonly PolicyAnswer[]>;
  mayAssume(role: {
    roleArn: string;
    assumedBy: string;
    assumeContext?: ConditionContext;
  }): Promise<boolean>;
  /** How long a new role, or a changed policy, is not yet believed. Default 0. */
  setNewRoleDelayMs(newRoleDelayMs: number): Promise<void>;
  /** Every how manieth message of a queue is delivered twice; 0: none. Default 0. */
  setTwiceEvery(twiceEvery: number): Promise<void>;
  sendEvent(event: ServiceEvent): Promise<void>;
}

/** Asks the start-up file's endpoint below `policyUrl`. */
export function createPolicies(policyUrl: string): Policies {
  return {
    ask: async (questions) => (await post(`${policyUrl}/policy`, questions)) as PolicyAnswer[],
    mayAssume: async (role) =>
      ((await post(`${policyUrl}/role`, role)) as { assumable: boolean }).assumable,
    setNewRoleDelayMs: async (newRoleDelayMs) => {
      await post(`${policyUrl}/settings`, { newRoleDelayMs });
    },
    setTwiceEvery: async (twiceEvery) => {
      await post(`${policyUrl}/settings`, { twiceEvery });
    },
    sendEvent: async (event) => {
      await post(`${policyUrl}/event`, event);
    },
  };
}

async function post(url: string, body: unknown): Promise<unknown> {
  const reply = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  const answer: unknown = await reply.json();
  if (!reply.ok) throw new Error(`the policy evaluation failed: ${JSON.stringify(answer)}`);
  return answer;
}
