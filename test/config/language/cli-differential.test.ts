// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of the language, not of this one
// The real CLI's console is the referee of what expressions and variables are worth: many expressions go through it at once,
// within try(), so that each has a value or none.
import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonText } from "../../../src/config/language/functions/json.ts";
import { loadBlockEvaluator } from "../../../src/config/language/module.ts";
import { Failure } from "../../../src/failure.ts";
import { moduleWith } from "../module.ts";
import { attempt, evaluated } from "./language.ts";

const CLI = ["tofu", "terraform"].find((name) => spawnSync(name, ["version"]).status === 0);
const RUNS = Number(process.env["DIFFERENTIAL_RUNS"] ?? 40);

/** Terraform leaves open what is sensitive or formats null, needs both sides of `||`, and counts no index from the end. */
const OTHERWISE_IN_TERRAFORM = /sensitive\(|element\(.*-1|format\(.*null\)|\|\| true|true \|\|/;

type Output = { stdout: string; stderr: string };

async function consoleOf(directory: string, line: string, args: string[] = []): Promise<Output> {
  const environment = {
    ...process.env,
    TF_CLI_CONFIG_FILE: join(directory, "cli.tfrc"),
    CHECKPOINT_DISABLE: "1",
  };
  return new Promise((resolve) => {
    const child = execFile(
      CLI ?? "",
      ["console", "-no-color", ...args],
      { cwd: directory, env: environment, maxBuffer: 1e8 },
      (_error, stdout, stderr) => resolve({ stdout, stderr }),
    );
    child.stdin?.end(`${line}\n`);
  });
}

function decoded(stdout: string): unknown {
  const [, encoded] = /"([A-Za-z0-9+/=]*)"\s*$/.exec(stdout) ?? [];
  return encoded === undefined ? undefined : JSON.parse(Buffer.from(encoded, "base64").toString());
}

/** What the CLI gives for each expression: JSON text, or `error`. */
async function byCli(expressions: readonly string[]): Promise<unknown> {
  const tries = expressions.map((expression) => `    try(jsonencode(${expression}), "error"),\n`);
  const { directory } = await moduleWith({
    "main.tf": `locals {\n  all = [\n${tries.join("")}  ]\n}\n`,
    "cli.tfrc": "",
  });
  const { stdout, stderr } = await consoleOf(directory, "base64encode(jsonencode(local.all))");
  return decoded(stdout) ?? `${stdout}\n${stderr}`.slice(0, 2000);
}

const byUs = (expression: string): string => attempt(() => jsonText(evaluated(expression))) ?? "error";

test.skipIf(CLI === undefined)("the recorded expressions are what the CLI says", async () => {
  const lines = readFileSync(join(import.meta.dirname, "../../fixtures/language/expressions.tsv"), "utf8")
    .trimEnd()
    .split("\n");
  const recorded = lines.map((line) => line.split("\t"));
  const compared = recorded.filter(
    ([expression = ""]) => CLI === "tofu" || !OTHERWISE_IN_TERRAFORM.test(expression),
  );
  expect(await byCli(compared.map(([expression = ""]) => expression))).toEqual(
    compared.map(([, result]) => result),
  );
});

const oneOf = (...choices: string[]): fc.Arbitrary<string> => fc.constantFrom(...choices);
const arithmetic = oneOf("+", "-", "*", "%");
const comparison = oneOf("<", "<=", ">", ">=", "==", "!=");
const key = oneOf("a", "b", '"c d"', "(true)", "1", "null", '"${1}"');
const access = oneOf(".a", ".b", "[0]", "[1]", '["a"]', '["c d"]', "[*]", "[*].a", ".*.a", "[*][0]", '["0"]');
const call = (...parts: Array<string | fc.Arbitrary<string>>): fc.Arbitrary<string> =>
  fc
    .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)))
    .map((written) => written.join(""));

