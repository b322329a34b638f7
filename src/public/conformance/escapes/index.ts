/**
 * A hundred attempts to get out of a sandbox, each in a real one. Run it with the test framework at hand:
 *
 *     escapeConformance({ describe, it, expect }, { name, create: (env) => createMine(env), open: create unconfined });
 *
 * Needs Linux with perl, bash, coreutils and util-linux. Attempts that would get through where nothing confines are tried
 * there as well: an attempt that cannot get through anywhere proves nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaunchSpec, Sandbox } from '../../../ports/sandbox.ts';
import type { TestHarness } from '../harness.ts';
import { textOf, WORKSPACE } from '../sandbox-bench.ts';
import type { Attempt, Family } from './attempt.ts';
import { READS } from './files.ts';
import { FENCE } from './kernel.ts';
import { REACHES } from './network.ts';
import { LIVES } from './processes.ts';
import { setStage } from './stage.ts';
import type { Stage } from './stage.ts';
import { WRITES } from './writes.ts';

export type { Attempt } from './attempt.ts';

export const ATTEMPTS: readonly Attempt[] = [...READS, ...WRITES, ...REACHES, ...LIVES, ...FENCE];

export interface EscapeSubject {
  readonly name: string;
  /** A new sandbox on a machine with this environment. */
  create(hostEnvironment: Readonly<Record<string, string | undefined>>): Sandbox;
  /** Attempts this backend says it does not stop, by id, and why. They are tried, and have to get through. */
  readonly open?: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 60_000;

/** What an attempt said, both streams. */
async function attemptIn(sandbox: Sandbox, stage: Stage, workspace: string, attempt: Attempt): Promise<string> {
  const spec: LaunchSpec = {
    argv: ['/bin/sh', '-c', attempt.script],
    cwd: WORKSPACE,
    env: stage.env(),
    mounts: [{ kind: 'writable', source: workspace, target: WORKSPACE }],
    stdin: null,
    limits: { wallTimeMs: PATIENCE_MS, idleMs: 'unlimited', outputBytes: 'unlimited', keepBytes: 100_000 },
  };
  const { stdout, stderr } = await sandbox.launch(spec, new AbortController().signal).finished;
  return `${textOf(stdout)}${textOf(stderr)}`;
}

/** One stage for a family of attempts, each in a new sandbox. What was noticed, by the attempt that was noticed. */
async function tryAll(
  subject: EscapeSubject,
  all: readonly Attempt[],
): Promise<Readonly<Record<string, readonly string[]>>> {
  const root = await mkdtemp(join(tmpdir(), 'loopwright-escape-'));
  const noticed: Record<string, readonly string[]> = {};
  try {
    const stage = await setStage(root);
    const sandbox = subject.create(stage.hostEnvironment);
    try {
      for (const attempt of all) {
        const workspace = await mkdtemp(join(root, 'workspace-'));
        noticed[attempt.id] = stage.noticed(await attemptIn(sandbox, stage, workspace, attempt));
      }
    } finally {
      await stage.close();
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
  return noticed;
}

function families(all: readonly Attempt[]): readonly (readonly [Family, readonly Attempt[]])[] {
  const names = [...new Set(all.map(({ family }) => family))];
  return names.map((name) => [name, all.filter(({ family }) => family === name)]);
}

/** Every attempt in a sandbox that confines. */
export function escapeConformance({ describe, it, expect }: TestHarness, subject: EscapeSubject): void {
  const open = subject.open ?? {};
  describe(`escapes from ${subject.name}`, () => {
    for (const [family, all] of families(ATTEMPTS)) {
      it(`${all.length} attempts on ${family}`, async () => {
        const noticed = await tryAll(subject, all);
        const through = Object.entries(noticed).filter(([, signs]) => signs.length > 0);
        // What a backend says is open has to be: a gap that was closed is no longer one.
        expect(Object.keys(noticed).length).toBe(all.length);
        expect(through.filter(([id]) => open[id] === undefined)).toEqual([]);
        const stated = all.filter(({ id }) => open[id] !== undefined);
        expect(stated.filter(({ id }) => noticed[id]?.length === 0)).toEqual([]);
      });
    }
  });
}

/** The canary: where nothing confines, they get through. */
export function escapeCanary({ describe, it, expect }: TestHarness, unconfined: EscapeSubject): void {
  const asRoot = process.getuid?.() === 0;
  const harmless = ATTEMPTS.filter(({ outside }) => outside === 'anyone' || (outside === 'root' && asRoot));
  describe(`the same attempts where nothing confines (${unconfined.name})`, () => {
    for (const [family, all] of families(harmless)) {
      it(`${all.length} attempts on ${family} get through`, async () => {
        const noticed = await tryAll(unconfined, all);
        const blind = Object.entries(noticed).filter(([, signs]) => signs.length === 0);
        expect([Object.keys(noticed).length, blind]).toEqual([all.length, []]);
      });
    }
  });
}
