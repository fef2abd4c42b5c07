import type { Page, Resource } from "./json-api.ts";

/**
 * Reads a list page by page, from the first one on, each only when it is asked for. A next page that does not come after
 * this one ends the list, whatever a server says.
 */
export async function* readPages(
  readPage: (page: number) => Promise<Page>,
): AsyncGenerator<{ page: number; resources: Resource[] }> {
  for (let page: number | undefined = 1; page !== undefined; ) {
    const { resources, nextPage } = await readPage(page);
    yield { page, resources };
    page = nextPage !== undefined && nextPage > page ? nextPage : undefined;
  }
}
