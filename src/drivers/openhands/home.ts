/** It needs none: with `--override-with-envs` its model, address and key are variables. */
export function home(): Readonly<Record<string, string>> {
  return {};
}
