import { Failure } from "../../../failure.ts";
import { EvaluationError } from "../evaluation-error.ts";
import type { Value } from "../values.ts";
import type { FunctionTable } from "./arguments.ts";
import { COLLECTION_FUNCTIONS } from "./collections.ts";
import { CONVERSION_FUNCTIONS } from "./conversions.ts";
import { ENCODING_FUNCTIONS } from "./encoding.ts";
import { type FilePlace, fileFunctions } from "./files.ts";
import { FORMAT_FUNCTIONS } from "./format.ts";
import { MAPPING_FUNCTIONS } from "./mappings.ts";
import { NUMBER_FUNCTIONS } from "./numbers.ts";
import { REGEXP_FUNCTIONS } from "./regexp.ts";
import { SEQUENCE_FUNCTIONS } from "./sequences.ts";
import { callFunction } from "./signature.ts";
import { STRING_FUNCTIONS } from "./strings.ts";

/** Functions of OpenTofu that are not evaluated here; the server does when it runs. */
const ELSEWHERE = new Set(
  (
    "assumeequal assumelistlength assumelistlengthmax assumelistlengthmin assumemaplength assumemaplengthmax assumemaplengthmin " +
    "assumenotnull assumesetlength assumesetlengthmax assumesetlengthmin assumestringprefix base64gzip base64gunzip bcrypt cidrcontains " +
    "cidrhost cidrnetmask cidrsubnet cidrsubnets convert csvdecode ephemeralasnull filebase64 filebase64sha256 filebase64sha512 filemd5 " +
    "fileset filesha1 filesha256 filesha512 formatdate matchkeys plantimestamp rsadecrypt setproduct templatefile templatestring " +
    "textdecodebase64 textencodebase64 timeadd timecmp timestamp transpose uuid uuidv5 yamldecode yamlencode"
  ).split(" "),
);

/** Calls a function by name. */
export type CallFunction = (name: string, args: readonly Value[]) => Value;

/** The functions that expressions may call. */
export function functionsIn(place: FilePlace): CallFunction {
  const table: FunctionTable = {
    ...COLLECTION_FUNCTIONS,
    ...CONVERSION_FUNCTIONS,
    ...ENCODING_FUNCTIONS,
    ...FORMAT_FUNCTIONS,
    ...MAPPING_FUNCTIONS,
    ...NUMBER_FUNCTIONS,
    ...REGEXP_FUNCTIONS,
    ...SEQUENCE_FUNCTIONS,
    ...STRING_FUNCTIONS,
    ...fileFunctions(place),
  };
  return (written, args) => {
    const name = written.replace(/^core::/, "");
    const found = Object.hasOwn(table, name) ? table[name] : undefined;
    if (found !== undefined) return callFunction(name, found, args);
    if (ELSEWHERE.has(name)) throw notHere(name);
    throw new EvaluationError("Call to unknown function", `There is no function named "${name}".`);
  };
}

function notHere(name: string): Failure {
  return new Failure(
    "configuration",
    `Unsupported function: this action does not evaluate ${name}() in the settings of a backend. Set the input hostname, organization or workspace to the value instead.`,
  );
}
