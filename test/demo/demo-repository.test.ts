import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createScriptedDriver } from '../../src/drivers/scripted/index.ts';
import { pathClassifier } from '../../src/policy/classify.ts';
import { parsePolicy } from '../../src/policy/parse.ts';
import { resolvePolicy } from '../../src/policy/resolve.ts';
import type { AgentSession, TurnResult } from '../../src/ports/driver.ts';
import { hostInSandbox } from '../../src/public/conformance/driver.ts';
import { createBubblewrapSandbox } from '../../src/sandboxes/bubblewrap/index.ts';

const DEMO = path.join(import.meta.dirname, '../../demo');
let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'loopwright-demo-test-'));
  await cp(path.join(DEMO, 'repository'), directory, { recursive: true });
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** The Node a user has, where there is one besides ours: the suite has to run on old ones too. */
function systemPath(): string {
  const entries = (process.env['PATH'] ?? '').split(path.delimiter);
  return [...entries.filter((entry) => !entry.includes('node_modules')), path.dirname(process.execPath)].join(':');
}

async function suite(): Promise<{ failing: string[]; passed: number }> {
  const run = promisify(execFile)('node', ['--test', '--test-reporter=tap'], {
    cwd: directory,
    // Only this: what our own runner sets in its workers must not reach a runner inside.
    env: { PATH: systemPath() },
  });
  // A red suite leaves with code 1 and the same report.
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  const names = (pattern: RegExp): string[] => [...stdout.matchAll(pattern)].map((match) => match[1] ?? '');
  return { failing: names(/^not ok \d+ - (.*)$/gmu), passed: names(/^ok \d+ - (.*)$/gmu).length };
}

async function agent(script: string): Promise<AgentSession> {
  const driver = createScriptedDriver();
  const text = await readFile(path.join(DEMO, 'scripts', script), 'utf8');
  const sandbox = createBubblewrapSandbox({ hostEnvironment: process.env });
  return driver.open(driver.options({ script: text, name: script }), hostInSandbox(sandbox, directory));
}

function takeTurn(session: AgentSession, iteration: number, prompt: string, wallTimeMs = 30_000): Promise<TurnResult> {
  const budget = { wallTimeMs, idleMs: 20_000, outputBytes: 1_000_000 };
  return session.turn({ iteration, prompt, budget }, new AbortController().signal);
}

const LOST_CENT = 'the shares add up to the bill';
const UNFAIR = 'nobody is a cent or more away from the exact share';
const PAYS_FOR_NOTHING = 'somebody with weight zero pays nothing';

describe('the demo repository', () => {
  it('is red in exactly one of its 12 tests', async () => {
    expect(await suite()).toEqual({ failing: [LOST_CENT], passed: 11 });
  });

  it('has a policy that names the test, lets the source change and protects the tests', async () => {
    const text = await readFile(path.join(directory, 'loopwright.yaml'), 'utf8');
    const policy = resolvePolicy({ file: parsePolicy(text, 'loopwright.yaml'), flags: { agent: 'scripted' } });
    expect(policy.checks).toMatchObject([{ id: 'test', report: 'tap', reportFile: null }]);
    expect(policy.class.baseline).toBe('must-fail');
    const classify = pathClassifier(policy);
    expect(classify('src/split.js', true)).toEqual({ protected: false, inScope: true, zones: [] });
    expect(classify('test/split.test.js', true)).toMatchObject({ protected: true });
  });
});

describe('the scripted agents', () => {
  it('fixes-it gets there in three turns, each red in one other test', async () => {
    const session = await agent('fixes-it.yaml');
    const story: string[][] = [];
    let prompt = `failing: ${LOST_CENT}`;
    for (const iteration of [1, 2, 3]) {
      const result = await takeTurn(session, iteration, prompt);
      expect(result.end).toEqual({ kind: 'ended', exitCode: 0 });
      expect(result.claims).toMatchObject([{ kind: 'done' }]);
      const { failing } = await suite();
      story.push(failing);
      prompt = failing.map((test) => `failing: ${test}`).join('\n');
    }
    expect(story).toEqual([[UNFAIR], [PAYS_FOR_NOTHING], []]);
    expect((await suite()).passed).toBe(12);
  });

  it('fixes-it does nothing more when it is not told what is wrong', async () => {
    const session = await agent('fixes-it.yaml');
    await takeTurn(session, 1, '');
    expect((await takeTurn(session, 2, 'not accepted')).end).toEqual({ kind: 'ended', exitCode: 1 });
  });

  it('never-ends is wrong twice, in different ways, and then only the clock ends it', async () => {
    const session = await agent('never-ends.yaml');
    await takeTurn(session, 1, '');
    expect((await suite()).failing).toEqual([UNFAIR]);
    await takeTurn(session, 2, '');
    expect((await suite()).failing).toEqual([LOST_CENT]);
    const last = await takeTurn(session, 3, '', 2_500);
    expect(last.end).toMatchObject({ kind: 'limit', breach: { limit: 'wallTimeMs', ceiling: 2_500 } });
    expect(Buffer.from(last.output).toString()).toContain('once more');
  });

  it('deletes-the-test makes the suite green by making it smaller, and says all 12 pass', async () => {
    const session = await agent('deletes-the-test.yaml');
    for (const iteration of [1, 2]) {
      const result = await takeTurn(session, iteration, 'not accepted');
      expect(result.end).toEqual({ kind: 'ended', exitCode: 0 });
      expect(result.claims).toEqual([{ kind: 'done', text: 'all 12 tests pass' }]);
      expect(await suite()).toEqual({ failing: [], passed: 7 });
    }
  });
});
