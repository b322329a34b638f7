/** What the built program does with its streams: machines' words and people's words, colours, and readers that leave. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { repositoryWith } from '../scenario/harness.ts';
import type { Place } from '../scenario/harness.ts';
import { DIST, eventsOf, LAMP, nothingRuns, QUICK, requireBuilt, run, scripted } from './program.ts';

const places: Place[] = [];
const ESCAPE = '\u001B[';

function place(): Place {
  const made = repositoryWith(LAMP);
  places.push(made);
  return made;
}

beforeAll(requireBuilt);

afterEach(() => {
  for (const made of places.splice(0)) made.remove();
});

describe('standard output', () => {
  it('holds one event per line and nothing else with --json, the last one being run.stopped', async () => {
    const here = place();
    const { code, out, err } = await run(here, scripted(here, QUICK, '--json'));
    expect(code).toBe(0);
    const events = eventsOf(out);
    expect(events[0]?.type).toBe('run.started');
    expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'accepted' });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(err).toBe('');
    const [first] = eventsOf((await run(here, ['log', 'last', '--json'])).out);
    expect(first).toEqual(events[0]);
  });

  it('may be closed by its reader: a command that prints ends without a word', async () => {
    const here = place();
    await run(here, scripted(here, QUICK));
    const { code, out, err } = await run(here, ['log', 'last', '--json'], { shell: '"$@" | head -1' });
    expect(code).toBe(0);
    expect(eventsOf(out)).toHaveLength(1);
    expect(err).toBe('');
  });

  it.each(['"$@" | head -1', '"$@" 2>&1 | head -1', '"$@" 2>&-', '"$@" >&-'])(
    'may be closed in the middle of a run, which goes on to its end: %s',
    async (shell) => {
      const here = place();
      const { err } = await run(here, scripted(here, QUICK, ...(shell.includes('2>') ? [] : ['--json'])), { shell });
      expect(err).not.toMatch(/\bat .*:\d+:\d+/u);
      await nothingRuns(here);
      expect(await here.show()).toMatchObject({ status: 'stopped', outcome: 'accepted' });
    },
  );
});

describe('standard error', () => {
  it('never carries a control sequence out of what an error quotes', async () => {
    const here = place();
    const { code, err } = await run(here, ['show', 'x\u001B]0;title\u0007']);
    expect(code).toBe(2);
    expect(err).toContain('no run matches "x\\x1b]0;title\\x07"');
  });
});

describe('colours', () => {
  it.each([
    ['none in a pipe', {}, false],
    ['asked for with FORCE_COLOR', { FORCE_COLOR: '1' }, true],
    ['refused with NO_COLOR, whatever else is asked', { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('%s', async (_, env, coloured) => {
    const here = place();
    const ran = await run(here, scripted(here, QUICK), { env });
    expect(ran.err.includes(ESCAPE)).toBe(coloured);
    expect(ran.err).toContain('accepted');
    const shown = await run(here, ['show', 'last'], { env });
    expect(shown.out.includes(ESCAPE)).toBe(coloured);
  });
});

describe('--version', () => {
  it('loads no more than it needs', async () => {
    const here = place();
    const hook = `import { registerHooks } from 'node:module'; registerHooks({ load(url, context, next) { console.error(url); return next(url, context); } });`;
    const loaded = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}` };
    const { out, err } = await run(here, ['--version'], { env: loaded });
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/u);
    expect(err).toContain(DIST);
    expect(err).not.toMatch(/node_modules|sqlite/u);
    // The canary: a command that does need them is seen to load them.
    expect((await run(here, ['list'], { env: loaded })).err).toMatch(/node:sqlite/u);
  });
});
