/** The value below which the share `q` (0 to 1) of the figures lies. */
export function quantile(figures: number[], q: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1));
  return sorted[at] ?? Number.NaN;
}

export const median = (figures: number[]): number => quantile(figures, 0.5);

/** Prints rows under a heading as a Markdown table; numbers with `digits` decimals. */
export function printTable(heading: string[], rows: (string | number)[][], digits = 0): void {
  const text = (cell: string | number) => (typeof cell === "number" ? cell.toFixed(digits) : cell);
  console.log(`| ${heading.join(" | ")} |\n|${heading.map(() => "---|").join("")}`);
  for (const row of rows) console.log(`| ${row.map(text).join(" | ")} |`);
}
