import { GetFunctionEventInvokeConfigCommand, InvokeCommand } from "@aws-sdk/client-lambda";
import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  ListSecretsCommand,
} from "@aws-sdk/client-secrets-manager";
import { appSecretName, FUNCTION_ROLES, functionName, storeSecretName } from "../contract/names";
import { STACK_ASSUMPTIONS as ASSUMED } from "./catalogue";
import { becomeDeployer } from "./deployer-role";
import { changedResources, Engine } from "./engine";
import { fails, holdsIf, type Sight } from "./findings";
import { eventually, refusalOf } from "./patience";
import { type Run, stackOf } from "./run";
import {
  APP_KEY,
  createStackProject,
  type RealStore,
  STORE_KEY,
  type StackProject,
} from "./stack-project";

const UP = ["up", "--yes", "--skip-preview", "--continue-on-error", "--suppress-outputs"];
const DESTROY = ["destroy", "--yes", "--skip-preview", "--continue-on-error"];
const GONE_WITHIN_MS = 60_000;

/** The deployed stack of a run. */
export interface DeployedStack {
  readonly engine: Engine;
  readonly project: StackProject;
  readonly secretArn: string;
  /** Deletes everything of the stack; done once, however often it is asked for. */
  destroy(): Promise<void>;
}

/** Deploys the program with one store; undefined when `up` failed. */
export async function deployStack(
  run: Run,
  store: RealStore | undefined,
): Promise<DeployedStack | undefined> {
  run.say(
    "The stack, deployed by this project's own program, as a role with the documented policies",
  );
  const credentials = await becomeDeployer(run);
  const project = createStackProject(run, store);
  const engine = new Engine(project, { stack: stackOf(run), region: run.region, credentials });
  run.signal.addEventListener("abort", () => engine.interrupt());
  let isDestroyed = false;
  const destroy = async () => {
    if (!isDestroyed) await destroyStack(run, { engine, project });
    isDestroyed = true;
  };
  run.cleanUp.add(`the stack ${stackOf(run)}`, async () => {
    await destroy();
    project.remove(); // the state is kept while anything is left to destroy
  });
  await must(engine, ["stack", "init"]);
  if (store !== undefined) await setClientSecret(engine, store);
  const isUp = await run.findings.check(ASSUMED.up, async () => {
    const { exitCode, output } = await engine.run(UP);
    return holdsIf(exitCode === 0, lastLines(output));
  });
  return isUp ? { engine, project, destroy, secretArn: await secretArnOf(engine) } : undefined;
}

// On standard input, because arguments stand in the list of processes.
async function setClientSecret(engine: Engine, { clientSecret }: RealStore): Promise<void> {
  const path = `shopify-secrets:clientSecrets.${APP_KEY}`;
  await must(engine, ["config", "set", "--secret", "--path", path], clientSecret.unseal());
}

async function secretArnOf(engine: Engine): Promise<string> {
  const output = await must(engine, ["stack", "output", "stores", "--json"]);
  const stores = JSON.parse(output) as Record<string, { readonly secretArn?: string }>;
  return stores[STORE_KEY]?.secretArn ?? "";
}

/** Checks what further deployments of the same stack do. */
export async function checkDeployments(run: Run, stack: DeployedStack): Promise<void> {
  const { findings } = run;
  const { engine, project } = stack;
  await checkSweep(run);
  await findings.check(ASSUMED.again, async () => {
    const { exitCode, output } = await engine.run(UP);
    return holdsIf(exitCode === 0 && changedResources(output).length === 0, changesIn(output));
  });
  await findings.check(ASSUMED.errors, () => functionError(run));
  await findings.check(ASSUMED.code, async () => {
    project.changeCode();
    const { exitCode, output } = await engine.run(UP);
    const types = new Set(changedResources(output).map(({ type }) => type));
    const isSo = types.size === 1 && types.has("aws:lambda:Function");
    return holdsIf(exitCode === 0 && isSo, changesIn(output));
  });
}

async function checkSweep(run: Run): Promise<void> {
  await run.findings.check(ASSUMED.sweepRetries, async () => {
    const FunctionName = functionName(`shopify/${stackOf(run)}`, "sweep");
    const found = await run.lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }));
    const { MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: ageSeconds } = found;
    return holdsIf(retries === 0 && ageSeconds === 300, `${retries} retries, ${ageSeconds} s`);
  });
}

/** Checks, once functions have written, that Pulumi sees nothing of it. */
export async function checkRefresh(run: Run, { engine }: DeployedStack): Promise<void> {
  await run.findings.check(ASSUMED.refresh, async () => {
    const preview = await engine.run(["preview", "--refresh", "--expect-no-changes", "--diff"]);
    return holdsIf(preview.exitCode === 0, lastLines(preview.output));
  });
}

