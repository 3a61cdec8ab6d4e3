// As much of what `sst install` writes (sst 4.17.1, .sst/platform) as a program of the docs uses.
declare const $config: (input: {
  app(input: { stage?: string }): App | Promise<App>;
  run(): Promise<unknown>;
}) => unknown;

interface App {
  name: string;
  home: "aws" | "cloudflare" | "local";
}

declare namespace sst.aws {
  // biome-ignore lint/suspicious/noShadowRestrictedNames: SST's own name
  class Function {
    constructor(name: string, args: FunctionArgs);
  }

  interface FunctionArgs {
    handler: string;
    environment?: Record<string, string>;
    permissions?: FunctionPermissionArgs[];
  }

  interface FunctionPermissionArgs {
    effect?: "allow" | "deny";
    actions: string[];
    resources: string[];
    conditions?: { test: string; variable: string; values: string[] }[];
  }
}
