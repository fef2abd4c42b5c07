import fc from "fast-check";
import type { Sandbox } from "../sandbox/server.ts";
import { expressed, type Form, form } from "./expressed.ts";
import type { Files } from "./module.ts";

type Text = string | null | undefined;
type Body = { [name: string]: unknown };

/** Where a setting of the block is given. */
type Way = "block" | "line" | "file" | "json-file" | "environment";

/** One configuration; `HOST` stands for the server. */
export type Case = {
  kind: "remote" | "cloud";
  hostname: Text;
  organization: Text;
  hostnameWay: Way;
  organizationWay: Way;
  workspaces: Body | undefined;
  workspacesWay: "block" | "file" | "json-file";
  syntax: "native" | "json";
  /** An argument that the block does not have. */
  strange: boolean;
  /** Another organization in a line of its own, before all others or after them. */
  decoy: "none" | "first" | "last";
  /** What stands beside the block's file. */
  beside: "nothing" | "override" | "cloud-override" | "shadowed";
  extension: "tf" | "tofu";
  selected: Text;
  environment: Record<string, string | undefined>;
  variables: string[];
  /** Further files, such as declarations and values of variables. */
  more: Record<string, string>;
  present: string[];
};

const TAGS: Readonly<Record<string, string[]>> = {
  app: ["net"],
  "net-prod": ["net", "prod"],
  "net-dev": ["net"],
};
const NAMES = ["app", "net-prod", "net-dev", "other"];

const text = (value: string): fc.Arbitrary<Text> =>
  fc.constantFrom<Text>(...Array<Text>(24).fill(value), "", null, undefined);

function workspacesOf(kind: Case["kind"], isTofu: boolean): fc.Arbitrary<Body | undefined> {
  const name = fc.constantFrom("app", "net-prod", "absent");
  const prefix = fc.constantFrom("net-", "net", "none-");
  const tags = fc.constantFrom(["net"], ["net", "prod"], ["prod", "net"], ["absent"]);
  const project = fc.constantFrom(undefined, undefined, "Platform", "Absent");
  if (kind === "remote") {
    return fc.oneof(
      { weight: 4, arbitrary: fc.record({ name }) },
      { weight: 4, arbitrary: fc.record({ prefix }) },
      { weight: 1, arbitrary: fc.record({ name, prefix }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<Body | undefined>({}, { name: "" }, undefined, { name: null }),
      },
    );
  }
  const empty = isTofu ? [{ tags: [] }, { name: "" }] : [];
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ name, project }) },
    { weight: 4, arbitrary: fc.record({ tags, project }) },
    { weight: 1, arbitrary: fc.record({ name, tags }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Body | undefined>({}, undefined, { project: "Platform" }, ...empty),
    },
  );
}

function wayOf(kind: Case["kind"]): fc.Arbitrary<Way> {
  return kind === "cloud"
    ? fc.constantFrom<Way>(
        ...Array<Way>(8).fill("block"),
        "environment",
        "environment",
        "environment",
        "line",
      )
    : fc.constantFrom<Way>("block", "block", "block", "line", "line", "file", "json-file", "environment");
}

