import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildReader } from "../../scripts/build-reader";

export const PROJECT = join(__dirname, "../..");
const AWS_CLIENT = "@aws-sdk/client-secrets-manager";

/** The package.json of a package, as far as it says what comes with it and what can be imported. */
export interface Manifest {
  readonly typesVersions?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** An application outside of the checkout, with the AWS client and our package and nothing else installed. */
export class Application {
  readonly folder: string;
  readonly package: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.package = join(folder, "node_modules/shopify-secrets");
  }

  /** Installs a folder as the package `shopify-secrets`. */
  static with(packageFolder: string): Application {
    const app = new Application(mkdtempSync(join(tmpdir(), "an-application-")));
    app.write("package.json", '{"name":"an-application"}');
    cpSync(packageFolder, app.package, { recursive: true });
    const client = join(app.folder, "node_modules", AWS_CLIENT);
    mkdirSync(dirname(client), { recursive: true });
    symlinkSync(join(PROJECT, "node_modules", AWS_CLIENT), client);
    return app;
  }

  write(file: string, text: string): string {
    const path = join(this.folder, file);
    writeFileSync(path, text);
    return path;
  }

  /** Runs a file of the application and answers what it printed. */
  run(file: string): string {
    return execFileSync(process.execPath, [file], { encoding: "utf8" }).trim();
  }

  manifest(): Manifest {
    return JSON.parse(readFileSync(join(this.package, "package.json"), "utf8")) as Manifest;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Packs the whole package with a fresh reader in it, as `npm pack` does, and answers the folder that it unpacks to. */
export async function packWhole(folder: string): Promise<{ whole: string; imports: string[] }> {
  const stage = join(folder, "stage");
  mkdirSync(stage, { recursive: true });
  for (const file of ["package.json", "README.md", "LICENSE", "SECURITY.md"]) {
    cpSync(join(PROJECT, file), join(stage, file));
  }
  const imports = await buildReader(join(stage, "dist/reader"));
  const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder];
  const archive = execFileSync("npm", pack, { cwd: stage, encoding: "utf8" }).trim();
  execFileSync("tar", ["-xzf", join(folder, archive), "-C", folder]);
  return { whole: join(folder, "package"), imports };
}
