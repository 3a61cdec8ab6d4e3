/** What can go wrong before the local world stands: a closed list. `says` is fixed text, `next` is the remedy. */
export const TROUBLE = {
  platform_unsupported: {
    says: "the local world runs on Linux and macOS, on x86-64 or Arm",
    next: "on Windows, use the Windows Subsystem for Linux",
  },
  python_missing: {
    says: "Python 3 is not on PATH",
    next: "install Python 3.10 to 3.14 (Debian and Ubuntu: apt-get install python3 python3-venv; macOS: brew install python) and run this again",
  },
  python_unsuitable: {
    says: "no Python on PATH is of a version that can be used",
    next: "install Python 3.10 to 3.14 so that it is on PATH as python3 or python3.<minor>, and run this again",
  },
  python_venv_missing: {
    says: "this Python cannot make virtual environments: its module ensurepip is missing",
    next: "install it (Debian and Ubuntu: apt-get install python3-venv) and run this again",
  },
  go_missing: {
    says: "building the Pulumi engine needs Go 1.26 or later, which is neither on PATH nor to be had through pip",
    next: "install Go 1.26 or later, or put pulumi 3.200 or later on PATH with its pulumi-language-nodejs, and run this again",
  },
  python_packages_unreachable: {
    says: "pip cannot reach its package registry",
    next: "check the network (PIP_INDEX_URL and HTTPS_PROXY name a mirror or proxy) and run this again",
  },
  go_modules_unreachable: {
    says: "go cannot reach its module proxy",
    next: "check the network (GOPROXY and HTTPS_PROXY name a mirror or proxy), or put pulumi 3.200 or later on PATH with its pulumi-language-nodejs, and run this again",
  },
  download_altered: {
    says: "a downloaded package is not the one that this project pins by its checksum",
    next: "do not use it; find out who changes downloads on the way (a mirror, a proxy) and run this again",
  },
  engine_build_failed: {
    says: "the Pulumi engine did not build",
    next: "run this again; if it fails again, put pulumi 3.200 or later on PATH with its pulumi-language-nodejs",
  },
  languages_install_failed: {
    says: "what runs Pulumi programs in other languages could not be installed",
    next: "run this again; if it fails again, remove the cache folder first",
  },
  emulator_install_failed: {
    says: "the AWS emulator could not be installed",
    next: "run this again; if it fails again, remove the cache folder first",
  },
  disk_full: {
    says: "there is not enough free disk space",
    next: "make room, or let SHOPIFY_SECRETS_CACHE name a folder on another disk, and run this again",
  },
  cache_unwritable: {
    says: "the cache folder cannot be written",
    next: "let SHOPIFY_SECRETS_CACHE name a folder that you may write, and run this again",
  },
  lock_held: {
    says: "another run has been installing the same thing for too long",
    next: "look at that process, end it if it hangs, and run this again",
  },
  interrupted: {
    says: "interrupted while installing",
    next: "run this again: what was half done is cleared away by itself",
  },
} as const;

/** Why the toolchain cannot be had. */
export type TroubleCode = keyof typeof TROUBLE;

/** The one error of this folder; its message is one line: what is wrong, the detail, and what to do. */
export class ToolchainError extends Error {
  override readonly name = "ToolchainError";
  readonly code: TroubleCode;
  readonly detail: string;

  constructor(code: TroubleCode, detail = "") {
    const { says, next } = TROUBLE[code];
    const shown = oneLine(detail);
    super(`${says}${shown === "" ? "" : ` (${shown})`}. What to do: ${next}`);
    this.code = code;
    this.detail = shown;
  }
}

/** The codes of what the tools of all trades say when the disk is full. */
const DISK_FULL = /No space left on device|ENOSPC|disk quota exceeded/i;

/** Whether a tool's output says that the disk is full. */
export function saysDiskFull(output: string): boolean {
  return DISK_FULL.test(output);
}

const DETAIL_LENGTH = 300;

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, DETAIL_LENGTH);
}
