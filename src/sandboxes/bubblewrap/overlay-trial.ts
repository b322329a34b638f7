/** Whether an overlay works here, by making one and looking at what it did. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLoopwrightError } from '../../core/errors.ts';
import { hasSystemCode } from '../../core/system-code.ts';
import type { FinishedProcess, LaunchSpec } from '../../ports/sandbox.ts';

/** Longest a trial may take, in ms. It takes some 25. */
const TRIAL_MS = 20_000;

/** Reads through, replaces, removes and creates: what a checkout does all day. */
const TRIAL = 'test "$(cat kept)" = below && echo above > kept && rm gone && mkdir made && mv kept made/moved';

function unlessAbsent(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if (!hasSystemCode(error, 'ENOENT')) throw error;
  }
}

/** Name by name: nothing is ever deleted here that this file did not make. */
function emptyAndRemove(root: string): void {
  for (const name of ['lower/kept', 'lower/gone', 'upper/made/moved', 'upper/kept', 'upper/gone']) {
    unlessAbsent(() => unlinkSync(join(root, name)));
  }
  for (const name of ['work/work', 'work/index']) {
    const path = join(root, name);
    if (!existsSync(path)) continue;
    // The kernel leaves these unreadable, with its white-outs (`#1a`) still in them.
    chmodSync(path, 0o700);
    for (const left of readdirSync(path)) unlinkSync(join(path, left));
    rmdirSync(path);
  }
  for (const name of ['upper/made', 'lower', 'upper', 'work']) unlessAbsent(() => rmdirSync(join(root, name)));
  rmdirSync(root);
}

export async function overlayWorks(
  run: (spec: LaunchSpec, signal: AbortSignal) => Promise<FinishedProcess>,
): Promise<boolean> {
  const root = mkdtempSync(join(tmpdir(), 'loopwright-overlay-'));
  const [lower, upper, work] = [join(root, 'lower'), join(root, 'upper'), join(root, 'work')];
  try {
    for (const directory of [lower, upper, work]) mkdirSync(directory);
    for (const name of ['kept', 'gone']) writeFileSync(join(lower, name), 'below\n');
    const spec: LaunchSpec = {
      argv: ['/bin/sh', '-c', TRIAL],
      cwd: '/workspace',
      env: {},
      mounts: [{ kind: 'overlay', lower: [lower], upper, work, target: '/workspace' }],
      stdin: null,
      limits: { wallTimeMs: TRIAL_MS, idleMs: 'unlimited', outputBytes: 'unlimited', keepBytes: 4_096 },
    };
    const { end } = await run(spec, new AbortController().signal);
    if (end.kind !== 'exited' || end.code !== 0) return false;
    const untouched = readFileSync(join(lower, 'kept'), 'utf8') === 'below\n' && existsSync(join(lower, 'gone'));
    return untouched && readFileSync(join(upper, 'made/moved'), 'utf8') === 'above\n';
  } catch (error) {
    // The trial is the question; that the mount is refused is the answer.
    if (isLoopwrightError(error, 'LW_SANDBOX_LAUNCH')) return false;
    throw error;
  } finally {
    emptyAndRemove(root);
  }
}
