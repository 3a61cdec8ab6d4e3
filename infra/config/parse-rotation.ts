import { isSigned, type KindKey, kindFactsOf } from "../../contract/kinds";
import {
  DEFAULT_ROTATION_HOURS,
  proveSchedule,
  ROTATION_HOURS,
  type RotationHours,
} from "../../contract/schedule";
import type { ConfigNode } from "./node";

/** What the proof of a store's schedule needs beside the store. */
interface RotationContext {
  /** The store, as far as it decides who renews it. */
  readonly declared: KindKey;
  readonly defaultRotation: ConfigNode;
  readonly warn: (warning: string) => void;
}

/** The proved period of a store in hours; undefined where Secrets Manager does not renew. */
export function parseRotationHours(
  node: ConfigNode,
  { declared, defaultRotation, warn }: RotationContext,
): RotationHours | undefined {
  const own = node.child("rotationHours");
  const { renewer, lifetimeSeconds } = kindFactsOf(declared);
  if (renewer !== "secrets-manager" || lifetimeSeconds === undefined) {
    if (own.isAbsent) return undefined;
    const whose = isSigned(declared)
      ? "a store of a public app that signs"
      : `kind ${declared.kind}`;
    return own.report(`${whose} has no schedule: remove this`);
  }
  const chosen = own.isAbsent ? defaultRotation : own;
  const hours = chosen.number() ?? DEFAULT_ROTATION_HOURS;
  const proof = proveSchedule(hours, lifetimeSeconds);
  if (proof.verdict === "refused") return chosen.report(proof.why);
  if (!isRotationHours(hours)) {
    return chosen.report(
      "must be 4, 6, 8 or 12: the day divides evenly, and four hours is the floor",
    );
  }
  if (proof.verdict === "fragile") warn(`${node.path}: ${proof.why}`);
  return hours;
}

function isRotationHours(hours: number): hours is RotationHours {
  return (ROTATION_HOURS as readonly number[]).includes(hours);
}
