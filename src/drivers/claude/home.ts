/** It needs none: address and key of the gateway are variables it reads. */
export function home(): Readonly<Record<string, string>> {
  return {};
}
