import { type OptionInputs, variableOptions } from "./commands.ts";

/** The inputs that are options of `plan`. */
export type PlanInputs = Pick<OptionInputs, "variables" | "varFiles" | "target"> & {
  destroy: boolean;
  refreshOnly: boolean;
  refresh: boolean;
  replace: string[];
  /** How long to wait for the lock of the state. */
  queueTimeoutMs: number;
};

/** The arguments of a plan that is kept in a file and says by its exit code, 2, that it changes anything. */
export function planArguments(inputs: PlanInputs, planFile: string): string[] {
  return [
    "plan",
    "-input=false",
    "-detailed-exitcode",
    `-out=${planFile}`,
    `-lock-timeout=${Math.ceil(inputs.queueTimeoutMs / 1000)}s`,
    ...(inputs.destroy ? ["-destroy"] : []),
    ...(inputs.refreshOnly ? ["-refresh-only"] : []),
    ...(inputs.refresh ? [] : ["-refresh=false"]),
    ...inputs.target.map((address) => `-target=${address}`),
    ...inputs.replace.map((address) => `-replace=${address}`),
    ...variableOptions(inputs),
  ];
}

/** The arguments that apply exactly the plan of a file. */
export function applyArguments(
  { queueTimeoutMs }: Pick<PlanInputs, "queueTimeoutMs">,
  planFile: string,
): string[] {
  return ["apply", "-input=false", `-lock-timeout=${Math.ceil(queueTimeoutMs / 1000)}s`, planFile];
}
