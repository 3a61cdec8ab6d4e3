import { INSTALLING } from "../../contract/store/secret-facts";
import type { VersionSeed } from "./version-id";

/** How a store's new version comes to be AWSCURRENT: all in which those differ who make one. */
export interface Plan {
  /** What the version's ID is derived for; undefined: Secrets Manager gives it. */
  readonly purpose: VersionSeed["purpose"] | undefined;
  /** The label that keeps the version until it is AWSCURRENT. */
  readonly label: string;
  /**
   * What is done where the derived ID belongs to another value already: go on to the next ID; join that one while it is
   * labelled, because one that lost its labels was given up; join it if it does as well; or take it, as the first that came.
   */
  readonly whenTaken: "next_id" | "join_labelled" | "join_as_good" | "take_it";
  /** What it may become AWSCURRENT over: the version that it was made from, or that and whatever is older at Shopify. */
  readonly over: "parent" | "older";
}

/** The one table of successions; `promote` and `storeSuccessor` do what it says. */
export const PLANS = {
  /** Secrets Manager's four steps. */
  rotation: { purpose: undefined, label: "AWSPENDING", whenTaken: "take_it", over: "parent" },
  /** A renewal without a schedule: by the sweep, or when somebody asks for it. */
  renewal: { purpose: "renew", label: "AWSPENDING", whenTaken: "join_labelled", over: "parent" },
  /** `pulumi up` and `put`: the label is not AWSPENDING, which belongs to renewals. */
  enrolment: {
    purpose: "enrol",
    label: "SHOPIFY_SECRETS_ENROLLING",
    whenTaken: "join_as_good",
    over: "parent",
  },
  /** A merchant's approval: the acquisition retired every refresh token that was there. */
  install: { purpose: "install", label: INSTALLING, whenTaken: "next_id", over: "older" },
  /** Shopify answers the same exchange with the same pair. */
  migration: { purpose: "migrate", label: "AWSPENDING", whenTaken: "take_it", over: "parent" },
} as const satisfies Readonly<Record<string, Plan>>;
