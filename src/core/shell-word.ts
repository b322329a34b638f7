/** One word of a POSIX shell, whatever is in it: names of branches and paths may hold what a shell would run. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
