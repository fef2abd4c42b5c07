/** What the environment of the binary has beyond that of the step. */
export type Preparation = {
  /** The token of the host that the configuration names, in the variable that the CLI reads; others for that host are dropped. */
  token?: { variable: string; value: string; instead: string[] };
  /** TF_WORKSPACE; `""` removes it. */
  workspace?: string;
  /** Further variables, such as TF_CLOUD_ORGANIZATION. */
  more?: Readonly<Record<string, string>>;
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Variables that are the step's own: inputs hold its tokens, and whatever else runs inside of the CLI must write neither the
 * outputs and the state of this step nor the environment of the next.
 */
const OWN = /^(?:INPUT_|STATE_|GITHUB_(?:OUTPUT|STATE|ENV|PATH|STEP_SUMMARY)$|GITHUB_ACTION_PATH$)/i;

/** The environment of the step without its inputs, its state and the files that it writes to. */
export function withoutOwn(given: Environment): Environment {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !OWN.test(name)));
}

/** The environment to run the CLI in: that of the step, so that providers find theirs, prepared so that nothing asks. */
export function cliEnvironment(
  given: Environment,
  { token, workspace, more }: Preparation,
): Record<string, string | undefined> {
  const dropped = new Set(token?.instead);
  const kept = Object.entries(withoutOwn(given)).filter(([name]) => !dropped.has(name));
  const { NODE_EXTRA_CA_CERTS: certificates, SSL_CERT_FILE: own } = given;
  return {
    ...Object.fromEntries(kept),
    TF_IN_AUTOMATION: given["TF_IN_AUTOMATION"] || "true",
    TF_INPUT: "0",
    // What this action trusts, the CLI trusts; the system's own certificates are in SSL_CERT_DIR.
    ...(certificates && !own && { SSL_CERT_FILE: certificates }),
    // Terraform minds that it is there at all.
    ...(workspace !== undefined && { TF_WORKSPACE: workspace === "" ? undefined : workspace }),
    ...more,
    ...(token !== undefined && { [token.variable]: token.value }),
  };
}
