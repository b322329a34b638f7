import { lstat, mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TurnResult } from '../../ports/driver.ts';
import { hostInSandbox } from '../../public/conformance/driver.ts';
import { createBubblewrapSandbox } from '../../sandboxes/bubblewrap/index.ts';
import { createScriptedDriver } from './index.ts';

const driver = createScriptedDriver();
let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'loopwright-scripted-test-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function turns(script: string, iterations: readonly number[], prompt = ''): Promise<readonly TurnResult[]> {
  const host = hostInSandbox(createBubblewrapSandbox({ hostEnvironment: process.env }), directory);
  const session = await driver.open(driver.options({ script }), host);
  const budget = { wallTimeMs: 30_000, idleMs: 30_000, outputBytes: 'unlimited' } as const;
  const results: TurnResult[] = [];
  for (const iteration of iterations) {
    results.push(await session.turn({ iteration, prompt, budget }, new AbortController().signal));
  }
  await session.close();
  return results;
}

/** One turn with these steps, in YAML. */
async function turn(...steps: readonly string[]): Promise<{ result: TurnResult; output: string }> {
  const [result] = await turns(`turns:\n  - [${steps.map((step) => `{ ${step} }`).join(', ')}]\n`, [1]);
  return { result: result!, output: Buffer.from(result!.output).toString() };
}

const inWorkspace = (file: string): string => path.join(directory, file);

describe('turns', () => {
  const said = (results: readonly TurnResult[]): string[] =>
    results.map((result) => Buffer.from(result.output).toString().trim());

  it('are chosen by the iteration, and the last one repeats', async () => {
    const script = 'turns:\n  - - say: one\n  - - say: two\n';
    expect(said(await turns(script, [1, 2, 3]))).toEqual(['one', 'two', 'two']);
    // A resumed run opens a new session in the middle.
    expect(said(await turns(script, [2]))).toEqual(['two']);
  });

  it('start over with `repeat: all`', async () => {
    expect(said(await turns('turns:\n  - - say: one\n  - - say: two\nrepeat: all\n', [2, 3]))).toEqual(['two', 'one']);
  });

  it('may depend on the prompt', async () => {
    const script = 'turns:\n  - - if-prompt-contains: { text: red, then: [say: I see], else: [exit: 4] }\n';
    const [told] = await turns(script, [1], 'the test is red');
    const [untold] = await turns(script, [1], 'the test is green');
    expect(said([told!])).toEqual(['I see']);
    expect(untold!.end).toEqual({ kind: 'ended', exitCode: 4 });
  });
});

describe('honest work', () => {
  it('is done to the files of the workspace', async () => {
    const { result } = await turn(
      'write: { path: src/deep/a.js, text: "a - b; a - b" }',
      'replace: { path: src/deep/a.js, find: "-", with: "$& +" }',
      'append: { path: src/deep/a.js, text: "!" }',
      'append: { path: notes.md, text: "new" }',
      'rename: { from: notes.md, to: renamed.md }',
      'write: { path: gone/x, text: x }',
      'delete: gone',
      'write: { path: run.sh, text: "exit 3" }',
      'chmod: { path: run.sh, mode: "0755" }',
      'symlink: { path: link, to: /etc }',
      'run: echo $((1 + 1)) > sum.txt',
    );
    expect(result.end).toEqual({ kind: 'ended', exitCode: 0 });
    expect(result.claims).toEqual([]);
    expect(await readFile(inWorkspace('src/deep/a.js'), 'utf8')).toBe('a $& + b; a - b!');
    expect((await readdir(directory)).toSorted()).toEqual(['link', 'renamed.md', 'run.sh', 'src', 'sum.txt']);
    expect((await stat(inWorkspace('run.sh'))).mode & 0o777).toBe(0o755);
    expect(await readlink(inWorkspace('link'))).toBe('/etc');
    expect(await readFile(inWorkspace('sum.txt'), 'utf8')).toBe('2\n');
  });

  it('prints the exit code of a command and goes on, unless it must succeed', async () => {
    expect((await turn('run: exit 3', 'say: on')).output).toBe('[exit code 3] exit 3\non\n');
    const { result, output } = await turn('run: { command: exit 3, must-succeed: true }', 'say: on');
    expect(result.end).toEqual({ kind: 'ended', exitCode: 70 });
    expect(output).toContain('scripted agent: step 1 (run) failed: exit 3: exit code 3');
  });

  it('that cannot be done ends the turn loudly and names the step', async () => {
    const missing = await turn('write: { path: a, text: x }', 'replace: { path: a, find: y, with: z }', 'say: on');
    expect(missing.result.end).toEqual({ kind: 'ended', exitCode: 70 });
    expect(missing.output).toBe('scripted agent: step 2 (replace) failed: "y" is not in a\n');
    const refused = await turn('delete: nothing-here');
    expect(refused.result.end).toEqual({ kind: 'ended', exitCode: 70 });
    expect(refused.output).toContain('step 1 (delete) failed: ENOENT');
  });
});

