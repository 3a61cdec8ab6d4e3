import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const PROJECT = join(__dirname, "..");
const PACKAGE = "shopify-secrets";
/** The schema of the package, as it is served and checked in. */
export const SCHEMA_FILE = join(PROJECT, "infra/package/schema.json");

/** The components of the package: their files, and where their arguments are others than the constructor's, those. */
const COMPONENTS: Readonly<Record<string, string | WireForm>> = {
  Alarms: "alarms",
  AppSecret: "app-secret",
  Dashboard: "dashboard",
  EnrolFunction: "enrol-function",
  Fleet: "fleet",
  InstallEndpoint: "install-endpoint",
  NoticeTopic: "alarms",
  RefreshKey: "refresh-key",
  RotationFunction: "rotation-function",
  SigningKey: "signing-key",
  StackKey: "stack-key",
  StoreSecret: {
    file: "store-secret",
    args: { file: "infra/package/single-store.ts", name: "SingleStoreArgs" },
  },
  SweepFunction: "sweep-function",
};

/** A component whose constructor takes what no wire carries, and the interface of what stands for it there. */
interface WireForm {
  readonly file: string;
  readonly args: { readonly file: string; readonly name: string };
}

/** Secrets by the names of their properties, wherever they stand. */
const SECRETS = new Set(["clientSecret", "previousClientSecret", "accessToken"]);

/** What a program may leave out, because the provider finds it out. */
const FOUND = new Set(["place"]);

/** What properties say that mean the same everywhere, where their own comment does not. */
const SAID: Readonly<Record<string, string>> = {
  app: "The app's key: a name of your own, which its stores refer to.",
  accountId: "The number of the AWS account.",
  clientId: "The app's client ID, from the Dev Dashboard.",
  dashboardName: "The name of the dashboard in CloudWatch.",
  functionArn: "The ARN of the function.",
  functionName: "The name of the function.",
  keyArn: "The ARN of the key.",
  kind: "Where the store's access token comes from, and so who renews it.",
  kmsKeyArn: "The ARN of the key of the secrets.",
  place: "Where in AWS the resources are. Default: where those of the provider are.",
  prefix: "The head of the secrets' names, such as `shops/prod`.",
  region: "The AWS region, such as `eu-west-1`.",
  secretArn: "The ARN of the secret.",
  secretName: "The name of the secret.",
  securityGroupIds: "The security groups.",
  shop: "The permanent domain of the store.",
  subnetIds: "The subnets.",
  tags: "Tags of everything that it makes. Default: none.",
  topicArn: "The ARN of the SNS topic.",
};

interface Property {
  type?: string;
  $ref?: string;
  items?: Property;
  additionalProperties?: Property;
  description?: string;
  plain?: boolean;
  secret?: boolean;
}

interface ObjectType {
  readonly description?: string;
  readonly type: "object" | "string";
  readonly properties?: Record<string, Property>;
  readonly required?: readonly string[];
  readonly enum?: readonly { readonly value: string; readonly name: string }[];
}

/**
 * The package's schema, inferred from the components' own types and comments.
 *
 * Pulumi's inference (`provider/experimental`) refuses branded strings, read-only arrays, unions of literals and
 * aliases, so that it knows one of our components; the compiler knows them all.
 */
export function inferSchema(): Record<string, unknown> {
  const forms = Object.entries(COMPONENTS).map(([name, form]) => ({ name, ...wireFormOf(form) }));
  const files = new Set(forms.flatMap(({ file, args }) => [file, ...(args ? [args.file] : [])]));
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(PROJECT, "tsconfig.json"), ts.sys.readFile).config,
    ts.sys,
    PROJECT,
  );
  const inference = new Inference(ts.createProgram([...files], options));
  const resources = forms.map((form) => [tokenOf(form.name), inference.component(form)]);
  return { ...frame(), resources: Object.fromEntries(resources), types: inference.types };
}

function wireFormOf(form: string | WireForm) {
  const { file, args } = typeof form === "string" ? { file: form, args: undefined } : form;
  return {
    file: join(PROJECT, `infra/components/${file}.ts`),
    args: args && { file: join(PROJECT, args.file), name: args.name },
  };
}

type Form = ReturnType<typeof wireFormOf> & { readonly name: string };

const tokenOf = (name: string) => `${PACKAGE}:index:${name}`;

