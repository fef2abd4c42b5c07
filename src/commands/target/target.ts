import type { ConnectOptions } from "../../api/server.ts";
import { resolveTarget, type Target, type TargetRequest } from "../../config/target.ts";
import type { Surroundings } from "../../config/token.ts";
import type { Context } from "../../context.ts";
import type { Inputs } from "../../inputs.ts";
import type { Step } from "../step.ts";
import { initOption } from "./cli-arguments.ts";
import { helperRunner } from "./credentials-helper.ts";

/**
 * Where to plan, and with which token, which is masked before anything else is printed. The server is only asked where the
 * block leaves open which of its workspaces counts.
 */
export async function findTarget(step: Step): Promise<Target> {
  const { inputs, context, log } = step;
  const request = targetRequest(inputs, context);
  if (inputs.token !== undefined) log.mask(inputs.token);
  const target = await resolveTarget(request, context.environment, surroundings(step));
  if (target.workspace !== "") return target;
  const { selectWorkspace } = await import("./select-workspace.ts");
  return selectWorkspace(step, target, connectOptions(step, target));
}

/** What the inputs say of it. */
export function targetRequest(
  inputs: Inputs,
  { workspaceRoot, environment }: Pick<Context, "workspaceRoot" | "environment">,
): TargetRequest {
  const { directory, variables, varFiles } = inputs;
  const backendConfig = [...initOption("backend-config", environment), ...inputs.backendConfig];
  return {
    ...{ directory, workspaceRoot, backendConfig, variables, varFiles },
    hostname: inputs.hostname ?? "",
    organization: inputs.organization ?? "",
    workspace: inputs.workspace ?? "",
    token: inputs.token ?? "",
  };
}

/** What finding a token needs of this process: masks, warnings, and a way to run a credentials helper. */
export function surroundings({
  context,
  log,
  signal,
}: Pick<Step, "context" | "log" | "signal">): Surroundings {
  const { environment, workspaceRoot: directory } = context;
  return {
    mask: log.mask,
    warn: log.warning,
    run: helperRunner({ directory, environment, signal }),
  };
}

/** How to connect to it. */
export function connectOptions({ context, log, signal }: Step, target: Target): ConnectOptions {
  return {
    hostname: target.hostname,
    organization: target.organization,
    token: target.token,
    tokenSource: target.tokenSource,
    userAgent: context.userAgent,
    proxy: context.environment,
    signal,
    ...(target.services !== undefined && { services: target.services }),
    mask: log.mask,
    notify: log.line,
  };
}