/** Terraform has a host for configurations without one, which is not asked; other files are OpenTofu's alone. */
export function initCase(isTofu: boolean): fc.Arbitrary<Case> {
  return fc
    .constantFrom<Case["kind"]>("remote", "cloud")
    .chain((kind) =>
      fc.record<Case>({
        kind: fc.constant(kind),
        hostname: isTofu ? text("HOST") : fc.constant("HOST"),
        organization: fc.oneof(
          { weight: 20, arbitrary: text("acme") },
          { weight: 1, arbitrary: fc.constant("nosuch") },
        ),
        hostnameWay: isTofu
          ? wayOf(kind)
          : fc.constantFrom<Way>("block", kind === "remote" ? "line" : "block"),
        organizationWay: wayOf(kind),
        workspaces: workspacesOf(kind, isTofu),
        workspacesWay:
          kind === "cloud"
            ? fc.constant("block" as const)
            : fc.constantFrom("block", "block", "file", "json-file"),
        syntax: fc.constantFrom("native", "native", "json"),
        strange: fc.constantFrom(...Array<boolean>(14).fill(false), true),
        decoy: fc.constantFrom(...Array<Case["decoy"]>(10).fill("none"), "first", "last"),
        beside: fc.constantFrom(
          "nothing",
          "nothing",
          "nothing",
          "override",
          "cloud-override",
          isTofu ? "shadowed" : "nothing",
        ),
        extension: isTofu ? fc.constantFrom("tf", "tofu") : fc.constant("tf" as const),
        selected: fc.constantFrom(undefined, undefined, undefined, "default", "prod", "app"),
        environment: fc.record({
          TF_WORKSPACE: fc.constantFrom(
            undefined,
            undefined,
            undefined,
            "app",
            "prod",
            "net-prod",
            "default",
            "absent",
          ),
          TF_CLOUD_PROJECT: fc.constantFrom(undefined, undefined, undefined, "Platform"),
        }),
        variables: fc.constant([]),
        more: fc.constant({}),
        present: fc.subarray(NAMES),
      }),
    )
    .map(withEnvironment)
    .chain((given) => (isTofu ? withExpressions(given) : fc.constant(given)));
}

/** What is given by the environment; another variable must not count for a remote block. */
function withEnvironment(given: Case): Case {
  const environment = {
    ...given.environment,
    ...(given.hostnameWay === "environment" ? { TF_CLOUD_HOSTNAME: given.hostname ?? undefined } : {}),
    ...(given.organizationWay === "environment"
      ? { TF_CLOUD_ORGANIZATION: given.organization ?? undefined }
      : {}),
  };
  return { ...given, environment };
}

/** Some texts of the block as expressions. */
function withExpressions(given: Case): fc.Arbitrary<Case> {
  return fc.record({ organization: form, workspace: form }).map((forms) => {
    const { name, prefix, tags } = given.workspaces ?? {};
    const isWritten = ["block", "file", "json-file"].includes(given.organizationWay);
    const { organization } = given;
    const first = isWritten && typeof organization === "string" ? organization : undefined;
    const chosen = [name, prefix, Array.isArray(tags) ? tags[0] : undefined].find(
      (value): value is string => typeof value === "string",
    );
    const [changed, text] = express(given, { name: "org", value: first, form: forms.organization });
    const [both, inner] = express(changed, { name: "ws", value: chosen, form: forms.workspace });
    const workspaces = given.workspaces && replaced(given.workspaces, chosen, inner);
    return { ...both, organization: text ?? organization, workspaces };
  });
}

function express(
  given: Case,
  { name, value, form: chosen }: { name: string; value: string | undefined; form: Form },
): [Case, string | undefined] {
  if (value === undefined || chosen === "literal") return [given, value];
  const { expression: text, files = {}, environment = {}, variables = [] } = expressed(name, value, chosen);
  return [
    {
      ...given,
      more: { ...given.more, ...files },
      environment: { ...given.environment, ...environment },
      variables: [...given.variables, ...variables],
    },
    `=${text}`,
  ];
}

function replaced(body: Body, from: string | undefined, to: string | undefined): Body {
  const replace = (value: unknown): unknown => (from !== undefined && value === from ? to : value);
  const entries = Object.entries(body).map(([name, value]) => [
    name,
    name === "project" ? value : Array.isArray(value) ? value.map(replace) : replace(value),
  ]);
  return Object.fromEntries(entries);
}

const WAYS = (given: Case) =>
  [
    ["hostname", given.hostname, given.hostnameWay],
    ["organization", given.organization, given.organizationWay],
  ] as const;

