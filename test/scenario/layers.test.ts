/** What a host says above a policy, through the same command line a person uses. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { repositoryWith, scriptFile, SUM } from './harness.ts';
import type { Answer, Place } from './harness.ts';

const places: Place[] = [];

afterEach(() => {
  for (const made of places.splice(0)) made.remove();
});

const OWN = `version: 1
limits: { iterations: 2 }
checks: { test: { run: node --test --test-reporter=tap, report: tap } }
`;
const ORGANISATION = `layer: organisation
version: 1
limits: { iterations: 3 }
checks: { house: 'test -f sum.js' }
`;
/** Leaves the red check red. */
const IDLE =
  "turns:\n  - [{ write: { path: notes.txt, text: 'one' } }]\n  - [{ write: { path: notes.txt, text: 'two' } }]\n";

interface Told {
  readonly type: string;
  readonly policy?: { readonly layers?: unknown };
  readonly result?: { readonly checkId: string };
}

interface Governed {
  readonly here: Place;
  readonly cli: (...argv: readonly string[]) => Promise<Answer>;
  readonly layer: (name: string, text: string) => void;
}

function governed(own: string): Governed {
  const here = repositoryWith({ ...SUM, 'loopwright.yaml': own });
  places.push(here);
  const directory = here.beside('layers');
  mkdirSync(directory, { mode: 0o700 });
  return {
    here,
    cli: (...argv) => here.with({ LOOPWRIGHT_POLICY_LAYERS: directory }, ...argv),
    layer: (name, text) => {
      const path = `${directory}/${name}`;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { mode: 0o600 });
    },
  };
}

describe('a layer of the host', () => {
  it('is part of every run: its checks judge, its limits hold, and its hash stands in the log', async () => {
    const { here, cli, layer } = governed(OWN);
    layer('organisation.yaml', ORGANISATION);
    const script = scriptFile(here, IDLE);
    const ran = await cli('run', 'make it add', '--agent', 'scripted', '--script', script, '--json');
    expect(ran.code).toBe(10);
    const events = ran.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Told);
    expect(events.find(({ type }) => type === 'run.started')?.policy?.layers).toEqual([
      { level: 'organisation', file: 'organisation.yaml', hash: expect.stringMatching(/^[\da-f]{64}$/) as string },
    ]);
    const judged = events.flatMap(({ type, result }) => (type === 'check.finished' ? [result?.checkId] : []));
    expect(judged).toContain('house');

    // Two were used, three are the most that anybody may have.
    const wider = await cli('resume', 'last', '--max-iterations', '4');
    expect([wider.code, wider.err]).toEqual([2, expect.stringContaining('LW_POLICY_LOOSENED')]);
    expect((await here.show()).iterations).toBe(2);
  });

  it('refuses what is looser below it, in a file and in a flag, before anything starts', async () => {
    const { here, cli, layer } = governed(OWN);
    layer('organisation.yaml', ORGANISATION.replace('iterations: 3', 'iterations: 1'));
    const script = scriptFile(here, IDLE);
    const asked = ['run', 'make it add', '--agent', 'scripted', '--script', script] as const;
    const file = await cli(...asked);
    expect(file.code).toBe(2);
    expect(file.err).toMatch(/loopwright\.yaml:2:23 `2` for `limits\.iterations` is looser than/);
    expect(file.err).toMatch(/organisation\.yaml:3:23/);

    layer('organisation.yaml', ORGANISATION);
    const flag = await cli(...asked, '--max-iterations', '4');
    expect([flag.code, flag.err]).toEqual([2, expect.stringContaining('LW_POLICY_LOOSENED')]);
    expect(JSON.parse((await here.cli('list', '--json')).out)).toMatchObject({ runs: [] });
  });

  it('that cannot be believed stops everything', async () => {
    const { here, cli, layer } = governed(OWN);
    layer('organisation.yaml', `${ORGANISATION}surprise: true\n`);
    const refused = await cli('policy', 'check');
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('organisation.yaml:5:1')]);
    expect(here.git('status', '--porcelain')).toBe('');
  });
});
