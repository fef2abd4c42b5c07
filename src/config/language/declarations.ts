import { Failure, type SourcePosition } from "../../failure.ts";
import {
  type ConfigurationFile,
  listConfigurationFiles,
  type ModuleDirectory,
  readWhere,
} from "../directory.ts";
import { configurationFailure, place } from "../syntax.ts";
import type { Argument, DeclarationBlock, FileDeclarations } from "./native-declarations.ts";

/** A declared variable or local value: its arguments as written, later (overriding) ones in place of earlier. */
export type Declaration = {
  name: string;
  position: SourcePosition;
  arguments: ReadonlyMap<string, Argument>;
};

/** All that a root module declares, and the syntax errors that may hide more. */
export type Declarations = {
  variables: ReadonlyMap<string, Declaration>;
  locals: ReadonlyMap<string, Argument>;
  syntaxErrors: readonly Failure[];
};

/**
 * Reads the `variable` and `locals` blocks of a directory, override files applied (opentofu internal/configs/module.go). Errors
 * of syntax are kept for whoever misses a declaration.
 * @throws Failure for a directory without configuration, for unreadable files and for what is declared twice.
 */
export async function readDeclarations(module: ModuleDirectory): Promise<Declarations> {
  const { primary, override } = await listConfigurationFiles(module);
  const parsed = { primary: await parseFiles(primary), override: await parseFiles(override) };
  const [blocks, overrides] = [parsed.primary, parsed.override].map((files) =>
    files.flatMap((file) => file.blocks),
  );
  return {
    variables: overridden(declaredVariables(blocks ?? []), overrides ?? []),
    locals: new Map(
      [...declaredLocals(blocks ?? []), ...localsOf(overrides ?? [])].map((local) => [local.name, local]),
    ),
    syntaxErrors: [...parsed.primary, ...parsed.override].flatMap((file) => file.syntaxError ?? []),
  };
}

async function parseFiles(files: ConfigurationFile[]): Promise<FileDeclarations[]> {
  const parsed: FileDeclarations[] = [];
  for (const file of files) {
    const text = await readWhere(file, mayDeclare);
    if (text !== undefined) parsed.push(await parseFile(text, file));
  }
  return parsed;
}

function mayDeclare(bytes: Buffer): boolean {
  return bytes.includes("variable") || bytes.includes("locals");
}

async function parseFile(text: string, { file, syntax }: ConfigurationFile): Promise<FileDeclarations> {
  if (syntax === "native") return (await import("./native-declarations.ts")).nativeDeclarations(text, file);
  try {
    return (await import("./json-declarations.ts")).jsonDeclarations(text, file);
  } catch (error) {
    if (error instanceof Failure) return { blocks: [], syntaxError: error };
    throw error;
  }
}

function declaredVariables(blocks: readonly DeclarationBlock[]): Map<string, Declaration> {
  const variables = new Map<string, Declaration>();
  for (const block of blocks.filter(({ type }) => type === "variable")) {
    const [name, extra] = block.labels;
    if (name === undefined || extra !== undefined) throw wrongLabels(block);
    const earlier = variables.get(name);
    if (earlier !== undefined) {
      const detail = `A variable named "${name}" was already declared at ${place(earlier.position)}. Variable names must be unique within a module.`;
      throw configurationFailure({
        summary: "Duplicate variable declaration",
        detail,
        position: block.position,
      });
    }
    variables.set(name, { name, position: block.position, arguments: byName(block.arguments) });
  }
  return variables;
}

function wrongLabels({ position }: DeclarationBlock): Failure {
  const detail = 'All variable blocks must have 1 labels (name), as in variable "region".';
  return configurationFailure({ summary: "Wrong number of labels for variable", detail, position });
}

function byName(given: readonly Argument[]): Map<string, Argument> {
  const named = new Map<string, Argument>();
  for (const argument of given) {
    const earlier = named.get(argument.name);
    if (earlier !== undefined) {
      const detail = `The argument "${argument.name}" was already set at ${place(earlier.position)}. Each argument may be set only once.`;
      throw configurationFailure({ summary: "Attribute redefined", detail, position: argument.position });
    }
    named.set(argument.name, argument);
  }
  return named;
}

function localsOf(blocks: readonly DeclarationBlock[]): Argument[] {
  return blocks.filter(({ type }) => type === "locals").flatMap((block) => block.arguments);
}

function declaredLocals(blocks: readonly DeclarationBlock[]): Argument[] {
  const locals = localsOf(blocks);
  const seen = new Map<string, Argument>();
  for (const local of locals) {
    const earlier = seen.get(local.name);
    if (earlier !== undefined) {
      const detail = `A local value named "${local.name}" was already defined at ${place(earlier.position)}. Local value names must be unique within a module.`;
      throw configurationFailure({
        summary: "Duplicate local value definition",
        detail,
        position: local.position,
      });
    }
    seen.set(local.name, local);
  }
  return locals;
}

function overridden(
  base: Map<string, Declaration>,
  overrides: readonly DeclarationBlock[],
): Map<string, Declaration> {
  for (const block of overrides.filter(({ type }) => type === "variable")) {
    const [name = ""] = block.labels;
    const variable = base.get(name);
    if (variable === undefined) {
      const detail = `There is no variable named "${name}". An override file can only override a variable that was already declared in a primary configuration file.`;
      throw configurationFailure({
        summary: "Missing base variable declaration to override",
        detail,
        position: block.position,
      });
    }
    base.set(name, { ...variable, arguments: new Map([...variable.arguments, ...byName(block.arguments)]) });
  }
  return base;
}