function frame() {
  const { version, description, license } = JSON.parse(
    readFileSync(join(PROJECT, "package.json"), "utf8"),
  ) as Record<string, string>;
  const language = { respectSchemaVersion: true };
  return {
    name: PACKAGE,
    displayName: "Shopify Secrets",
    version,
    description,
    license,
    keywords: ["category/infrastructure", "kind/component", "shopify", "secrets"],
    // Without it generators up to 3.256 write imports into the SDK for Go that lead nowhere, and no go.mod.
    meta: { supportPack: true },
    // Every name that an SDK has in its language: else it begins with the owner of the repository that it was added from.
    language: {
      csharp: { ...language, rootNamespace: "Pulumi" },
      go: { ...language, generateResourceContainerTypes: true, importBasePath: GO_IMPORT },
      java: { ...language, basePackage: "com.pulumi" },
      nodejs: { ...language, packageName: "pulumi-shopify-secrets" },
      python: { ...language, packageName: "pulumi_shopify_secrets", pyproject: { enabled: true } },
    },
  };
}

const GO_IMPORT = "example.com/pulumi-shopify-secrets/sdk/go/shopifysecrets";

class Inference {
  readonly types: Record<string, ObjectType> = {};
  readonly #program: ts.Program;
  readonly #checker: ts.TypeChecker;

  constructor(program: ts.Program) {
    this.#program = program;
    this.#checker = program.getTypeChecker();
  }

  component({ name, file, args: given }: Form) {
    const source = this.#program.getSourceFile(file);
    const found = source?.statements.find(
      (one): one is ts.ClassDeclaration => ts.isClassDeclaration(one) && one.name?.text === name,
    );
    const made = found?.members.find(ts.isConstructorDeclaration);
    const args = made?.parameters[1];
    if (found?.name === undefined || args === undefined) throw new Error(`no component ${name}`);
    const symbol = this.#checker.getSymbolAtLocation(found.name);
    const taken = given === undefined ? args : this.#interfaceIn(given);
    const inputs = this.#propertiesOf(this.#checker.getTypeAtLocation(taken), "input");
    const outputs = this.#propertiesOf(this.#checker.getTypeAtLocation(found), "output");
    return {
      isComponent: true,
      description: symbol === undefined ? "" : this.#commentOf(symbol),
      inputProperties: inputs.properties,
      requiredInputs: inputs.required.filter((input) => !FOUND.has(input)),
      properties: outputs.properties,
      required: outputs.required,
    };
  }

