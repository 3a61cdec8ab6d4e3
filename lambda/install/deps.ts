import type { OpenInstalls } from "../../contract/open-installs";
import type { EngineDeps } from "../engine/deps";
import type { FindSecret } from "../secrets/find-secret";
import type { FleetPort } from "../secrets/fleet-port";
import type { ListVersions } from "../secrets/list-versions";
import type { MakerPort } from "../secrets/maker-port";
import type { AppMemory } from "./app-memory";
import type { FoundSecrets } from "./found-secrets";
import type { KnownApps } from "./known-apps";

/** What the install endpoint needs beside the engine's dependencies. */
export interface InstallDeps extends EngineDeps {
  readonly findSecret: FindSecret;
  readonly fleet: FleetPort;
  readonly listVersions: ListVersions;
  readonly knownApps: KnownApps;
  readonly apps: AppMemory;
  readonly found: FoundSecrets;
  /** What stores are made with that nobody declared; undefined: no app is open. */
  readonly open: OpenInstalls | undefined;
  /** Whether the stack has a list, whose stores may be too many to be read. */
  readonly hasList: boolean;
  readonly maker: MakerPort;
  /** The operator's own host name of the endpoint; undefined: the API's. */
  readonly installDomain: string | undefined;
}
