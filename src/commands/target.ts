import type { ConnectOptions } from "../api/server.ts";
import { resolveTarget, type Target } from "../config/target.ts";
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
  const target = await resolveTarget(request, context.environment);
  log.mask(target.token);
  return target;
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
    mask: log.mask,
    notify: log.line,
  };
}
