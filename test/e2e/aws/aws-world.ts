import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { systemClock } from "../../../contract/time";
import type { AwsReply } from "../../../local/aws/aws-request";
import { type Emulator, startEmulator } from "../../../local/aws/emulator";
import { type Front, startFront } from "../../../local/aws/front";
import { readServiceModels } from "../../../local/aws/models/service-model";
import type { SecretsManagerMouth } from "../../../local/aws/secret-gate";
import type { SecretFacts } from "../../../local/aws/secret-request";
import { ensureEmulator, SILENT_PROGRESS } from "../../../local/toolchain";
import { instantOf } from "../../../local/world/begins";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const ROOT: Credentials = { accessKeyId: "test", secretAccessKey: "test" };

/** Secrets Manager reduced to what policies look at: its answers are the operation's name. */
export class SecretsOnPaper implements SecretsManagerMouth {
  readonly #facts = new Map<string, SecretFacts>();

  add(name: string, about: Partial<SecretFacts> = {}): string {
    const arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-AbCdEf`;
    const facts = { arn, name, tags: {}, ...about };
    this.#facts.set(arn, facts).set(name, facts);
    return arn;
  }

  factsFor(secretId: string): SecretFacts | undefined {
    return this.#facts.get(secretId);
  }

  async versionRead(): Promise<string> {
    return "version-1";
  }

  async answer(amzTarget: string, body: Buffer): Promise<AwsReply> {
    const { SecretIdList } = JSON.parse(body.toString()) as { SecretIdList?: string[] };
    const SecretValues = SecretIdList?.map((id) => ({ ARN: this.factsFor(id)?.arn }));
    const said = { Name: amzTarget.split(".")[1], SecretValues };
    return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(said)) };
  }
}

/** The instant at which each of these worlds begins. */
const BEGINS = instantOf("2026-11-23T09:35:00Z");

/** A clock that a test may also move back, unlike that of a whole world: nothing here has an age. */
class MovableTime {
  readonly file: string;
  readonly #beginningMs: number;
  offsetMs = 0;

  constructor(file: string) {
    this.file = file;
    this.#beginningMs = Math.ceil((BEGINS - systemClock.now()) / 1_000) * 1_000;
    this.moveTo(0);
  }

  now(): number {
    return systemClock.now() + this.offsetMs;
  }

  moveTo(secondsAfterBeginning: number): void {
    this.#moveTo(this.#beginningMs + secondsAfterBeginning * 1_000);
  }

  moveOn(seconds: number): void {
    this.#moveTo(this.offsetMs + seconds * 1_000);
  }

  #moveTo(offsetMs: number): void {
    this.offsetMs = offsetMs;
    writeFileSync(this.file, `${offsetMs < 0 ? "" : "+"}${offsetMs / 1_000}s`);
  }
}

/** The emulator, the front and clients, with an empty account. */
export class AwsWorld {
  readonly emulator: Emulator;
  readonly front: Front;
  readonly secrets: SecretsOnPaper;
  readonly #folder: string;
  readonly #time: MovableTime;

  private constructor(parts: {
    emulator: Emulator;
    front: Front;
    secrets: SecretsOnPaper;
    folder: string;
    time: MovableTime;
  }) {
    this.emulator = parts.emulator;
    this.front = parts.front;
    this.secrets = parts.secrets;
    this.#folder = parts.folder;
    this.#time = parts.time;
  }

  /** With the model in place of the paper secrets when one is given; it may use the front and the world's time. */
  static async start(
    secretsManager?: (front: Front, now: () => number) => SecretsManagerMouth,
  ): Promise<AwsWorld> {
    const folder = mkdtempSync(join(tmpdir(), "aws-world-"));
    const time = new MovableTime(join(folder, "clock"));
    const now = () => time.now();
    const secrets = new SecretsOnPaper();
    const front = await startFront({ now });
    const { python, nodeBinDir, faketimeLibrary, serviceModelsFolder } =
      await ensureEmulator(SILENT_PROGRESS);
    if (faketimeLibrary === undefined) throw new Error("no libfaketime for this machine");
    const emulator = await startEmulator({
      python,
      nodeBinDir,
      faketime: { library: faketimeLibrary, file: time.file },
      functionEnvironment: { AWS_ENDPOINT_URL: front.url },
      logFile: join(folder, "emulator.log"),
      stateDir: join(folder, "state"),
    });
    front.connect({
      emulatorUrl: emulator.url,
      policyUrl: emulator.policyUrl,
      secretsManager: secretsManager?.(front, now) ?? secrets,
      models: readServiceModels(serviceModelsFolder),
    });
    return new AwsWorld({ emulator, front, secrets, folder, time });
  }

  async stop(): Promise<void> {
    await this.emulator.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    await this.front.stop();
  }

  /** Moves the emulator and the functions to so long after the beginning; clients made afterwards sign at that time too. */
  moveClockTo(seconds: number): void {
    this.#time.moveTo(seconds);
  }

  /** The time in the world. */
  now(): number {
    return this.#time.now();
  }

  /** Moves them on to an instant, as the driver of a whole world does. */
  moveClockUntil(at: number): void {
    const aheadSeconds = Math.ceil((at - this.#time.now()) / 1_000);
    if (aheadSeconds > 0) this.#time.moveOn(aheadSeconds);
  }

  clients(credentials: Credentials = ROOT) {
    const config = {
      endpoint: this.front.url,
      region: "us-east-1",
      credentials,
      maxAttempts: 1,
      systemClockOffset: this.#time.offsetMs,
    };
    return {
      iam: new IAMClient(config),
      kms: new KMSClient(config),
      lambda: new LambdaClient(config),
      scheduler: new SchedulerClient(config),
      secrets: new SecretsManagerClient(config),
      sqs: new SQSClient(config),
      sts: new STSClient(config),
    };
  }
}
