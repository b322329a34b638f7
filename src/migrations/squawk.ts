/**
 * What squawk says of a migration for PostgreSQL, where the machine has it; nobody here installs it. It reads what an agent
 * wrote, so it runs in the sandbox. Form of its answer: `--reporter json` of version 2 (2.70.0 was tried), a list with lines
 * from 0; it ends with 0 where it is empty and with 1 where not. Rules: https://squawkhq.com/docs/rules.
 */
import { accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Sandbox } from '../ports/sandbox.ts';
import type { LintSighting } from './found.ts';

/** Time for one file, ms, and what it may print, bytes. */
const LIMITS = { wallTimeMs: 30_000, idleMs: 'unlimited', outputBytes: 4 * 2 ** 20, keepBytes: 4 * 2 ** 20 } as const;

/** Rules on locks and rewrites. The others are taste, or about what is lost, which is seen here without it. */
const RULES: ReadonlySet<string> = new Set([
  'adding-field-with-default',
  'adding-foreign-key-constraint',
  'adding-not-nullable-field',
  'adding-required-field',
  'adding-serial-primary-key-field',
  'ban-alter-domain-with-add-constraint',
  'ban-concurrent-index-creation-in-transaction',
  'ban-create-domain-with-constraint',
  'changing-column-type',
  'constraint-missing-not-valid',
  'disallowed-unique-constraint',
  'require-concurrent-index-creation',
  'require-concurrent-index-deletion',
  'require-concurrent-partition-detach',
  'require-concurrent-reindex',
  'transaction-nesting',
]);

const MAX_MESSAGE = 200;

/** Where it is put inside, since where people install it is mostly not there. */
const INSIDE = '/run/loopwright/squawk';

/** A program that needs nothing beside it: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html. */
const ELF = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);

export interface SquawkProgram {
  /** On the host, behind all links. */
  readonly file: string;
  /** A script needs what lies beside it: it is started where it is, or not at all. */
  readonly isScript: boolean;
}

/** Its first bytes are read too, so that one which may only be started is none. */
function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK | constants.R_OK);
    return statSync(file).isFile();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

function beginsWith(file: string, bytes: Buffer): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const first = Buffer.alloc(bytes.length);
    readSync(descriptor, first);
    return first.equals(bytes);
  } finally {
    closeSync(descriptor);
  }
}

/** The one that the host's PATH finds; null: there is none to be started. */
export function findSquawk(searchPath: string | undefined): SquawkProgram | null {
  const places = (searchPath ?? '').split(':').map((directory) => path.join(directory, 'squawk'));
  const found = places.find((place) => path.isAbsolute(place) && isExecutable(place));
  if (found === undefined) return null;
  const file = realpathSync(found);
  return { file, isScript: !beginsWith(file, ELF) };
}

interface Violation {
  readonly line: number;
  readonly rule_name: string;
  readonly message: string;
}

function isViolation(value: unknown): value is Violation {
  if (typeof value !== 'object' || value === null) return false;
  const { line, rule_name: rule, message } = value as Record<string, unknown>;
  return Number.isInteger(line) && typeof rule === 'string' && typeof message === 'string';
}

/** `silent`: it says nothing of the text, or not of all of it, and why; null: what is not said is not there. */
export interface SquawkAnswer {
  readonly said: readonly LintSighting[];
  readonly silent: string | null;
}

const nothing = (silent: string): SquawkAnswer => ({ said: [], silent });

/** Of a text that it does not understand it says that, and no rule is looked at. */
export function readSquawk(output: string): SquawkAnswer {
  let listed: unknown;
  try {
    listed = JSON.parse(output);
  } catch (error) {
    if (error instanceof SyntaxError) return nothing('it gave no answer that can be read');
    throw error;
  }
  if (!Array.isArray(listed) || !listed.every(isViolation)) return nothing('it gave no answer that can be read');
  const words = ({ message }: Violation): string => message.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_MESSAGE);
  const unread = listed.find(({ rule_name: rule }) => rule === 'syntax-error');
  if (unread !== undefined) return nothing(`it does not understand line ${unread.line + 1} (${words(unread)})`);
  const said = listed.flatMap((one): readonly LintSighting[] => {
    const { line, rule_name: rule } = one;
    if (!RULES.has(rule)) return [];
    return [{ detector: 'migration-locks', line: line + 1, message: `squawk says (${rule}): ${words(one)}` }];
  });
  return { said, silent: null };
}

/** Comments by which a file silences it (https://squawkhq.com/docs/cli): whoever wrote the migration does not decide that. */
function unsilenced(sql: string): string {
  return sql.replaceAll(/squawk-ignore/gi, 'squawk_ignore');
}

export interface AskedSql {
  readonly text: string;
  /** Whether the tool runs it as one transaction. */
  readonly transaction: boolean;
}

/** Lines count within the text. No settings of the machine or the repository are read. Rejects only where the sandbox does. */
export async function askSquawk(
  sandbox: Sandbox,
  program: SquawkProgram,
  { text, transaction }: AskedSql,
  signal: AbortSignal,
): Promise<SquawkAnswer> {
  if (signal.aborted) return nothing('the run was stopped before it was asked');
  const inPlace = program.isScript || sandbox.places === 'real' || sandbox.network === 'host';
  const { end, stdout } = await sandbox.launch(
    {
      argv: [
        inPlace ? program.file : INSIDE,
        '--reporter',
        'json',
        '--config',
        '/dev/null',
        ...(transaction ? ['--assume-in-transaction'] : []),
      ],
      cwd: '/tmp',
      env: {},
      mounts: inPlace ? [] : [{ kind: 'read-only', source: program.file, target: INSIDE }],
      stdin: Buffer.from(unsilenced(text)),
      limits: LIMITS,
    },
    signal,
  ).finished;
  if (end.kind === 'not-found') return nothing('it is on the PATH of the host, and can not be started in the sandbox');
  if (end.kind !== 'exited') return nothing(`it was ended (${end.kind})`);
  // It ends with 1 where it has something to say, and where it broke.
  return end.code > 1 ? nothing(`it ended with ${end.code}`) : readSquawk(Buffer.from(stdout).toString('utf8'));
}
