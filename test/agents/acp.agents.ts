/** Real agents that speak the Agent Client Protocol: whole runs behind the one driver, and what comes of their questions. */
import { afterAll, describe, expect, it } from 'vitest';
import { inOrder } from '../support/model-server/script.ts';
import { absent } from './recipes/index.ts';
import { expectAccepted } from './accepted.ts';
import { driven, endsOf } from './driven.ts';
import type { Driven } from './driven.ts';
import { claimsOf, onStage } from './sum-stage.ts';

interface Speaker extends Driven {
  /** Options with which it asks before it acts; beside `options`. */
  readonly asking: Readonly<Record<string, unknown>>;
}

function speaker(name: string, options: Driven['options'], asking: Speaker['asking']): Speaker {
  return { ...driven('acp', name, options), program: name, asking };
}

const OPENCODE = JSON.stringify({
  model: 'gateway/{model}',
  autoupdate: false,
  share: 'disabled',
  provider: {
    gateway: {
      npm: '@ai-sdk/openai-compatible',
      name: 'gateway',
      options: { baseURL: '{address}', apiKey: '{key}' },
      models: { '{model}': { name: '{model}' } },
    },
  },
});

const OPENCODE_ENV = {
  OPENCODE_CONFIG_CONTENT: OPENCODE,
  OPENCODE_DISABLE_PROJECT_CONFIG: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
  OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
  OPENCODE_DISABLE_AUTOUPDATE: '1',
};

const COPILOT_ENV = {
  COPILOT_PROVIDER_BASE_URL: '{address}',
  COPILOT_PROVIDER_TYPE: 'openai',
  COPILOT_PROVIDER_WIRE_API: 'completions',
  COPILOT_PROVIDER_API_KEY: '{key}',
  COPILOT_MODEL: '{model}',
  COPILOT_OFFLINE: 'true',
};

const QWEN = ['qwen', '--acp', '--auth-type', 'openai', '-m', '{model}', '--safe-mode'];

/** It calls models after its answer too: cut off, they are charged whole. */
const QWEN_FILES = {
  '.qwen/settings.json': JSON.stringify({
    ui: { enableFollowupSuggestions: false },
    memory: { enableManagedAutoMemory: false, enableManagedAutoDream: false, enableAutoSkill: false },
  }),
};

/** As docs/agents.md has them. */
const SPEAKERS: readonly Speaker[] = [
  speaker(
    'gemini',
    {
      argv: ['gemini', '--acp', '--skip-trust', '-m', '{model}'],
      auth: 'gemini-api-key',
      mode: 'yolo',
      env: { GEMINI_CLI_NO_RELAUNCH: 'true' },
    },
    { mode: 'default' },
  ),
  speaker('qwen', { argv: QWEN, mode: 'yolo', conceals: ['.qwen'], files: QWEN_FILES }, { mode: 'default' }),
  speaker(
    'opencode',
    { argv: ['opencode', 'acp', '--pure'], wire: 'openai-chat', env: OPENCODE_ENV, conceals: ['.opencode'] },
    {
      env: {
        ...OPENCODE_ENV,
        OPENCODE_CONFIG_CONTENT: JSON.stringify({
          ...(JSON.parse(OPENCODE) as object),
          permission: { edit: 'ask', bash: 'ask' },
        }),
      },
    },
  ),
  speaker(
    'copilot',
    { argv: ['copilot', '--acp', '--allow-all', '--no-auto-update'], wire: 'openai-chat', env: COPILOT_ENV },
    { argv: ['copilot', '--acp', '--no-auto-update'] },
  ),
];

const rows: string[] = [];
afterAll(() => {
  console.log(['agents that speak the protocol:', ...rows].join('\n'));
});

/** Two turns of the slowest take three minutes on a busy machine. */
describe.each(SPEAKERS)('$recipe.name over the protocol', { timeout: 400_000 }, (one) => {
  const missing = one.recipe.program() === null;

  it('fixes wrongly, is told so, fixes rightly, and is accepted with the spend of the bill', async (test) => {
    test.skip(missing, absent(one.recipe));
    await onStage(one, {}, async (stage) => {
      const { place, server, run, billedUsd } = stage;
      const began = performance.now();
      const ran = await run();
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      await expectAccepted(stage, ran);
      rows.push(`  ${one.program}: ${String(server.calls().length)} calls, ${seconds} s`);
      expect(claimsOf(ran.events)).toEqual([
        'message: I divided.',
        'done: end_turn',
        'message: Now it adds.',
        'done: end_turn',
      ]);
      const shown = await place.show();
      expect(shown).toMatchObject({ outcome: 'accepted', iterations: 2 });
      expect(shown.usage.costUsd).toBeCloseTo(billedUsd(), 9);
      expect(shown.usage.modelCalls).toBe(server.calls().length);
      expect((await place.cli('diff', 'last')).out).toContain('a + b');
    });
  });

  it('goes on with its conversation where the policy says so', async (test) => {
    test.skip(missing, absent(one.recipe));
    // Its next process often says that there are no sessions. Whether the first one had time to keep it decides.
    test.skip(one.program === 'gemini', 'Gemini CLI 0.61.0 often loses the session of a process that left');
    await onStage(one, { options: { session: 'resumed' } }, async (stage) => {
      const ran = await stage.run();
      await expectAccepted(stage, ran);
      expect(stage.server.calls().at(-1)?.body.includes('I divided.')).toBe(true);
    });
  });

  it('is refused what the policy denies, hears why, and may go on', async (test) => {
    test.skip(missing, absent(one.recipe));
    const script = inOrder({ kind: 'shell', command: 'touch denied' }, { kind: 'say', text: 'I did without.' });
    const policy = "commands: { deny: [{ rule: 'Bash(touch *)', reason: 'Nothing is touched here.' }] }\n";
    await onStage(one, { script, policy, options: one.asking }, async ({ place, run, server }) => {
      const { events } = await run('--max-iterations', '1');
      const bodies = server.calls().map(({ body }) => body.toString('utf8'));
      const heard = bodies.find((body) => body.includes('refused what you asked for')) ?? '';
      rows.push(
        `  ${one.program}: ${/refused what you asked for:(?<why>.{0,120})/u.exec(heard)?.groups?.['why'] ?? ''}`,
      );
      expect(endsOf(events)).toMatchObject([{ kind: 'ended' }]);
      expect(claimsOf(events)).toContain('message: I did without.');
      expect((await place.cli('diff', 'last')).out).not.toContain('denied');
      expect(heard).not.toBe('');
    });
  });

  it('ends its turn when the vendor refuses for good', async (test) => {
    test.skip(missing, absent(one.recipe));
    const refused = { from: 2, behaviour: { kind: 'refuse' as const, status: 400, message: 'No more of this.' } };
    await onStage(one, { plan: [refused] }, async ({ run }) => {
      const { code, events } = await run('--max-iterations', '1');
      rows.push(`  ${one.program}, refused: ${JSON.stringify(endsOf(events))} ${JSON.stringify(claimsOf(events))}`);
      expect(code).not.toBe(0);
    });
  });
});
