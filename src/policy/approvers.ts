/**
 * Reads who may sign decisions with which key: a file in the form of `allowed_signers` of OpenSSH (ssh-keygen(1), ALLOWED
 * SIGNERS), so that `ssh-keygen -Y verify` reads the same one. Pure. What cannot be read is an error and not a line less:
 * the line could be the one that takes something away.
 */

export interface ApproverKey {
  /** To the letter; no patterns. */
  readonly names: readonly string[];
  /** `ssh-ed25519`. Others are read, and no signature of theirs counts. */
  readonly type: string;
  /** Base64, as written. */
  readonly key: string;
}

/** In the repository; read from the base revision alone. */
export const APPROVERS_FILE = '.loopwright/approvers';

const NAMESPACE = 'loopwright';
const KEY_TYPE = /^(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+$/;
const BASE64 = /^[A-Za-z0-9+/]{40,}={0,2}$/;

export type ApproversReading =
  | { readonly ok: true; readonly keys: readonly ApproverKey[] }
  | { readonly ok: false; readonly line: number; readonly problem: string };

/** Words between blanks; quotes hold blanks together and are taken off. null: a quote is not closed. */
function wordsOf(line: string): readonly string[] | null {
  const words = line.match(/(?:"[^"]*"|[^\s"])+/g) ?? [];
  return (line.match(/"/g)?.length ?? 0) % 2 === 0 ? words : null;
}

function unquoted(word: string): string {
  return word.replaceAll('"', '');
}

/** Whether the options let the key sign decisions; a sentence where they say what is not understood here. */
function optionsProblem(word: string): { readonly counts: boolean } | string {
  const namespaces = /^namespaces=("?)([^"]*)\1$/i.exec(word);
  if (namespaces === null)
    return `the option ${JSON.stringify(word)} is not read here; only \`namespaces="${NAMESPACE}"\` is`;
  return { counts: (namespaces[2] ?? '').split(',').includes(NAMESPACE) };
}

/** null: the line is for other uses of the key. */
function keyOf(words: readonly string[]): ApproverKey | null | string {
  const [principals = '', ...rest] = words;
  const names = unquoted(principals).split(',');
  if (names.some((name) => name === '' || /[*?!]/.test(name))) return 'write plain names, without patterns: `ann,bob`';
  const at = rest.findIndex((word) => KEY_TYPE.test(word));
  const [type, key] = [rest[at], rest[at + 1]];
  if (at > 1) return 'more than one word of options; put them into one, without blanks';
  if (type === undefined || key === undefined || !BASE64.test(key)) {
    return 'expected NAME[,NAME] KEYTYPE KEY, such as `ann ssh-ed25519 AAAAC3...`';
  }
  const options = at === 0 ? { counts: true } : optionsProblem(rest[0] ?? '');
  if (typeof options === 'string') return options;
  return options.counts ? { names, type, key } : null;
}

export function parseApprovers(text: string): ApproversReading {
  const keys: ApproverKey[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const words = wordsOf(line);
    const key = words === null ? 'a quote is not closed' : keyOf(words);
    if (typeof key === 'string') return { ok: false, line: index + 1, problem: key };
    if (key !== null) keys.push(key);
  }
  return { ok: true, keys };
}