/** Branches that cannot fail: of those that do, the CLI also checks the types where they are not chosen. */
const branch = oneOf(
  "1",
  '"a"',
  "true",
  "null",
  "[]",
  '["x", 1]',
  "{}",
  "{a = 1}",
  '{a = "x"}',
  'tolist(["q"])',
  "tomap({a = 1})",
);

type Kinds = Record<"any" | "number" | "text" | "truth" | "sequence" | "mapping", string>;

/** Expressions most of which have a value: each kind takes the kinds that fit it, and now and then any other. */
const kinds = fc.letrec<Kinds>((tie) => {
  const [any, number, text, truth, sequence, mapping] = [
    tie("any"),
    tie("number"),
    tie("text"),
    tie("truth"),
    tie("sequence"),
    tie("mapping"),
  ];
  const depth = { maxDepth: 5, depthSize: "small" } as const;
  const items = fc.array(any, { maxLength: 3 }).map((list) => `[${list.join(", ")}]`);
  const texts = fc.array(text, { maxLength: 3 }).map((list) => `[${list.join(", ")}]`);
  const entries = fc.uniqueArray(fc.tuple(key, any), { maxLength: 3, selector: ([name]) => name });
  return {
    any: fc.oneof(
      depth,
      oneOf("null", "true", "1", '"a"'),
      number,
      text,
      truth,
      sequence,
      mapping,
      call("(", tie("any"), ")", access),
      call("(", truth, " ? ", branch, " : ", branch, ")"),
    ),
    number: fc.oneof(
      depth,
      oneOf("1", "2.5", "-3", "1.10", "12345678901234567890", '"5"', "0.1"),
      call("(", tie("number"), " ", arithmetic, " ", tie("number"), ")"),
      call("(", tie("number"), " ", arithmetic, " ", tie("number"), " ", arithmetic, " ", tie("number"), ")"),
      call("(", tie("number"), " / ", oneOf("3", "2.5", "-7", "0.1"), ")"),
      call("(-", tie("number"), ")"),
      call(oneOf("abs", "ceil", "floor", "signum", "tonumber"), "(", tie("number"), ")"),
      call(oneOf("max", "min"), "(", tie("number"), ", ", tie("number"), ")"),
      call("length(", any, ")"),
      call("sum([", tie("number"), ", ", tie("number"), "])"),
    ),
    text: fc.oneof(
      depth,
      oneOf('"a"', '"b c"', '""', '"5"', '"true"', '"é"', '"x${1}"', '"$${q}%"', '"Ab-cD e_f"'),
      call('"<${', fc.oneof(number, tie("text"), truth), '}>"'),
      call('"%{ if ', truth, " }y${", text, '}%{ else }n%{ endif }"'),
      call('"%{ for k, v in ', sequence, ' ~} <${k}> %{~ endfor }"'),
      call(
        oneOf(
          "upper",
          "lower",
          "title",
          "trimspace",
          "strrev",
          "tostring",
          "chomp",
          "base64encode",
          "md5",
          "urlencode",
        ),
        "(",
        tie("text"),
        ")",
      ),
      call(oneOf("trim", "trimprefix", "trimsuffix"), "(", tie("text"), ", ", tie("text"), ")"),
      call("replace(", tie("text"), ", ", tie("text"), ", ", tie("text"), ")"),
      call("substr(", tie("text"), ", ", oneOf("0", "1", "-1", "-2"), ", ", oneOf("0", "1", "2", "-1"), ")"),
      call("join(", tie("text"), ", ", texts, ")"),
      call('format("%s|%5s|%q", ', tie("text"), ", ", tie("text"), ", ", tie("text"), ")"),
      call(
        oneOf('format("%d %05d", ', 'format("%v %.2f", ', 'format("%g %e", ', 'format("%x %5.1f|", '),
        tie("number"),
        ", ",
        tie("number"),
        ")",
      ),
      call("jsonencode(", any, ")"),
    ),
    truth: fc.oneof(
      depth,
      oneOf("true", "false", '"true"'),
      call("(", number, " ", comparison, " ", number, ")"),
      call("(", any, oneOf(" == ", " != "), any, ")"),
      call("(", tie("truth"), oneOf(" && ", " || "), tie("truth"), ")"),
      call(
        "(",
        tie("truth"),
        oneOf(" && ", " || ", " == "),
        tie("truth"),
        oneOf(" && ", " || "),
        tie("truth"),
        ")",
      ),
      call("(!", tie("truth"), ")"),
      // For a bare null, contains() leaves the CLI's answer open.
      call("contains(", sequence, ", ", fc.oneof(number, text, tie("truth"), sequence, mapping), ")"),
      call("can(index(", sequence, ", ", any, "))"),
      call(oneOf("startswith(", "endswith(", "strcontains("), text, ", ", text, ")"),
      call(oneOf("alltrue([", "anytrue(["), tie("truth"), ", ", tie("truth"), "])"),
    ),
    sequence: fc.oneof(
      depth,
      items,
      texts,
      call(oneOf("tolist(", "toset("), texts, ")"),
      call(oneOf("tolist(", "toset("), items, ")"),
      call(oneOf("reverse(", "distinct(", "flatten(", "sort(", "compact("), tie("sequence"), ")"),
      call(
        oneOf("concat(", "setunion(", "setintersection(", "setsubtract(", "coalescelist("),
        tie("sequence"),
        ", ",
        tie("sequence"),
        ")",
      ),
      call(oneOf("keys(", "values("), mapping, ")"),
      call("split(", text, ", ", text, ")"),
      call("range(", oneOf("0", "3", "-2", "2.5"), ")"),
      call("slice(", tie("sequence"), ", 0, ", oneOf("0", "1", "2"), ")"),
      call("chunklist(", tie("sequence"), ", ", oneOf("1", "2"), ")"),
      call("[for v in ", fc.oneof(tie("sequence"), mapping), " : v]"),
      call(
        "[for k, v in ",
        fc.oneof(tie("sequence"), mapping),
        " : {k = k, a = v} if k != ",
        oneOf("0", "1", '"a"', "null"),
        "]",
      ),
      call(tie("sequence"), oneOf("[*]", "[*].a")),
    ),
    mapping: fc.oneof(
      depth,
      entries.map((pairs) => `{${pairs.map(([name, value]) => `${name} = ${value}`).join(", ")}}`),
      call("tomap({a = ", any, ", b = ", any, "})"),
      call("{for k, v in ", sequence, " : k => v}"),
      call("{for v in ", sequence, ' : "${length(v)}" => v...}'),
      call("merge(", tie("mapping"), ", ", tie("mapping"), ")"),
      call("zipmap(", texts, ", ", sequence, ")"),
    ),
  };
});

