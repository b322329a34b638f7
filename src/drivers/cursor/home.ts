/** Never used: its own login, which is in its own home, is the only one it has. */
export function home(): Readonly<Record<string, string>> {
  return {};
}
