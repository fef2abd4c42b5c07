/** Keys that change what an entry is in some programs and not in others. */
const DOUBTFUL_KEYS = /^(?:mode|GNU\.sparse\..*)$/;

/**
 * What is doubtful about the content of an extended header, a list of `LENGTH KEY=VALUE` lines, or of a GNU long name;
 * `undefined` for nothing. The package splits the list at line ends, Go's archive/tar by the lengths: a value with a line
 * end in it could be another path to the one than to the other.
 */
export function metaFault(text: string): string | undefined {
  const records = extendedRecords(Buffer.from(text));
  if (records === undefined) {
    return text.includes("\n") ? "a header whose lengths are wrong" : undefined;
  }
  const keys = records.map(({ key }) => key);
  if (new Set(keys).size < keys.length) return "an attribute that is given twice";
  if (records.some(({ value }) => /[\n\0]/.test(value))) return "an attribute with a line end in it";
  const doubtful = keys.find((key) => DOUBTFUL_KEYS.test(key));
  return doubtful === undefined ? undefined : `the attribute ${doubtful}`;
}

type ExtendedRecord = { key: string; value: string };

/** The records as their lengths say; `undefined` when it is no such list. */
function extendedRecords(bytes: Buffer): ExtendedRecord[] | undefined {
  const records: ExtendedRecord[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [, digits] = /^([1-9]\d{0,6}) /.exec(bytes.toString("latin1", at, at + 8)) ?? [];
    if (digits === undefined) return undefined;
    const end = at + Number(digits);
    const record = bytes.toString("utf8", at + digits.length + 1, end - 1);
    const equals = record.indexOf("=");
    if (end > bytes.length || bytes[end - 1] !== 0x0a || equals < 1) return undefined;
    records.push({ key: record.slice(0, equals), value: record.slice(equals + 1) });
    at = end;
  }
  return records;
}
