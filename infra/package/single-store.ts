import * as pulumi from "@pulumi/pulumi";
import type { Credential } from "../../contract/app";
import { isStoreKey } from "../../contract/brands";
import type { Distribution } from "../../contract/distribution";
import type { FunctionRole } from "../../contract/names";
import { looksSecret } from "../../contract/secret-look";
import { systemClock } from "../../contract/time";
import { inputOf } from "../components/app-secret";
import type { FleetStore } from "../components/fleet-args";
import { StoreSecret } from "../components/store-secret";
import { ConfigNode, distinct, isMap, type Problem } from "../config/node";
import { parseFleetApiVersion } from "../config/parse-api-version";
import { keyRule } from "../config/parse-apps";
import { parseDeclaredApp } from "../config/parse-distribution";
import { parseSettings } from "../config/parse-settings";
import { parseStore, STORE_KEYS } from "../config/parse-stores";
import { refuse } from "../config/refuse";
import type { Settings, StoreSpec } from "../config/spec";
import { readStackConfig } from "../config/stack-config";
import { wordsOfStore } from "../config/words";
import type { Place } from "../policies/statement";

/**
 * A store on its own, for a program that puts its own parts in the place of a fleet's: what a fleet's store has, and
 * of the other parts what they put out.
 */
export interface SingleStoreArgs extends FleetStore {
  /** The store's key: a name of your own, which stands in its secret's name. */
  readonly key: string;
  /** The client ID of its app. Default: it is not said which app it is at Shopify. */
  readonly clientId?: string;
  /** How its app reaches stores. Default: unsaid. */
  readonly distribution?: Distribution;
  /** How its app gets tokens; experimental. Default: `client-secret`. */
  readonly credential?: Credential;
  readonly prefix: string;
  readonly place: pulumi.Input<Place>;
  readonly kmsKeyArn: pulumi.Input<string>;
  /** `functionName` of the `EnrolFunction`. */
  readonly enrolFunctionName: pulumi.Input<string>;
  /** `functionArn` of the `RotationFunction`. */
  readonly rotationFunctionArn: pulumi.Input<string>;
  /** `versionId` of the `AppSecret` of its app. Default: the store names no app. */
  readonly appSecretVersion?: pulumi.Input<string>;
  /** ARNs of roles and users for emergencies, whom a store that names its readers does not keep out. Default: none. */
  readonly breakGlass?: readonly string[];
  /** ARNs of those who run `pulumi up`: then nobody else updates a secret that names its readers. Default: whom IAM lets. */
  readonly deployers?: readonly string[];
  /** The functions that there are. Default: all. */
  readonly functions?: readonly FunctionRole[];
  /** Days in which the deleted secret can be restored: 7 to 30, or 0. Default: 30. */
  readonly recoveryWindowDays?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * The secret of a store that a program in whatever language declares on its own.
 *
 * @throws {pulumi.RunError} all mistakes together, by their paths, before anything is registered
 */
export function singleStoreOf(
  name: string,
  args: SingleStoreArgs,
  opts: pulumi.ComponentResourceOptions,
): StoreSecret {
  const { store, settings } = proveStore(name, args);
  const { clientId, functions, appSecretVersion } = args;
  return new StoreSecret(
    name,
    {
      store,
      prefix: settings.prefix,
      place: args.place,
      kmsKeyArn: args.kmsKeyArn,
      enrolFunction: { functionName: pulumi.output(args.enrolFunctionName) },
      rotationFunction: { functionArn: pulumi.output(args.rotationFunctionArn) },
      ...(appSecretVersion === undefined
        ? {}
        : { appSecret: { versionId: pulumi.output(appSecretVersion) } }),
      ...(store.accessToken === undefined ? {} : { accessToken: inputOf(store.accessToken) }),
      ...(functions === undefined ? {} : { functions }),
      clientId,
      breakGlass: settings.breakGlass,
      deployers: settings.deployers,
      recoveryWindowDays: settings.recoveryWindowDays,
      tags: settings.tags,
    },
    opts,
  );
}

interface Proved {
  readonly store: StoreSpec;
  readonly settings: Settings;
}

function proveStore(name: string, args: SingleStoreArgs): Proved {
  const words = wordsOfStore(name);
  const problems: Problem[] = [];
  const report = { problems, words };
  const key = parseKey(new ConfigNode("shopify-secrets:key", args.key, report));
  const root = new ConfigNode("shopify-secrets:", configOf(key, args), report);
  const settings = parseSettings(root, "");
  const warn = (warning: string) => void pulumi.log.warn(words.say(warning));
  const versions = { now: systemClock.now(), warn };
  const apps = root.child("apps").entries();
  const store = parseStore(key, root.child("stores").child(key), {
    ...versions,
    prefix: settings.prefix,
    declaredApps: new Map(apps.map(([app, node]) => [app, parseDeclaredApp(node)])),
    defaultRotation: root.child("rotationHours"),
    defaultApiVersion: parseFleetApiVersion(root.child("apiVersion"), versions),
    accessTokens: root.child("accessTokens"),
  });
  refuse(distinct(problems), words);
  // Without a problem there is a store.
  return { store: store as StoreSpec, settings };
}

/** The store's key; one that is none is reported, and replaced so that the rest can be read. */
function parseKey(node: ConfigNode): string {
  const key = node.requiredText("a name of your own") ?? "store";
  if (isStoreKey(key) && !looksSecret(key)) return key;
  node.report(keyRule(key));
  return "store";
}

/** The same with the keys of config, which the parsers read; a token that is not given is taken from there. */
function configOf(key: string, args: SingleStoreArgs): Readonly<Record<string, unknown>> {
  const { app, accessToken = ownToken(key), distribution, credential } = args;
  const { prefix, breakGlass, deployers, recoveryWindowDays, tags } = args;
  const store = Object.entries(args).filter(([property]) => STORE_KEYS.includes(property));
  return {
    prefix,
    breakGlass,
    deployers,
    recoveryWindowDays,
    tags,
    apps: typeof app === "string" ? { [app]: { distribution, credential } } : {},
    stores: { [key]: Object.fromEntries(store) },
    accessTokens: accessToken === undefined ? {} : { [key]: accessToken },
  };
}

function ownToken(key: string): unknown {
  const tokens = readStackConfig()["accessTokens"];
  return isMap(tokens) && Object.hasOwn(tokens, key) ? tokens[key] : undefined;
}
