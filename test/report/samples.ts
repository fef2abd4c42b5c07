import type { OutputChange, Plan, ResourceChange } from "../../src/plan/model.ts";
import type { Report } from "../../src/report/model.ts";

const UNCHANGED = {
  before: null,
  after: null,
  afterUnknown: false,
  beforeSensitive: false,
  afterSensitive: false,
  replacePaths: [],
};

export function resource(address: string, change: Partial<ResourceChange>): ResourceChange {
  const [type = "", name = ""] = address.split(".").slice(-2);
  return {
    ...UNCHANGED,
    address,
    mode: "managed",
    type,
    name,
    providerName: "registry.opentofu.org/hashicorp/aws",
    action: "create",
    ...change,
  };
}

export function output(name: string, action: OutputChange["action"]): OutputChange {
  return { ...UNCHANGED, name, action };
}

export function plan(
  resources: ResourceChange[],
  outputs: OutputChange[] = [],
  drift: ResourceChange[] = [],
): Plan {
  return { resources, outputs, drift, schemas: {}, source: "redacted" };
}

export const NO_COUNTS = { add: 0, change: 0, destroy: 0, import: 0, move: 0, forget: 0 };

export function report(parts: Partial<Report>): Report {
  return {
    verdict: "planned",
    mode: "plan",
    target: {
      hostname: "app.terraform.io",
      organization: "acme",
      workspace: "network-prod",
      directory: "infra/network",
      label: "",
    },
    run: {
      id: "run-CZcmD7eagjhyX0vN",
      url: "https://app.terraform.io/app/acme/workspaces/network-prod/runs/run-CZcmD7eagjhyX0vN",
    },
    commit: {
      sha: "3f2a9c1be07d4415a1c09e5ad1c1ab0a4d9cba10",
      url: "https://github.com/acme/infra/commit/3f2a9c1be07d4415a1c09e5ad1c1ab0a4d9cba10",
    },
    job: { url: "https://github.com/acme/infra/actions/runs/9871234/attempts/1" },
    archive: { digest: "0f3a9c21b7d4e6a8".repeat(4), bytes: 34_112, files: 12 },
    diagnostics: [],
    policies: [],
    values: "show",
    notes: [],
    ...parts,
  };
}

export const createOnly = report({
  counts: { ...NO_COUNTS, add: 3 },
  plan: plan(
    [
      resource("aws_vpc.main", {}),
      resource('aws_subnet.private["eu-west-1a"]', {}),
      resource('aws_subnet.private["eu-west-1b"]', {}),
    ],
    [output("vpc_id", "create")],
  ),
  planLines: [
    "  # aws_vpc.main will be created",
    '+   resource "aws_vpc" "main" {',
    '+     cidr_block = "10.0.0.0/16"',
    "+     id         = (known after apply)",
    "    }",
    "",
    "Plan: 3 to add, 0 to change, 0 to destroy.",
    "",
    "Changes to Outputs:",
    "+   vpc_id = (known after apply)",
  ],
});