async function functionError(run: Run): Promise<Sight> {
  const FunctionName = functionName(`shopify/${stackOf(run)}`, "enrol");
  const answer = await run.lambda.send(new InvokeCommand({ FunctionName, Payload: "{}" }));
  const text = Buffer.from(answer.Payload ?? []).toString("utf8");
  const { errorMessage } = JSON.parse(text === "" ? "{}" : text) as { errorMessage?: string };
  return holdsIf(errorMessage?.startsWith("event_malformed") === true, `it said ${text}`);
}

/** Destroys the stack before the run ends, and looks for what is left of it. */
export async function checkDestroy(run: Run, stack: DeployedStack): Promise<void> {
  await run.findings.check(ASSUMED.gone, async () => {
    await stack.destroy();
    const isGone = (left: readonly string[]) => left.length === 0;
    const limits = { limitMs: GONE_WITHIN_MS, signal: run.signal };
    const left = await eventually(() => leftOf(run), isGone, limits);
    return isGone(left) ? holdsIf(true, "") : fails(left.join(", "));
  });
}

/** Tries twice: an interrupted command leaves a lock. */
async function destroyStack(
  run: Run,
  { engine, project }: Pick<DeployedStack, "engine" | "project">,
): Promise<void> {
  let { exitCode, output } = await engine.run(DESTROY);
  if (exitCode !== 0) {
    await engine.run(["cancel", "--yes"]);
    ({ exitCode, output } = await engine.run(DESTROY));
  }
  if (exitCode !== 0) {
    await forceSecretsAway(run);
    throw new Error(`${lastLines(output)}\n${commandFor(run, project)}`);
  }
}

/** What the user can try once the reason is mended. */
function commandFor(run: Run, { folder, backendUrl, passphraseFile }: StackProject): string {
  const settings = `PULUMI_BACKEND_URL=${backendUrl} PULUMI_CONFIG_PASSPHRASE_FILE=${passphraseFile}`;
  return `Try again: cd ${folder} && ${settings} pulumi destroy --stack ${stackOf(run)}`;
}

async function forceSecretsAway(run: Run): Promise<void> {
  for (const { ARN: SecretId } of await secretsOf(run)) {
    const command = new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true });
    await run.secrets.send(command);
  }
}

/** The stack's secrets as they are now: a list may be five minutes behind, and lack or still hold some. */
async function secretsOf(run: Run): Promise<DescribeSecretCommandOutput[]> {
  const prefix = `shopify/${stackOf(run)}`;
  const Filters = [{ Key: "name" as const, Values: [`${prefix}/`] }];
  const command = new ListSecretsCommand({ Filters, IncludePlannedDeletion: true });
  const { SecretList = [] } = await run.secrets.send(command);
  const listed = SecretList.map(({ Name = "" }) => Name);
  const own = [storeSecretName(prefix, STORE_KEY), appSecretName(prefix, APP_KEY)];
  const found: DescribeSecretCommandOutput[] = [];
  for (const SecretId of new Set([...listed, ...own])) {
    if (SecretId.includes("/probes/")) continue;
    try {
      found.push(await run.secrets.send(new DescribeSecretCommand({ SecretId })));
    } catch (error) {
      if (!(error instanceof Error && error.name === "ResourceNotFoundException")) throw error;
    }
  }
  return found;
}

async function leftOf(run: Run): Promise<string[]> {
  const secrets = (await secretsOf(run)).map(({ Name = "" }) => `the secret ${Name}`);
  const functions: string[] = [];
  for (const role of FUNCTION_ROLES) {
    const FunctionName = functionName(`shopify/${stackOf(run)}`, role);
    const ask = run.lambda.send(new InvokeCommand({ FunctionName, InvocationType: "DryRun" }));
    if ((await refusalOf(ask)) === undefined) functions.push(`the function ${FunctionName}`);
  }
  return [...secrets, ...functions];
}

async function must(engine: Engine, command: readonly string[], input = ""): Promise<string> {
  const { exitCode, output } = await engine.run(command, input);
  if (exitCode !== 0) throw new Error(`pulumi ${command[0]} failed:\n${lastLines(output)}`);
  return output;
}

const LINES_SHOWN = 12;

/** The last lines that say something. */
function lastLines(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-LINES_SHOWN).join("\n           ");
}

function changesIn(output: string): string {
  const changed = changedResources(output).map(({ type, name }) => `${type} ${name}`);
  return changed.length === 0 ? lastLines(output) : changed.join(", ");
}
