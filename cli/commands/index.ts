import type { Verb } from "../command";
import { adopt } from "./adopt";
import { allowlist } from "./allowlist";
import { apply } from "./apply";
import { boundaryPolicy } from "./boundary-policy";
import { check } from "./check";
import { completionOf } from "./completion";
import { deployerPolicy } from "./deployer-policy";
import { doctor } from "./doctor";
import { exec } from "./exec";
import { history } from "./history";
import { installLink } from "./install-link";
import { migrate } from "./migrate";
import { move } from "./move";
import { notify } from "./notify";
import { preview } from "./preview";
import { publicKey } from "./public-key";
import { put } from "./put";
import { readerPolicy } from "./reader-policy";
import { restore } from "./restore";
import { rollback } from "./rollback";
import { rotate } from "./rotate";
import { status } from "./status";
import { unstick } from "./unstick";

/** Every verb, in the order of the help. */
export const COMMANDS: readonly Verb[] = [
  status,
  check,
  history,
  rotate,
  put,
  rollback,
  restore,
  unstick,
  installLink,
  publicKey,
  allowlist,
  notify,
  migrate,
  apply,
  exec,
  readerPolicy,
  doctor,
  adopt,
  move,
  preview,
  deployerPolicy,
  boundaryPolicy,
  completionOf(() => COMMANDS),
];