describe('misbehaviour', () => {
  it('may be a lie, which stays a claim', async () => {
    const { result, output } = await turn('lie: "12 passed, 0 failed"');
    expect(output).toBe('12 passed, 0 failed\nloopwright: done: 12 passed, 0 failed\n');
    expect(result.claims).toEqual([{ kind: 'done', text: '12 passed, 0 failed' }]);
  });

  it('may be output that is no text', async () => {
    const { result } = await turn('print-bytes: "ff00fe"', 'flood: { bytes: 10, stream: stderr }', 'claim: done');
    expect([...result.output.subarray(0, 3)]).toEqual([0xff, 0x00, 0xfe]);
    expect(result.outputBytes).toBe(3 + 10 + 'loopwright: done\n'.length);
  });

  it('may go on behind closed output', async () => {
    const { result, output } = await turn(
      'say: last words',
      'close-output: true',
      'say: lost',
      'run: echo on > on.txt',
    );
    expect(output).toBe('last words\n');
    expect(result.end).toEqual({ kind: 'ended', exitCode: 0 });
    expect(await readFile(inWorkspace('on.txt'), 'utf8')).toBe('on\n');
  });

  it('may leave a daemon, which does not outlive the turn', async () => {
    const marker = '31415.926535';
    const { result } = await turn(
      `daemonise: touch started; exec sleep ${marker}`,
      `run: 'until [ -e started ]; do sleep 0.01; done'`,
    );
    expect(result.end).toEqual({ kind: 'ended', exitCode: 0 });
    const alive: string[] = [];
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/u.test(name))) {
      // A process may end between the listing and the look.
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch((error: NodeJS.ErrnoException) => error.code);
      if (line?.includes(marker) && line.startsWith('sleep')) alive.push(pid);
    }
    expect(alive).toEqual([]);
  });

  it('may kill its parent, which ends the turn at worst', async () => {
    const { result } = await turn('kill-parent: true', 'exit: 5');
    expect(['ended', 'crashed']).toContain(result.end.kind);
  });

  it('may put links in place of the workspace, and the workspace on the host stays a directory', async () => {
    const { output } = await turn('write: { path: src/a.js, text: a }', 'replace-workspace: /etc');
    expect(output).toMatch(/replacing \/workspace was refused: E[A-Z]+/u);
    expect((await lstat(directory)).isDirectory()).toBe(true);
    expect(await readlink(inWorkspace('src'))).toBe('/etc');
  });

  it('may be many files and big ones', async () => {
    const { result, output } = await turn(
      'many-files: { count: 300, directory: junk }',
      'big-file: { path: big.bin, bytes: 3MB }',
      'fill-disk: { bytes: 1MiB }',
    );
    expect(result.end).toEqual({ kind: 'ended', exitCode: 0 });
    expect(await readdir(inWorkspace('junk'))).toHaveLength(300);
    expect((await stat(inWorkspace('big.bin'))).size).toBe(3_000_000);
    expect(output).toContain('wrote 1048576 of 1048576 bytes');
  });
});

it('the agent needs nothing but Node once its types are gone', async () => {
  const source = stripTypeScriptTypes(await readFile(new URL('agent.ts', import.meta.url), 'utf8'));
  const imports = [...source.matchAll(/^import .* from '(?<from>[^']+)';$/gmu)].map((match) => match.groups?.['from']);
  expect(imports.length).toBeGreaterThanOrEqual(3);
  expect(imports.filter((from) => !from?.startsWith('node:'))).toEqual([]);
  // It travels as one argument.
  expect(Buffer.byteLength(source)).toBeLessThan(64 * 1_024);
});
