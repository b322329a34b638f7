/**
 * What squawk says of a migration for PostgreSQL, where the machine has it; nobody here installs it. It reads what an agent
 * wrote, so it runs in the sandbox. Form of its answer: `--reporter json` of version 2, a list with lines from 0; rules:
 * https://squawkhq.com/docs/rules.
 */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import type { Sandbox } from '../ports/sandbox.ts';
import type { LintSighting } from './lint.ts';

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

/** Whether there is one to be started, by the host's PATH. */
export function hasSquawk(searchPath: string | undefined): boolean {
  return (searchPath ?? '').split(':').some((directory) => {
    try {
      accessSync(path.join(directory, 'squawk'), constants.X_OK);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error) return false;
      throw error;
    }
  });
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

/** Empty for what is no such list: it adds to what is known, and nothing rests on it. */
export function readSquawk(output: string): readonly LintSighting[] {
  let listed: unknown;
  try {
    listed = JSON.parse(output);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
  if (!Array.isArray(listed)) return [];
  return listed.filter(isViolation).flatMap(({ line, rule_name: rule, message }): readonly LintSighting[] => {
    if (!RULES.has(rule)) return [];
    const words = message.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_MESSAGE);
    return [{ detector: 'migration-locks', line: line + 1, message: `squawk says (${rule}): ${words}` }];
  });
}

/** Lines count within the text. Rejects only where the sandbox does. */
export async function askSquawk(sandbox: Sandbox, sql: string): Promise<readonly LintSighting[]> {
  const { end, stdout } = await sandbox.launch(
    {
      argv: ['squawk', '--reporter', 'json'],
      cwd: '/tmp',
      env: {},
      mounts: [],
      stdin: Buffer.from(sql),
      limits: LIMITS,
    },
    new AbortController().signal,
  ).finished;
  // It ends with 1 where it has something to say.
  return end.kind === 'exited' ? readSquawk(Buffer.from(stdout).toString('utf8')) : [];
}
