/** Whether people who are asked can answer: keys of those whose signatures the policy wants, and a way to tell them. */
import type { LoopwrightError } from '../core/errors.ts';
import { isLoopwrightError } from '../core/errors.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import type { BaseReader } from '../ports/workspace.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface PeopleLine {
  readonly level: 'ok' | 'note' | 'bad';
  readonly what: string;
  readonly words: string;
  readonly next: string | null;
}

function broken(what: string, { message, code, next }: LoopwrightError): PeopleLine {
  return { level: 'bad', what, words: `${message} [${code}]`, next };
}

const KEYS_NEXT =
  'Add a line for each to `approvers` (docs/people.md); `loopwright approve RUN` prints that of its operator.';

/** Names that zones let approve, each once. */
function namedIn({ risk }: ResolvedPolicy): readonly string[] {
  return [...new Set(risk.flatMap(({ from }) => from ?? []))];
}

async function approverLine(policy: ResolvedPolicy, env: Environment, base: BaseReader): Promise<PeopleLine> {
  const { loadApprovers } = await import('../policy/load-approvers.ts');
  const { KEY_TYPE } = await import('../signing/index.ts');
  const { keys, source } = await loadApprovers(env, base);
  const known = new Set(keys.filter(({ type }) => type === KEY_TYPE).flatMap(({ names }) => names));
  const names = namedIn(policy);
  const without = names.filter((name) => !known.has(name));
  const what = 'approvers';
  const from = source === null ? 'no file of keys' : `${known.size} names with a key in ${source}`;
  if (policy.approvals?.signed !== true) {
    const words = names.length === 0 ? 'anybody, unsigned' : `${names.join(', ')}, unsigned`;
    return { level: 'ok', what, words: `${words}; ${from}`, next: null };
  }
  if (known.size === 0)
    return {
      level: 'bad',
      what,
      words: `the policy wants signatures, and nobody has a key (${from})`,
      next: KEYS_NEXT,
    };
  if (without.length > 0)
    return {
      level: 'bad',
      what,
      words: `the policy wants signatures, and there is no key for ${without.join(', ')}`,
      next: KEYS_NEXT,
    };
  return { level: 'ok', what, words: `signed; ${from}`, next: null };
}

async function senderLine(env: Environment): Promise<PeopleLine> {
  const { loadNotifyCommand } = await import('../policy/load-notifier.ts');
  const argv = await loadNotifyCommand(env);
  const what = 'reminders';
  if (argv !== null) return { level: 'ok', what, words: `sent by ${argv[0]}`, next: null };
  const next = 'Name a command in notify.yaml of this host, or send what it prints (docs/people.md).';
  return { level: 'note', what, words: 'no command of this host sends them: `loopwright remind` prints', next };
}

/** Never rejects for what is an operational failure: that is a line. */
export async function examinePeople(
  policy: ResolvedPolicy,
  env: Environment,
  base: BaseReader,
): Promise<readonly PeopleLine[]> {
  const tried = [
    { what: 'approvers', line: () => approverLine(policy, env, base) },
    { what: 'reminders', line: () => senderLine(env) },
  ];
  return Promise.all(
    tried.map(({ what, line }) =>
      line().catch((error: unknown) => {
        if (isLoopwrightError(error)) return broken(what, error);
        throw error;
      }),
    ),
  );
}
