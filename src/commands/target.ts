import type { ConnectOptions } from "../api/server.ts";
import { resolveTarget, type Target } from "../config/target.ts";
import type { Surroundings } from "../config/token.ts";
import type { JobLog } from "../job-log.ts";
import type { Step } from "./step.ts";

/** Where to plan, and with which token, which is masked before anything else is printed. */
export async function findTarget({ inputs, context, log }: Step): Promise<Target> {
  const request = {
    directory: inputs.directory,
    workspaceRoot: context.workspaceRoot,
    hostname: inputs.hostname ?? "",
    organization: inputs.organization ?? "",
    workspace: inputs.workspace ?? "",
    token: inputs.token ?? "",
  };
  if (inputs.token !== undefined) log.mask(inputs.token);
  return resolveTarget(request, context.environment, surroundings(log));
}

/** What finding a token needs of this process: masks, warnings, and a way to run a credentials helper. */
export function surroundings(log: JobLog): Surroundings {
  return {
    mask: log.mask,
    warn: log.warning,
    run: async (program, args) => (await import("../cli/exec.ts")).runQuietly(program, args),
  };
}

/** How to connect to it. */
export function connectOptions({ context, log, signal }: Step, target: Target): ConnectOptions {
  return {
    hostname: target.hostname,
    organization: target.organization,
    token: target.token,
    userAgent: context.userAgent,
    proxy: context.environment,
    signal,
    ...(target.services !== undefined && { services: target.services }),
    mask: log.mask,
    notify: log.line,
  };
}
