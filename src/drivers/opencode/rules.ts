/** The policy in opencode's own permissions. The last pattern that matches wins, and its star also matches a slash. */
import type { CallPermissions } from '../definition.ts';
import { fence } from '../fence.ts';
import type { Fenced } from '../fence.ts';

type Patterns = Readonly<Record<string, 'allow' | 'deny'>>;

function commandPatterns({ words, exact }: Extract<Fenced, { kind: 'command' }>): readonly string[] {
  const line = words.join(' ');
  return exact ? [line] : [line, `${line} *`];
}

/** As the agent may name it: relative, or from the root. */
function pathPatterns(glob: string): readonly string[] {
  const star = glob.replaceAll(/\*+/gu, '*');
  return [star, `*/${star}`];
}

function denying(patterns: readonly string[]): Patterns | undefined {
  if (patterns.length === 0) return undefined;
  return { '*': 'allow', ...Object.fromEntries(patterns.map((pattern) => [pattern, 'deny' as const])) };
}

/** For `permission` of its configuration; null where there is nothing to say. */
export function rules({ rules: written }: CallPermissions): Readonly<Record<string, Patterns | 'deny'>> | null {
  const { denied } = fence(written);
  if (denied.length === 0) return null;
  const paths = (...kinds: readonly Fenced['kind'][]): readonly string[] =>
    denied.flatMap((one) => ('glob' in one && kinds.includes(one.kind) ? pathPatterns(one.glob) : []));
  const bash = denying(denied.flatMap((one) => (one.kind === 'command' ? commandPatterns(one) : [])));
  // What may not be read may not be written either: writing back what was read would show it.
  const edit = denying(paths('edit', 'read'));
  const read = denying(paths('read'));
  return {
    ...(bash === undefined ? {} : { bash }),
    ...(edit === undefined ? {} : { edit }),
    ...(read === undefined ? {} : { read }),
    // It knows hosts only as parts of addresses: one that is denied takes the tool.
    ...(denied.some(({ kind }) => kind === 'host') ? { webfetch: 'deny' as const } : {}),
  };
}
