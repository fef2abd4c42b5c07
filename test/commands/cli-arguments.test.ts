import { expect, test } from "vitest";
import { initOption } from "../../src/commands/target/cli-arguments.ts";

test.each<[Record<string, string>, string[]]>([
  [{}, []],
  [{ TF_CLI_ARGS_init: "-backend-config=prod.tfbackend" }, ["prod.tfbackend"]],
  [{ TF_CLI_ARGS_init: "-input=false --backend-config=a=b  -backend-config c" }, ["a=b", "c"]],
  [{ TF_CLI_ARGS: "-backend-config=all", TF_CLI_ARGS_init: "-backend-config=init" }, ["init", "all"]],
  [{ TF_CLI_ARGS_plan: "-backend-config=plan" }, []],
  [{ TF_CLI_ARGS_init: "-backend-config=" }, []],
  [
    { TF_CLI_ARGS_init: "-backend-config=\"a b/c.tfbackend\" '-backend-config=d e'" },
    ["a b/c.tfbackend", "d e"],
  ],
  [{ TF_CLI_ARGS_init: '-backend-config="token=a\\"b" -backend-config=x\\ y' }, ['token=a"b', "x y"]],
  [{ TF_CLI_ARGS_init: "-no-backend-config=x backend-config=y" }, []],
])("%j: %j", (environment, expected) => {
  expect(initOption("backend-config", environment)).toEqual(expected);
});
