import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measureChecks } from '../../eval/checks.ts';
import { main } from '../../eval/main.ts';

const SHARED = join(import.meta.dirname, '..', '..', '..', 'shared', 'data');

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(...argv: readonly string[]): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(argv, { out: (line) => void out.push(line), err: (line) => void err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const FILES: Readonly<Record<string, string>> = {
  'right.xml': '<testsuite name="S"><testcase name="a"/><testcase name="b"><skipped/></testcase></testsuite>',
  'red.tap': '1..2\nok 1 - a\nnot ok 2 - b\n',
  'misread.xml': '<testsuite name="S"><testcase name="a"/></testsuite>',
  'passes.xml': '<testsuite name="S"><testcase name="a"/></testsuite>',
  'broken.xml': '<testsuite name="S"><testcase',
  'readable.xml': '<testsuite name="S"><testcase name="a"/></testsuite>',
  'found.json': '[{"filePath":"a.js","messages":[{"ruleId":"r","severity":2,"message":"no"}]}]',
  'unlabelled.txt': 'Success: no issues found in 3 source files\n',
  'other.json': '{}',
};

const counts = (total: number, passed: number, failed: number, skipped: number): object => {
  return { counted_here: { total, passed, failed, errored: 0, skipped } };
};

const MANIFEST = {
  files: [
    { file: 'right.xml', format: 'junit', ...counts(2, 1, 0, 1) },
    { file: 'red.tap', format: 'tap', ...counts(2, 1, 1, 0) },
    { file: 'misread.xml', format: 'junit', ...counts(5, 5, 0, 0) },
    {
      file: 'passes.xml',
      format: 'junit',
      verified: 'differs from source: see note',
      ...counts(1, 1, 0, 0),
      source_expected: { tests: 1, passed: 0, failed: 1, errored: 0, skipped: 0 },
    },
    { file: 'broken.xml', format: 'UNPARSEABLE', verified: 'see note' },
    { file: 'readable.xml', format: 'UNPARSEABLE', verified: 'see note' },
    { file: 'found.json', format: 'eslint-json', counted_here: { files: 1, errors: 1, warnings: 0 } },
    { file: 'unlabelled.txt', format: 'text' },
    { file: 'other.json', format: 'no-such-format', counted_here: { issues: 1 } },
  ],
};

describe('the evaluation runner', () => {
  let data = '';

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'loopwright-eval-'));
    const fixtures = join(data, 'check-fixtures');
    await mkdir(fixtures);
    for (const [name, text] of Object.entries(FILES)) await writeFile(join(fixtures, name), text);
    await writeFile(join(fixtures, 'manifest.json'), JSON.stringify(MANIFEST));
    const line = { id: 'a', allow_rule: 'echo *', command: 'echo hi', expect: 'allow' };
    await writeFile(join(data, 'bypass-corpus.jsonl'), JSON.stringify(line));
    const commit = { repo: 'a/b', commit: 'c', files: [{ path: 'Dockerfile' }], path_labels: ['infra'] };
    await writeFile(join(data, 'risk-commits.jsonl'), JSON.stringify(commit));
    const trace = {
      id: 't',
      labels: [{ label: 'healthy_completed', basis: 'rule' }],
      outcome: { cost_usd: 1 },
      steps: [],
    };
    await writeFile(join(data, 'trajectories.jsonl'), JSON.stringify(trace));
  });

  afterAll(async () => {
    await rm(data, { recursive: true, force: true });
  });

  it('counts what is exact, what passes wrongly and what cannot be read yet', async () => {
    const figures = await measureChecks(join(data, 'check-fixtures'));
    expect(figures).toMatchObject({ files: 9, exact: 4, falsePasses: 3, unsupported: 1 });
    const wrong = ['misread.xml', 'passes.xml', 'readable.xml', 'unlabelled.txt', 'other.json'];
    expect(figures.wrong.map((one) => one.id)).toEqual(wrong);
    expect(figures.wrong[0]).toMatchObject({ expected: { total: 5 }, got: { total: 1, conclusion: 'success' } });
    expect(figures.wrong[3]).toMatchObject({ expected: 'no pass', got: { conclusion: 'success' } });
    expect(figures.wrong[4]).toMatchObject({ expected: { findings: 1 }, got: 'unsupported' });
  });

  it('prints one JSON object, or a table for people', async () => {
    const json = await run('checks', '--data', data, '--json');
    expect(json.code).toBe(0);
    expect(JSON.parse(json.out)).toMatchObject({ suite: 'checks', files: 9, exact: 4, falsePasses: 3 });
    const table = await run('checks', '--data', data);
    expect(table.out).toContain('false passes  3');
    expect(table.out).toContain('misread.xml');
  });

  it('runs every quick suite when none is named, and says which are not', async () => {
    const all = await run('--data', data, '--json');
    expect(all.code).toBe(0);
    expect(all.err).toMatch(/^only by name, because they take minutes: tasks, cheats/);
    expect(JSON.parse(all.out)).toMatchObject({ checks: { files: 9 }, commands: { benign: 1 }, risk: { recalled: 1 } });
  });

  it('says which repositories are absent, and prints no figure then', async () => {
    await writeFile(join(data, 'tasks.json'), JSON.stringify({ tasks: [] }));
    const said = await run('tasks', '--data', data, '--json', '--repositories', data);
    expect(said).toEqual({ code: 2, out: '', err: `no repository of a task is in ${data} (as owner/name)` });
    expect((await run('tasks', '--data', join(data, 'nowhere'))).err).toMatch(
      /^no labelled data for the suite tasks: /,
    );
  });

  it('says plainly what is wrong with a suite, an option or a directory', async () => {
    expect(await run('speed')).toMatchObject({ code: 2, out: '', err: /^no suite speed; there are checks, / });
    expect(await run('--fast')).toMatchObject({ code: 2, out: '' });
    expect(await run('checks', 'risk')).toMatchObject({ code: 2, err: 'one suite at a time, not checks, risk' });
    const absent = await run('checks', '--data', join(data, 'nowhere'));
    expect(absent).toMatchObject({ code: 2, out: '' });
    expect(absent.err).toMatch(/^no labelled data for the suite checks: .* does not exist/);
  });
});

const labelled = existsSync(join(SHARED, 'check-fixtures', 'manifest.json'));

describe.skipIf(!labelled)(
  `the labelled reports${labelled ? '' : ' (skipped: no ../shared/data beside the checkout)'}`,
  () => {
    it('never pass wrongly, and are read exactly but for reports that contradict themselves', async () => {
      const figures = await measureChecks(join(SHARED, 'check-fixtures'));
      expect(figures.files).toBeGreaterThan(0);
      expect(figures.falsePasses).toBe(0);
      expect(figures.exact / figures.files).toBeGreaterThan(0.98);
      expect(figures.wrong.filter((one) => !/ declares \d+ failed and shows none/.test(one.summary))).toEqual([]);
    });
  },
);