  #interfaceIn({ file, name }: NonNullable<Form["args"]>): ts.InterfaceDeclaration {
    const found = this.#program
      .getSourceFile(file)
      ?.statements.find(
        (one): one is ts.InterfaceDeclaration =>
          ts.isInterfaceDeclaration(one) && one.name.text === name,
      );
    if (found === undefined) throw new Error(`no interface ${name}`);
    return found;
  }

  #propertiesOf(type: ts.Type, direction: "input" | "output") {
    const properties: Record<string, Property> = {};
    const required: string[] = [];
    for (const symbol of type.getProperties().sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const declaration = symbol.valueDeclaration;
      if (declaration === undefined || !isOfOurs(declaration)) continue;
      const own = this.#checker.getTypeOfSymbolAtLocation(symbol, declaration);
      const output = this.#awaited(own);
      if (direction === "output" && output === undefined) continue;
      const isOptional =
        (symbol.flags & ts.SymbolFlags.Optional) !== 0 || mayBeUndefined(output ?? own);
      const what = this.#propertyOf(output ?? own, aliasNameOf(declaration));
      properties[symbol.name] = {
        ...what,
        description: this.#commentOf(symbol) || (SAID[symbol.name] ?? ""),
        ...(direction === "input" && output === undefined ? { plain: true } : {}),
        ...(SECRETS.has(symbol.name) ? { secret: true } : {}),
      };
      if (!isOptional) required.push(symbol.name);
    }
    return { properties, required };
  }

  /** What an output or an input of a program holds; undefined: it is plain. */
  #awaited(type: ts.Type): ts.Type | undefined {
    const parts = type.isUnionOrIntersection() ? type.types : [type];
    for (const part of parts) {
      if (part.symbol?.name === "OutputInstance") {
        return this.#checker.getTypeArguments(part as ts.TypeReference)[0];
      }
      const inner = part.isIntersection() ? this.#awaited(part) : undefined;
      if (inner !== undefined) return inner;
    }
    return undefined;
  }

  #propertyOf(whole: ts.Type, alias: string): Property {
    const type = this.#checker.getNonNullableType(this.#awaited(whole) ?? whole);
    if (type.flags & ts.TypeFlags.BooleanLike || isBoolean(type)) return { type: "boolean" };
    if (isLiterals(type)) return { $ref: this.#enumOf(type, alias) };
    if (type.flags & ts.TypeFlags.NumberLike)
      return { type: isWhole(alias) ? "integer" : "number" };
    if (type.flags & ts.TypeFlags.StringLike || isBrand(type)) return { type: "string" };
    if (type.isUnion()) return this.#propertyOf(this.#plainestOf(type), alias);
    if (this.#checker.isArrayType(type)) {
      const [item] = this.#checker.getTypeArguments(type as ts.TypeReference);
      if (item !== undefined) return { type: "array", items: this.#propertyOf(item, alias) };
    }
    const values = type.getStringIndexType();
    if (values !== undefined) {
      return { type: "object", additionalProperties: this.#propertyOf(values, alias) };
    }
    return { $ref: this.#objectOf(type) };
  }

  /** Of `Input<string> | Sealed<string>` the wire knows the text. */
  #plainestOf(type: ts.UnionType): ts.Type {
    const [plainest] = type.types.filter(
      (part) => part.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike),
    );
    if (plainest === undefined)
      throw new Error(`${this.#checker.typeToString(type)} has no plain form`);
    return plainest;
  }

  #enumOf(type: ts.Type, alias: string): string {
    const values = (type.isUnion() ? type.types : [type]).map(
      (one) => (one as ts.StringLiteralType).value,
    );
    this.types[tokenOf(alias)] = {
      type: "string",
      description: `One of ${values.join(", ")}.`,
      enum: values.sort().map((value) => ({ value, name: pascal(value) })),
    };
    return `#/types/${tokenOf(alias)}`;
  }

  #objectOf(type: ts.Type): string {
    const symbol = type.symbol;
    if (symbol === undefined || !/^[A-Z]/.test(symbol.name)) {
      throw new Error(`${this.#checker.typeToString(type)} cannot cross the wire`);
    }
    const token = tokenOf(symbol.name);
    if (!(token in this.types)) {
      const { properties, required } = this.#propertiesOf(type, "input");
      const description = this.#commentOf(symbol);
      this.types[token] = { type: "object", description, properties, required };
    }
    return `#/types/${token}`;
  }

  #commentOf(symbol: ts.Symbol): string {
    return ts.displayPartsToString(symbol.getDocumentationComment(this.#checker)).trim();
  }
}

/** Whether a property is declared here, and not by Pulumi's own base class. */
function isOfOurs(declaration: ts.Declaration): boolean {
  const { fileName } = declaration.getSourceFile();
  return !fileName.includes("/node_modules/") && !LEFT_OUT.has(nameOf(declaration));
}

/** What only a checkout has, and what only a component of the same program can wait for. */
const LEFT_OUT = new Set(["bundlesFolder", "nameOnceAwake"]);

function nameOf(declaration: ts.Declaration): string {
  const { name } = declaration as { readonly name?: { readonly text?: string } };
  return name?.text ?? "";
}

/** The name of the type that a property is declared with, such as `Kind`. */
function aliasNameOf(declaration: ts.Declaration): string {
  const { type } = declaration as { readonly type?: ts.TypeNode };
  const [name = ""] = /[A-Z]\w+(?=(?:\[\]|>|\s*\||$))/.exec(type?.getText() ?? "") ?? [];
  return name === "" ? nameOf(declaration) : name;
}

/** Counts, days and hours are whole numbers. */
function isWhole(name: string): boolean {
  return /(?:Hours|Days|Concurrency|AtOnce)$/.test(name);
}

function mayBeUndefined(type: ts.Type): boolean {
  const parts = type.isUnion() ? type.types : [type];
  return parts.some((part) => part.flags & ts.TypeFlags.Undefined);
}

function isBoolean(type: ts.Type): boolean {
  return type.isUnion() && type.types.every((part) => part.flags & ts.TypeFlags.BooleanLike);
}

function isLiterals(type: ts.Type): boolean {
  const parts = type.isUnion() ? type.types : [type];
  return parts.every((part) => part.flags & ts.TypeFlags.StringLiteral);
}

function isBrand(type: ts.Type): boolean {
  return type.isIntersection() && type.types.some((part) => part.flags & ts.TypeFlags.StringLike);
}

const pascal = (value: string) =>
  value.replace(/(?:^|[^a-z0-9])([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

if (require.main === module) {
  writeFileSync(SCHEMA_FILE, `${JSON.stringify(inferSchema(), null, 2)}\n`);
}
