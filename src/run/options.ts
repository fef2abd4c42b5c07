import type { RunAttributes, RunVariable } from "../api/types.ts";
import { Failure } from "../failure.ts";
import { parseAddress } from "./address.ts";

/** The inputs that shape a run, as given. */
export type GivenOptions = {
  destroy: boolean;
  refreshOnly: boolean;
  refresh: boolean;
  target: string[];
  replace: string[];
  allowEmptyApply: boolean;
  terraformVersion: string | undefined;
  savePlan: "auto" | "true" | "false";
};

/** The same, checked. Addresses are as the CLI writes them. */
export type RunOptions = {
  mode: "plan" | "destroy" | "refresh-only";
  refresh: boolean;
  targets: string[];
  replace: string[];
  allowEmptyApply: boolean;
  terraformVersion: string | undefined;
  savePlan: "auto" | "true" | "false";
  /** Values are HCL expressions. */
  variables: RunVariable[];
};

/** Exact versions only: what a constraint would select is the server's to know, and OTF refuses one. */
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

/**
 * Checks the options of a run, as the CLI does (OpenTofu's internal/command/arguments/extended.go, internal/tofu/
 * context_plan.go). `applies`: the run is to be applied by this step. Variables come later, from the configuration.
 * Throws Failure("input").
 */
export function readOptions(given: GivenOptions, { applies }: { applies: boolean }): RunOptions {
  const { destroy, refreshOnly, refresh, allowEmptyApply, terraformVersion, savePlan } = given;
  for (const [holds, sentence] of contradictions(given, applies)) {
    if (holds) throw new Failure("input", sentence);
  }
  if (terraformVersion !== undefined && !VERSION.test(terraformVersion)) {
    throw invalid("terraform-version", terraformVersion, "must be an exact version such as 1.11.4");
  }
  return {
    mode: destroy ? "destroy" : refreshOnly ? "refresh-only" : "plan",
    refresh,
    targets: given.target.map(targetAddress),
    replace: given.replace.map(replaceAddress),
    ...{ allowEmptyApply, terraformVersion, savePlan },
    variables: [],
  };
}

function contradictions(given: GivenOptions, applies: boolean): [boolean, string][] {
  const { destroy, refreshOnly, refresh, replace, terraformVersion, savePlan } = given;
  return [
    [
      destroy && refreshOnly,
      'Inputs "destroy" and "refresh-only" exclude each other: a run either destroys or only refreshes. Give one of both.',
    ],
    [
      refreshOnly && !refresh,
      'Input "refresh-only" makes no sense with "refresh: false": there would be nothing to do. Give one of both.',
    ],
    [
      replace.length > 0 && (destroy || refreshOnly),
      `Input "replace" is for ordinary plans only, not for one with "${destroy ? "destroy" : "refresh-only"}": leave one out.`,
    ],
    [
      terraformVersion !== undefined && applies,
      'Input "terraform-version" is for plans only: servers apply with the version of the workspace. Leave it out, or change ' +
        "the workspace's version.",
    ],
    [
      terraformVersion !== undefined && savePlan === "true",
      'Input "terraform-version" is for plans only, which "save-plan: true" does not make: leave one of both out.',
    ],
  ];
}

function targetAddress(text: string): string {
  const address = parseAddress(text);
  if (address !== undefined) return address.canonical;
  throw invalid(
    "target",
    text,
    'must be the address of a module or a resource, such as module.network or aws_instance.web["a"]',
  );
}

function replaceAddress(text: string): string {
  const address = parseAddress(text);
  if (address?.kind === "managed") return address.canonical;
  const allowed = 'the address of a resource instance, such as aws_instance.web["a"]';
  const why =
    address === undefined ? `must be ${allowed}` : `names ${NOT_REPLACED[address.kind]}: give ${allowed}`;
  throw invalid("replace", text, why);
}

const NOT_REPLACED = {
  module: "a module, of which only single resources can be replaced",
  data: "a data source, which is never replaced",
  ephemeral: "an ephemeral resource, which is never replaced",
  managed: "",
};

function invalid(name: string, given: string, why: string): Failure {
  return new Failure("input", `Input "${name}" has ${JSON.stringify(given)}, which ${why}.`);
}

/**
 * The attributes of a run that follow from its options, as the CLI sends them (OpenTofu's internal/backend/remote/
 * backend_plan.go, internal/cloud/backend_plan.go); what the CLI has no option for only where it is given.
 */
export function attributesOf(options: RunOptions): RunAttributes {
  const { mode, refresh, targets, replace, allowEmptyApply, terraformVersion, variables } = options;
  return {
    refresh,
    ...(mode === "destroy" && { "is-destroy": true }),
    ...(mode === "refresh-only" && { "refresh-only": true }),
    ...(targets.length > 0 && { "target-addrs": targets }),
    ...(replace.length > 0 && { "replace-addrs": replace }),
    ...(variables.length > 0 && { variables }),
    ...(allowEmptyApply && { "allow-empty-apply": true }),
    ...(terraformVersion !== undefined && { "terraform-version": terraformVersion }),
  };
}
