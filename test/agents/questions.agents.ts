/** Claude Code asks before it acts: the real program, whole runs, and a person who answers from another process. */
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../src/core/event.ts';
import { repositoryWith, RIGHT_FIX, SUM } from '../scenario/harness.ts';
import type { Answer, Place } from '../scenario/harness.ts';
import { startModelServer } from '../support/model-server/index.ts';
import type { ModelServer } from '../support/model-server/index.ts';
import { inOrder } from '../support/model-server/script.ts';
import type { Script, Step } from '../support/model-server/script.ts';
import { hostKnows } from './driven.ts';
import { claude } from './recipes/claude.ts';
import type { Recipe } from './recipe.ts';
import { absent, RECIPES } from './recipes/index.ts';

interface Stage {
  readonly place: Place;
  readonly server: ModelServer;
  readonly cli: (...argv: readonly string[]) => Promise<Answer>;
}

const RULES = `commands:
  deny: [{ rule: Bash(cat secrets.txt), reason: They are nobody's business here. }]
  ask: [Bash(cp right.js sum.js)]
  allow: [Bash(node --test)]
`;

interface Named {
  readonly id: string;
  readonly recipe: Recipe;
}

const CLAUDE: Named = { id: 'claude', recipe: claude };

async function onStage(
  given: {
    readonly script: (bodyNow: () => string) => Script;
    readonly rules?: string;
    readonly options?: string;
    /** Claude Code where none is named. */
    readonly agent?: Named;
  },
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  const { id, recipe } = given.agent ?? CLAUDE;
  // Of a name with a slash Gemini CLI makes another path.
  const model = id === 'gemini' ? 'acme-coder' : 'acme/coder';
  let bodyNow = (): string => '';
  const server = await startModelServer({ script: given.script(() => bodyNow()) });
  bodyNow = () => server.calls().at(-1)?.body.toString('utf8') ?? '';
  const policy = [
    SUM['loopwright.yaml'] ?? '',
    `agent: { driver: ${id}, options: { model: ${model}${given.options ?? ''} } }\n`,
    `models: { prices: { ${model}: { input: 3, output: 15 } } }\n`,
    given.rules ?? RULES,
  ].join('');
  const place = repositoryWith({
    ...SUM,
    'right.js': RIGHT_FIX,
    'secrets.txt': 'juniper\n',
    'open.txt': 'birch\n',
    'loopwright.yaml': policy,
  });
  const env = hostKnows(place, { recipe, program: id, url: server.url });
  try {
    await play({ place, server, cli: (...argv) => place.with(env, ...argv) });
  } finally {
    await server.close();
    place.remove();
  }
}

function eventsIn({ out }: Answer): readonly RecordedEvent[] {
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecordedEvent);
}

/** What was asked about, and what was told. */
function told(events: readonly RecordedEvent[]): readonly string[] {
  const asked = events.flatMap((event) => (event.type === 'permission.asked' ? [event] : []));
  return events.flatMap((event) => {
    if (event.type !== 'permission.answered') return [];
    const { use } = asked.find(({ digest }) => digest === event.digest) ?? {};
    return [`${use?.kind === 'command' ? use.line : (use?.kind ?? '')}: ${event.decision}`];
  });
}

const shell = (command: string): Step => ({ kind: 'shell', command });

/** Once the prompt tells of a first turn, the second list. */
function turns(first: readonly [Step, ...Step[]], second: readonly [Step, ...Step[]]) {
  return (bodyNow: () => string): Script =>
    (results) =>
      inOrder(...(bodyNow().includes('After your last turn') ? second : first))(results);
}

/** With all that the agent printed, where it is not as expected. */
async function expectCode({ cli }: Stage, ran: Answer, code: number): Promise<void> {
  if (ran.code === code) return;
  const { out } = await cli('log', 'last', '--full');
  expect(`code ${ran.code}\n${ran.err}\n${out.slice(-6_000)}`).toBe(`code ${code}`);
}

