import { Failure } from "../failure.ts";
import type { BackendBlock, WorkspacesBlock } from "./backend-block.ts";
import type { Environment } from "./credentials.ts";
import type { ModuleDirectory } from "./directory.ts";
import type { BlockEvaluator } from "./language/module.ts";
import { type Attribute, isLiteral } from "./syntax.ts";

/** What an evaluation takes its values from; `workspace` is the selected one, for `terraform.workspace`. */
export type EvaluationRequest = {
  module: ModuleDirectory;
  variables: readonly string[];
  varFiles: readonly string[];
  environment: Environment;
  workspace: string;
  /** The inputs that are given. */
  given: ReadonlySet<string>;
};

const ARGUMENTS = ["hostname", "organization", "token"] as const;
const WORKSPACES_ARGUMENTS = ["name", "prefix", "project", "tags"] as const;

/** Arguments of `workspaces` that say something also of a workspace that an input chooses. */
const OF_ALL: ReadonlySet<string> = new Set(["prefix", "project", "tags"]);

/**
 * The block with the values that its expressions have, as OpenTofu 1.8 and later evaluate them early. Where an input says
 * the same, an expression is left as it is, or may fail.
 * @throws Failure with file, line and the input to set where a value cannot be known before a run, or is sensitive.
 */
export async function evaluatedBlock(block: BackendBlock, request: EvaluationRequest): Promise<BackendBlock> {
  const evaluate = evaluatorOf(block, request);
  const { workspaces } = block;
  const own = await eachOf(ARGUMENTS, block, evaluate);
  if (workspaces === undefined) return { ...block, ...own };
  const inner: WorkspacesBlock = {
    ...workspaces,
    ...(await eachOf(WORKSPACES_ARGUMENTS, workspaces, evaluate)),
  };
  return { ...block, ...own, workspaces: inner };
}

type Evaluate = (attribute: Attribute) => Promise<Attribute>;

async function eachOf<Name extends string>(
  names: readonly Name[],
  body: { [K in Name]?: Attribute },
  evaluate: Evaluate,
): Promise<{ [K in Name]?: Attribute }> {
  const values: { [K in Name]?: Attribute } = {};
  for (const name of names) {
    const attribute = body[name];
    if (attribute !== undefined)
      values[name] = isLiteral(attribute.value) ? attribute : await evaluate(attribute);
  }
  return values;
}

function evaluatorOf(block: BackendBlock, request: EvaluationRequest): Evaluate {
  const subject = block.kind === "cloud" ? "backend.cloud" : "backend.remote";
  let loading: Promise<BlockEvaluator> | undefined;
  return async (attribute) => {
    const inputs = inputsFor(attribute.name);
    const isGiven = inputs.every((input) => request.given.has(input));
    if (isGiven && !OF_ALL.has(attribute.name)) return attribute;
    try {
      loading ??= loadEvaluator(request);
      return (await loading).evaluate(attribute, subject);
    } catch (error) {
      if (!(error instanceof Failure) || error.reason === "internal") throw error;
      if (isGiven) return attribute;
      throw withRemedy(error, inputs);
    }
  };
}

async function loadEvaluator({ workspace, ...inputs }: EvaluationRequest): Promise<BlockEvaluator> {
  return (await import("./language/module.ts")).loadBlockEvaluator(inputs, workspace);
}

/** The inputs that make an argument needless. */
function inputsFor(name: string): string[] {
  if (name === "hostname" || name === "organization" || name === "token") return [name];
  return name === "prefix" ? ["hostname", "organization", "workspace"] : ["workspace"];
}

function withRemedy(failure: Failure, inputs: readonly string[]): Failure {
  const instead =
    inputs.length > 1
      ? `inputs ${inputs.slice(0, -1).join(", ")} and ${inputs.at(-1)} (its full remote name)`
      : `input ${inputs[0]}`;
  const message = `${failure.message} The value is needed before anything runs: set the ${instead} instead.`;
  const { position } = failure;
  return new Failure(failure.reason, message, {
    cause: failure,
    ...(position === undefined ? {} : { position }),
  });
}