/** Zero has no sign here. */
const unsigned = (json: unknown): unknown =>
  typeof json === "string" ? json.replace(/ *-?0(?:\.0+)?(?:e\+00)?(?![.\d])/g, "0") : json;

test.skipIf(CLI !== "tofu")("generated expressions have the CLI's value or none", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(kinds.any, { minLength: 100, maxLength: 100 }), async (expressions) => {
      const theirs = await byCli(expressions);
      if (!Array.isArray(theirs)) throw new Error(String(theirs));
      const differences = expressions.flatMap((written, index) => {
        const [ours, other]: [string, unknown] = [byUs(written), theirs[index]];
        return unsigned(ours) === unsigned(other) ? [] : [{ written, ours, theirs: other }];
      });
      expect(differences).toEqual([]);
    }),
    { numRuns: Math.ceil(RUNS / 10), endOnFailure: true },
  );
});

const { type, literal } = fc.letrec<{ type: string; literal: string }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    oneOf("string", "number", "bool", "any"),
    call(oneOf("list(", "set(", "map("), tie("type"), ")"),
    call("tuple([", tie("type"), ", ", tie("type"), "])"),
    call("object({a = ", tie("type"), ", b = optional(", tie("type"), ")})"),
    call(
      "object({a = optional(",
      tie("type"),
      '), b = optional(string, "q"), c = optional(list(number), [1])})',
    ),
  ),
  literal: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    oneOf("1", "2.5", '"a"', '"5"', '"true"', "true", "null"),
    fc.array(tie("literal"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    call("[", tie("literal"), ", ", tie("literal"), "]"),
    call("{a = ", tie("literal"), "}"),
    call("{a = ", tie("literal"), ", b = ", tie("literal"), "}"),
    call("{a = ", tie("literal"), ", c = ", tie("literal"), ", z = 1}"),
  ),
}));