export const destroys = report({
  counts: { ...NO_COUNTS, add: 2, change: 1, destroy: 3, import: 1, forget: 1 },
  plan: plan(
    [
      resource("aws_vpc.main", { action: "import", importing: { id: "vpc-1" } }),
      resource("module.app.aws_instance.web[0]", {
        action: "update",
        previousAddress: "module.app.aws_instance.web",
      }),
      resource("aws_subnet.b", { action: "create" }),
      resource("aws_db_instance.orders", {
        action: "replace",
        replaceOrder: "destroy-first",
        actionReason: "replace_because_cannot_update",
        replacePaths: [["engine_version"], ["storage_encrypted"]],
      }),
      resource('aws_s3_bucket.logs["2019"]', { action: "delete", actionReason: "delete_because_each_key" }),
      resource("aws_instance.bastion", {
        action: "delete",
        actionReason: "delete_because_no_resource_config",
        deposed: "0d1f2a3b",
      }),
      resource("aws_iam_role.legacy", { action: "forget" }),
      resource("aws_route_table.a", { action: "move", previousAddress: "aws_route_table.old" }),
      resource("data.aws_ami.ubuntu", { action: "read", mode: "data" }),
      resource("aws_subnet.same", { action: "no-op" }),
    ],
    [output("endpoint", "update"), output("bastion_ip", "delete")],
    [resource("aws_security_group.web", { action: "update" })],
  ),
  planLines: [
    "  # aws_instance.bastion (deposed object 0d1f2a3b) will be destroyed",
    "  # (because aws_instance.bastion is not in configuration)",
    '-   resource "aws_instance" "bastion" {',
    '-     id = "i-0abc" -> null',
    "    }",
    "",
    "  # aws_db_instance.orders must be replaced",
    '-+  resource "aws_db_instance" "orders" {',
    '!     engine_version = "13.4" -> "16.1" # forces replacement',
    "    }",
  ],
  diagnostics: [
    {
      severity: "warning",
      summary: "Argument is deprecated",
      detail: "Use `storage_encrypted` of the cluster instead.",
      file: "db.tf",
      line: 14,
      address: "aws_db_instance.orders",
    },
  ],
  policies: [
    { name: "no-public-buckets", kind: "policy-check", outcome: "passed", text: "" },
    { name: "Snyk", kind: "run-task", outcome: "advisory-failed", text: "2 medium issues\n" },
  ],
  cost: { before: "412.10", after: "398.55", delta: "-13.55", matched: 4, total: 9 },
});

export const noChanges = report({
  verdict: "no-changes",
  counts: NO_COUNTS,
  plan: plan([resource("aws_vpc.main", { action: "no-op" })]),
  notes: [
    "This server does not keep the run's message; the run is bound to this pull request by the digest of its archive.",
  ],
});

export const errored = report({
  verdict: "errored",
  target: {
    hostname: "otf.example.com",
    organization: "acme",
    workspace: "network-prod",
    directory: ".",
    label: "nightly",
  },
  failure: {
    reason: "run-errored",
    message:
      "The plan of run-CZcmD7eagjhyX0vN failed with 2 errors. Correct the configuration at the places below and push again; nothing was changed on the server.",
  },
  diagnostics: [
    {
      severity: "error",
      summary: "Reference to undeclared input variable",
      detail:
        'An input variable with the name "regoin" has not been declared. Did you mean "region"?\n\nThis variable can be declared with a variable "regoin" {} block.',
      file: "main.tf",
      line: 3,
      endLine: 3,
      snippet: 'on main.tf line 3, in provider "aws":\n   3:   region = var.regoin',
    },
    {
      severity: "error",
      summary: "Invalid count argument",
      detail: "",
      address: "aws_subnet.b",
      file: "modules/net/subnets.tf",
      line: 40,
    },
    { severity: "warning", summary: "Deprecated attribute", detail: "Use another one." },
  ],
});

export const policyFailed = report({
  ...createOnly,
  verdict: "policy-failed",
  failure: {
    reason: "policy",
    message:
      "The policy check failed: 1 mandatory policy said no. Change the configuration, or ask an owner of the organization to override it on the server.",
  },
  policies: [
    { name: "allowed-regions", kind: "policy-evaluation", outcome: "passed", text: "" },
    {
      name: "require-tags",
      kind: "policy-evaluation",
      outcome: "failed",
      text: "aws_vpc.main: missing tag `owner`\n```\ntrace: line 12\n```",
    },
  ],
});

const many = Array.from({ length: 4000 }, (_, i) =>
  resource(`module.fleet.aws_instance.node[${i}]`, { action: i % 4 === 0 ? "delete" : "create" }),
);

export const huge = report({
  counts: { ...NO_COUNTS, add: 3000, destroy: 1000 },
  plan: plan(
    many,
    Array.from({ length: 500 }, (_, i) => output(`ip_${i}`, "create")),
  ),
  planLines: many.flatMap(({ address }) => [
    `  # ${address} will be created`,
    '+   resource "aws_instance" "node" {',
    '+     ami = "ami-1"',
    "    }",
    "",
  ]),
  archiveLines: ["12 files, 34,112 bytes", "left out by .terraformignore: 3 files"],
});
