/** A job for `inside.ts`, sent into a sandbox; and its answer, of which nothing is believed that does not have the right form. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DatabaseKind } from '../core/migration.ts';
import type { ResourceLimits } from '../core/resource.ts';
import { NODE_INSIDE, type FinishedProcess, type Mount, type Sandbox } from '../ports/sandbox.ts';
import type { JobPhase, PhaseAnswer, SentJob } from './job-shape.ts';

/** Time for a database that only runs SQL, ms: starting PostgreSQL takes a few seconds on a slow machine. */
const SQL_MS = 180_000;
/** The same where commands of the repository run, each of which starts a framework. Ms. */
const COMMANDS_MS = 900_000;
/** Four schemas of the largest size that is compared, and their quotes. */
const OUTPUT_BYTES = 160 * 1024 * 1024;

/** Where the database is inside. */
const DATABASE_INSIDE = '/tmp/loopwright-migrations';
/** Of PostgreSQL; free, because the network of the sandbox is its own. */
const PORT = 5432;

export interface Job {
  readonly database: DatabaseKind;
  readonly bookkeeping: readonly string[];
  /** That the server of PostgreSQL has beside its own. */
  readonly roles: readonly string[];
  readonly phases: readonly JobPhase[];
  /** For steps that are commands. */
  readonly place?: { readonly mounts: readonly Mount[]; readonly cwd: string };
  readonly env: Readonly<Record<string, string>>;
  readonly resources: ResourceLimits | undefined;
}

export type JobAnswer =
  | { readonly kind: 'answered'; readonly phases: readonly PhaseAnswer[] }
  /** Nothing is known; why, in words. */
  | { readonly kind: 'none'; readonly reason: string };

function insideSource(): string {
  const fromSources = import.meta.url.endsWith('.ts');
  const source = readFileSync(new URL(fromSources ? './inside.ts' : './inside.js', import.meta.url), 'utf8');
  return fromSources ? stripTypeScriptTypes(source) : source;
}

function isPhase(value: unknown): value is PhaseAnswer {
  if (typeof value !== 'object' || value === null) return false;
  const { name, failed, schema } = value as Record<string, unknown>;
  if (typeof name !== 'string' || typeof schema !== 'string' || typeof failed !== 'object') return false;
  if (failed === null) return true;
  const { id, statement, message } = failed as Record<string, unknown>;
  return typeof id === 'string' && typeof statement === 'number' && typeof message === 'string';
}

/** One line of JSON with the number that was sent along; more than one is somebody else's writing. */
export function readAnswer(stdout: string, nonce: string, phases: readonly JobPhase[]): JobAnswer {
  const none = (reason: string): JobAnswer => ({ kind: 'none', reason });
  let answer: unknown;
  try {
    answer = JSON.parse(stdout);
  } catch (error) {
    if (error instanceof SyntaxError) return none('what tried it gave no answer that can be read');
    throw error;
  }
  const { nonce: sent, absent, phases: seen } = (answer ?? {}) as Record<string, unknown>;
  if (sent !== nonce) return none('what tried it gave an answer that is not its own');
  if (typeof absent === 'string') return none(absent);
  if (!Array.isArray(seen) || !seen.every(isPhase)) return none('what tried it gave no answer that can be read');
  const inOrder = seen.every(({ name }, index) => name === phases[index]?.name);
  const isWhole = seen.length === phases.length || (seen.at(-1)?.failed ?? null) !== null;
  return inOrder && isWhole && seen.length > 0
    ? { kind: 'answered', phases: seen }
    : none('what tried it left phases out');
}

function endWords({ end, stderr }: FinishedProcess): string | null {
  if (end.kind === 'exited' && end.code === 0) return null;
  if (end.kind === 'exited') return `what tried it broke: ${Buffer.from(stderr).toString('utf8').trim().slice(-300)}`;
  if (end.kind === 'wall-time') return 'it did not end in time';
  if (end.kind === 'output-limit') return 'it wrote more than is read';
  return end.kind === 'resource' ? `it took more ${end.resource} than the policy allows` : `it was ended (${end.kind})`;
}

interface Site {
  readonly node: string;
  readonly mounts: readonly Mount[];
  /** Not there yet. */
  readonly directory: string;
  readonly cwd: string;
}

/** `own`: a directory of this machine for a sandbox that mounts nothing; else the database is in memory and goes with the sandbox. */
function siteOf(place: Job['place'], own: string | null): Site {
  const mounts = place?.mounts ?? [];
  if (own !== null) return { node: process.execPath, mounts, directory: path.join(own, 'db'), cwd: place?.cwd ?? own };
  const node: Mount = { kind: 'read-only', source: process.execPath, target: NODE_INSIDE };
  return { node: NODE_INSIDE, mounts: [...mounts, node], directory: DATABASE_INSIDE, cwd: place?.cwd ?? '/tmp' };
}

/** Rejects with `LW_SANDBOX_LAUNCH` and `LW_SANDBOX_UNAVAILABLE` alone. */
export async function runJob(sandbox: Sandbox, job: Job, signal: AbortSignal): Promise<JobAnswer> {
  const { database, bookkeeping, roles, phases, place, env, resources } = job;
  const nonce = randomBytes(16).toString('hex');
  // Without a sandbox nothing is mounted either.
  const isReal = sandbox.places === 'real' || sandbox.network === 'host';
  const own = isReal ? await mkdtemp(path.join(tmpdir(), 'loopwright-migrations-')) : null;
  const { node, mounts, directory, cwd } = siteOf(place, own);
  const port = place !== undefined && sandbox.network === 'own' ? PORT : null;
  const sent: SentJob = { nonce, database, directory, port, bookkeeping, roles, phases };
  try {
    const finished = await sandbox.launch(
      {
        argv: [node, '--no-warnings', '--input-type=module', '--eval', insideSource()],
        cwd,
        env,
        mounts,
        stdin: Buffer.from(JSON.stringify(sent)),
        limits: {
          wallTimeMs: place === undefined ? SQL_MS : COMMANDS_MS,
          idleMs: 'unlimited',
          outputBytes: OUTPUT_BYTES,
          keepBytes: OUTPUT_BYTES,
          ...(resources === undefined ? {} : { resources }),
        },
      },
      signal,
    ).finished;
    const broken = endWords(finished);
    if (broken !== null) return { kind: 'none', reason: broken };
    return readAnswer(Buffer.from(finished.stdout).toString('utf8'), nonce, phases);
  } finally {
    if (own !== null) await rm(own, { recursive: true, force: true });
  }
}