function bodyGiven(given: Case, way: Way): Body {
  const settings = WAYS(given).filter(([, , its]) => its === way);
  const body: Body = Object.fromEntries(settings.map(([name, value]) => [name, value]));
  return given.workspacesWay === way && given.workspaces !== undefined
    ? { ...body, workspaces: given.workspaces }
    : body;
}

const json = (body: Body): string => JSON.stringify(template(body));

function native(body: Body): string {
  return Object.entries(body)
    .map(([name, value]) => {
      if (value === undefined) return "";
      if (name === "workspaces") return `workspaces {\n${native(value as Body)}\n}`;
      return `${name} = ${expression(value)}`;
    })
    .join("\n");
}

/** Texts that begin with `=` are expressions. */
function expression(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(expression).join(", ")}]`;
  return typeof value === "string" && value.startsWith("=") ? value.slice(1) : JSON.stringify(value);
}

function template(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(template);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, template(inner)]));
  return typeof value === "string" && value.startsWith("=") ? `\${${value.slice(1)}}` : value;
}

function blockFile(given: Pick<Case, "kind" | "syntax">, body: Body): string {
  if (given.syntax === "native") {
    const header = given.kind === "cloud" ? "cloud" : 'backend "remote"';
    return `terraform {\n${header} {\n${native(body)}\n}\n}\n`;
  }
  const block = template(body);
  return JSON.stringify({
    terraform: given.kind === "cloud" ? { cloud: block } : { backend: { remote: block } },
  });
}

/** The files of the root module. */
export function filesOf(given: Case, { hostname }: Sandbox): Files {
  const suffix = given.syntax === "json" ? ".json" : "";
  const strange = given.strange ? { region: "x" } : {};
  const own = blockFile(given, { ...bodyGiven(given, "block"), ...strange });
  const wrong = { hostname: "HOST", organization: "wrong", workspaces: { name: "wrong" } };
  const another = blockFile(
    { ...given, kind: given.beside === "cloud-override" ? "cloud" : "remote" },
    wrong,
  );
  const main = `${given.extension}${suffix}`;
  const files: Record<string, string> = {
    ...given.more,
    ...(given.beside === "shadowed" && { [`main.tf${suffix}`]: another, [`main.tofu${suffix}`]: own }),
    ...(given.beside === "nothing" && { [`main.${main}`]: own }),
    ...(given.beside.endsWith("override") && { [`main.${main}`]: another, [`z_override.${main}`]: own }),
    "more.tfbackend": native(bodyGiven(given, "file")),
    "more.tfbackend.json": json(bodyGiven(given, "json-file")),
    ...(typeof given.selected === "string" && { ".terraform/environment": given.selected }),
  };
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [name, content.replaceAll("HOST", hostname)]),
  );
}

/** The lines of `-backend-config`. */
export function linesOf(given: Case, { hostname }: Sandbox): string[] {
  const has = (way: Way) => Object.keys(bodyGiven(given, way)).length > 0;
  const lines = WAYS(given).flatMap(([name, value, way]) =>
    way === "line" ? [`${name}=${value ?? ""}`] : [],
  );
  return [
    ...(given.decoy === "first" ? ["organization=decoy"] : []),
    ...(has("file") ? ["more.tfbackend"] : []),
    ...lines,
    ...(has("json-file") ? ["more.tfbackend.json"] : []),
    ...(given.decoy === "last" ? ["organization=decoy"] : []),
  ].map((line) => line.replaceAll("HOST", hostname));
}

/** The server as it is before. */
export function setUpWorkspaces(sandbox: Sandbox, { present }: Case): void {
  sandbox.world.workspaces.length = 0;
  sandbox.world.projects.length = 0;
  sandbox.world.projects.push({ id: "prj-1", organization: "acme", name: "Platform" });
  for (const name of present) {
    sandbox.workspace(name, { tags: TAGS[name] ?? [], projectId: name === "net-dev" ? "prj-1" : undefined });
  }
  sandbox.requests.length = 0;
}
