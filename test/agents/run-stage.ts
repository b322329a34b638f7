/** A whole run of one agent behind its driver: a vendor that bills, what the host knows of it, and a repository with a red test. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect } from 'vitest';
import type { RecordedEvent } from '../../src/core/event.ts';
import { repositoryWith, SUM } from '../scenario/harness.ts';
import type { Answer, Files, Place } from '../scenario/harness.ts';
import { billNanoUsd } from '../support/model-server/billing.ts';
import type { FromCall } from '../support/model-server/behaviour.ts';
import { startModelServer } from '../support/model-server/index.ts';
import type { ModelServer } from '../support/model-server/index.ts';
import { inOrder } from '../support/model-server/script.ts';
import type { Script, Step } from '../support/model-server/script.ts';
import type { Recipe } from './recipe.ts';
import { RECIPES } from './recipes/index.ts';

export const KEY = 'sk-real-canary-fedcba9876543210';
const PRICES = { input: 3, output: 15 };

export interface Driven {
  /** Its driver. */
  readonly agent: string;
  readonly model: string;
  readonly recipe: Recipe;
  /** What it is called on the PATH. */
  readonly program: string;
  /** Options beside the model. */
  readonly options: Readonly<Record<string, unknown>>;
}

export function driven(agent: string, name: string, options: Driven['options'] = {}): Driven {
  const recipe = RECIPES.find((one) => one.name === name);
  if (recipe === undefined) throw new Error(`no recipe is called ${name}`);
  // Of a name with a slash Gemini CLI makes another path.
  return { agent, program: agent, model: name === 'gemini' ? 'acme-coder' : 'acme/coder', recipe, options };
}

export const PATH_INSIDE = '/workspace/sum.js';
const SECOND = 'After your last turn (iteration 1)';

function turnOf(find: string, replace: string, words: string): readonly [Step, ...Step[]] {
  return [
    { kind: 'read', path: PATH_INSIDE },
    { kind: 'edit', path: PATH_INSIDE, find, replace },
    { kind: 'shell', command: 'node --test' },
    { kind: 'say', text: words },
  ];
}

const WRONG = turnOf('a - b', 'a / b', 'I divided.');
const RIGHT = turnOf('a / b', 'a + b', 'Now it adds.');

/** A wrong fix, and the right one once the prompt tells of the first, whatever a resumed conversation has behind it. */
function wrongThenRight(bodyNow: () => string): Script {
  let earlier: number | null = null;
  return (results) => {
    if (!bodyNow().includes(SECOND)) return inOrder(...WRONG)(results);
    earlier ??= results;
    return inOrder(...RIGHT)(results - earlier);
  };
}

export interface Ran extends Answer {
  readonly events: readonly RecordedEvent[];
}

export interface Stage {
  readonly place: Place;
  readonly server: ModelServer;
  readonly run: (...more: readonly string[]) => Promise<Ran>;
  readonly billedUsd: () => number;
}

export interface Staged {
  readonly script?: Script;
  readonly plan?: readonly FromCall[];
  readonly options?: Readonly<Record<string, unknown>>;
  /** More of the policy. */
  readonly policy?: string;
  /** More of the repository. */
  readonly files?: Files;
}

/** A vendor, the host's word of where it is, a repository with a red test, and the agent on the PATH. */
export async function onStage(one: Driven, staged: Staged, play: (stage: Stage) => Promise<void>): Promise<void> {
  const { agent, recipe } = one;
  let bodyNow = (): string => '';
  const script = staged.script ?? wrongThenRight(() => bodyNow());
  const server = await startModelServer({ script, ...(staged.plan === undefined ? {} : { plan: staged.plan }) });
  bodyNow = () => server.calls().at(-1)?.body.toString('utf8') ?? '';
  const options = JSON.stringify({ model: one.model, ...one.options, ...staged.options });
  const policy = [
    SUM['loopwright.yaml'] ?? '',
    `agent: { driver: ${agent}, options: ${options} }\n`,
    `models: { prices: { ${one.model}: { input: ${PRICES.input}, output: ${PRICES.output} } } }\n`,
    staged.policy ?? '',
  ].join('');
  const place = repositoryWith({ ...SUM, ...staged.files, 'loopwright.yaml': policy });
  const providers = place.beside('providers.yaml');
  const acme = `{ dialect: ${recipe.protocol}, url: ${server.url}, key: { env: ACME_KEY } }`;
  writeFileSync(providers, `version: 1\nproviders: { acme: ${acme}, anthropic: off, openai: off, google: off }\n`, {
    mode: 0o600,
  });
  const bin = place.beside('bin');
  mkdirSync(bin);
  symlinkSync(recipe.program()?.at(-1) ?? '', join(bin, one.program));
  const env = {
    PATH: [bin, process.env['PATH'] ?? ''].join(delimiter),
    LOOPWRIGHT_PROVIDERS: providers,
    ACME_KEY: KEY,
  };
  try {
    await play({
      place,
      server,
      async run(...more) {
        const answer = await place.with(env, 'run', 'make it add', '--agent', agent, '--json', ...more);
        const lines = answer.out.split('\n').filter(Boolean);
        return { ...answer, events: lines.map((line) => JSON.parse(line) as RecordedEvent) };
      },
      billedUsd: () => billNanoUsd(server.bill(), PRICES) / 1e9,
    });
  } finally {
    await server.close();
    place.remove();
  }
}

export function endsOf(events: readonly RecordedEvent[]): readonly unknown[] {
  return events.flatMap((event) => (event.type === 'turn.finished' ? [event.end] : []));
}

export function claimsOf(events: readonly RecordedEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'turn.finished' ? event.claims.map(({ kind, text }) => `${kind}: ${text}`) : [],
  );
}

/** With what the agent printed where it did not do it. */
export async function expectAccepted({ place }: Stage, ran: Ran): Promise<void> {
  const last = ran.events.at(-1);
  const reason = last?.type === 'run.stopped' ? last.reason : ran.err;
  if (reason === 'accepted') return;
  const detail = last?.type === 'run.stopped' ? last.detail : '';
  const { out } = await place.cli('log', 'last', '--full');
  expect(`${reason}: ${detail}\n${JSON.stringify(endsOf(ran.events))}\n${out.slice(-6_000)}`).toBe('accepted');
}