/** What a variable's value is in the module, as JSON; undefined where it is refused. */
async function variableByUs(declaration: string, variables: string[]): Promise<unknown> {
  const module = await moduleWith({ "main.tf": declaration });
  const attribute = {
    name: "x",
    value: { kind: "expression" },
    position: { file: "main.tf" },
    source: { syntax: "native", text: "jsonencode(var.x)" },
  } as const;
  try {
    const evaluator = await loadBlockEvaluator(
      { module, variables, varFiles: [], environment: {} },
      "default",
    );
    const { value } = evaluator.evaluate(attribute, "backend.remote");
    return value.kind === "text" ? JSON.parse(value.text) : undefined;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

async function variableByCli(declaration: string, variables: string[]): Promise<unknown> {
  const { directory } = await moduleWith({ "main.tf": declaration, "cli.tfrc": "" });
  const args = variables.flatMap((line) => ["-var", line]);
  const { stdout, stderr } = await consoleOf(directory, "base64encode(jsonencode(var.x))", args);
  return /Error: /.test(stdout + stderr) ? undefined : decoded(stdout);
}

test.skipIf(CLI === undefined)(
  "declared variables convert what they are given as the CLI does, or refuse it, too",
  async () => {
    const flags = oneOf("", "", "nullable = false", "default = null");
    await fc.assert(
      fc.asyncProperty(type, literal, fc.boolean(), flags, async (declared, given, isDefault, flag) => {
        const body = isDefault ? `default = ${given}` : flag;
        const declaration = `variable "x" {\n  type = ${declared}\n  ${body}\n}\n`;
        const variables = isDefault ? [] : [`x=${given}`];
        expect(await variableByUs(declaration, variables)).toEqual(
          await variableByCli(declaration, variables),
        );
      }),
      { numRuns: RUNS },
    );
  },
  60_000,
);

const TEXTS = [
  "",
  "a",
  " a ",
  '"a"',
  "5",
  "1.50",
  "true",
  "True",
  "1",
  "null",
  "[]",
  "{}",
  '["a"]',
  "${x}",
  "%{",
  "\\n",
  "a=b",
  "é",
  "$",
  "<<EOT",
  "0x10",
  "-5",
  "1e5",
  "[1,]",
  "{a=1}",
  "{a:1}",
  "x",
  "(1)",
  "1 + 1",
  "upper(1)",
  "# c",
  "1 # c",
  "1\n2",
];

test.skipIf(CLI === undefined)(
  "a text is understood by the declared type as by the CLI",
  async () => {
    const declarations = [
      "",
      "type = string",
      "type = number",
      "type = bool",
      "type = list(string)",
      "type = map(any)",
      "type = any",
    ];
    const cases = declarations.flatMap((declared) =>
      TEXTS.map((given) => [`variable "x" {\n  ${declared}\n}\n`, [`x=${given}`]] as const),
    );
    const sample = fc.sample(fc.constantFrom(...cases), RUNS);
    const results = sample.map(async ([declaration, variables]) => ({
      declaration,
      variables,
      ours: await variableByUs(declaration, [...variables]),
      theirs: await variableByCli(declaration, [...variables]),
    }));
    for (const result of await Promise.all(results))
      expect(result).toEqual({ ...result, ours: result.theirs });
  },
  60_000,
);
