/** What every refusal says in its head: JSON, and not to ask again. The clients built by Stainless obey the second. */
export function refusalHeaders(): Readonly<Record<string, string>> {
  return { 'content-type': 'application/json', 'x-should-retry': 'false' };
}
