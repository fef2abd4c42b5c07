// biome-ignore-all lint/suspicious/noTemplateCurlyInString: interpolations of HCL are the subject here
import fc from "fast-check";

const FORMS = [
  ...["default", "tfvars", "auto", "json-auto", "environment", "argument"],
  ...["local", "template", "conditional", "function", "chain", "number", "list"],
  ...["undeclared", "unset", "resource", "module", "sensitive", "circular"],
] as const;

/** How a text is expressed; the last ones have no value. */
export type Form = (typeof FORMS)[number] | "literal";

export const form: fc.Arbitrary<Form> = fc.constantFrom<Form>(...Array<Form>(20).fill("literal"), ...FORMS);

/** An expression, and what gives it its value. */
export type Expressed = {
  expression: string;
  files?: Record<string, string>;
  environment?: Record<string, string>;
  variables?: string[];
};

/** An expression for a text; `name` tells its variables and files from those of others. */
export function expressed(name: string, value: string, how: Form): Expressed {
  const text = JSON.stringify(value);
  const variable = (more: string) => ({ [`${name}.tf`]: `variable "${name}" {\n${more}\n}\n` });
  const local = (expression: string) => ({ [`${name}.tf`]: `locals {\n${name} = ${expression}\n}\n` });
  const ours = `var.${name}`;
  switch (how) {
    case "default":
      return { expression: ours, files: variable(`default = ${text}`) };
    case "tfvars":
      return {
        expression: ours,
        files: { ...variable("type = string"), "terraform.tfvars.json": JSON.stringify({ [name]: value }) },
      };
    case "auto":
      return {
        expression: ours,
        files: { ...variable('default = "x"'), [`${name}.auto.tfvars`]: `${name} = ${text}\n` },
      };
    case "json-auto":
      return {
        expression: ours,
        files: { ...variable(""), [`${name}.auto.tfvars.json`]: JSON.stringify({ [name]: value }) },
      };
    case "environment":
      return {
        expression: ours,
        files: variable("type = string\nnullable = false"),
        environment: { [`TF_VAR_${name}`]: value },
      };
    case "argument":
      return { expression: ours, files: variable('default = "x"'), variables: [`${name}=${value}`] };
    case "local":
      return { expression: `local.${name}`, files: local(text) };
    case "template":
      return { expression: `"\${local.${name}}\${""}"`, files: local(text) };
    case "conditional":
      return { expression: `local.${name} != "" ? local.${name} : "x"`, files: local(text) };
    case "function":
      return {
        expression: `lower(${ours})`,
        files: variable(`default = ${JSON.stringify(value.toUpperCase())}`),
      };
    case "chain":
      return {
        expression: `local.${name}`,
        files: {
          [`${name}.tf`]: `locals {\n${name} = local.${name}_2["k"]\n${name}_2 = { k = ${text} }\n}\n`,
        },
      };
    case "number":
      return { expression: "40 + 2" };
    case "list":
      return { expression: `[${text}]` };
    case "unset":
      return { expression: ours, files: variable("type = string") };
    case "sensitive":
      return { expression: ours, files: variable(`default = ${text}\nsensitive = true`) };
    case "circular":
      return { expression: `local.${name}`, files: local(`local.${name}`) };
    case "resource":
      return { expression: "terraform_data.x.id" };
    case "module":
      return { expression: "module.x.y" };
    default:
      return { expression: "var.nothing" };
  }
}