describe('claude, asked before it acts', () => {
  const missing = claude.program() === null;

  it('does what is allowed, hears why something is denied, is parked, and goes on once a person has answered', async (test) => {
    test.skip(missing, absent(claude));
    const first: readonly [Step, ...Step[]] = [
      shell('node --test'),
      shell('cat secrets.txt'),
      shell('cp right.js sum.js'),
      { kind: 'say', text: 'Nobody stopped me.' },
    ];
    const script = turns(first, [shell('cp right.js sum.js'), { kind: 'say', text: 'Copied.' }]);
    await onStage({ script }, async (stage) => {
      const { place, server, cli } = stage;
      const parked = await cli('run', 'make it add', '--json');
      await expectCode(stage, parked, 11);
      const events = eventsIn(parked);
      expect(told(events)).toEqual(['node --test: allow', 'cat secrets.txt: deny', 'cp right.js sum.js: hold']);
      const finished = events.find((event) => event.type === 'turn.finished');
      expect(finished).toMatchObject({ end: { kind: 'held', questions: [expect.any(String)] } });
      const sent = server.calls().map(({ body }) => body.toString('utf8'));
      expect(sent.some((body) => body.includes("They are nobody's business here. (rule Bash(cat secrets.txt))"))).toBe(
        true,
      );
      expect(sent.some((body) => body.includes('juniper'))).toBe(false);
      expect(place.processes()).toEqual([]);

      const { out } = await cli('answer', 'last');
      expect(out).toContain('"command":"cp right.js sum.js"');
      expect((await cli('answer', 'last', 'allow', 'it is reviewed', '--by', 'grace')).code).toBe(0);
      const resumed = await cli('resume', 'last', '--json');
      await expectCode(stage, resumed, 0);
      expect(told(eventsIn(resumed))).toEqual(['cp right.js sum.js: allow']);
      expect(server.calls().at(-2)?.body.includes('allowed: run cp right.js sum.js: it is reviewed')).toBe(true);
      expect(await place.show()).toMatchObject({ outcome: 'accepted', iterations: 2 });
    });
  });

  it('that is not asked keeps to its own rules, made from the policy: denied and asked about are both refused', async (test) => {
    test.skip(missing, absent(claude));
    const steps: readonly [Step, ...Step[]] = [
      shell('cat secrets.txt'),
      shell('cp right.js sum.js'),
      { kind: 'read', path: '/workspace/hidden.txt' },
      { kind: 'say', text: 'I could not.' },
    ];
    const rules = RULES.replace('deny: [', 'deny: [Read(hidden.txt), ');
    const given = { script: turns(steps, steps), rules, options: ', permissions: sandbox' };
    await onStage(given, async (stage) => {
      const ran = await stage.cli('run', 'make it add', '--json', '--max-iterations', '1');
      await expectCode(stage, ran, 10);
      expect(told(eventsIn(ran))).toEqual([]);
      expect((await stage.cli('diff', 'last')).out).toBe('');
      const bodies = stage.server.calls().map(({ body }) => body.toString('utf8'));
      expect(bodies.some((body) => body.includes('juniper'))).toBe(false);
      expect(bodies.at(-1)).toMatch(/denied|not allowed|permission/iu);
    });
  });
});

describe.each(['codex', 'gemini', 'opencode', 'qwen'])('%s, which is not asked', (id) => {
  const recipe = RECIPES.find(({ name }) => name === id);

  it('keeps to its own rules, made from the policy', async (test) => {
    if (recipe === undefined) throw new Error(`no recipe is called ${id}`);
    test.skip(recipe.program() === null, absent(recipe));
    const steps: readonly [Step, ...Step[]] = [
      shell('cat open.txt'),
      shell('cat secrets.txt'),
      { kind: 'say', text: 'Done.' },
    ];
    const rules = 'commands: { deny: [{ rule: "Bash(cat secrets.txt *)", reason: No. }] }\n';
    await onStage({ script: turns(steps, steps), rules, agent: { id, recipe } }, async (stage) => {
      const ran = await stage.cli('run', 'make it add', '--json', '--max-iterations', '1');
      await expectCode(stage, ran, 10);
      const bodies = stage.server.calls().map(({ body }) => body.toString('utf8'));
      // The canary: what is not denied is done, and seen.
      expect(bodies.some((body) => body.includes('birch'))).toBe(true);
      expect(bodies.some((body) => body.includes('juniper'))).toBe(false);
    });
  });
});
