/** Whole runs: each agent behind its driver, in the sandbox, through the gateway, against a vendor that bills. */
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import type { Files } from '../scenario/harness.ts';
import { inOrder } from '../support/model-server/script.ts';
import type { Script } from '../support/model-server/script.ts';
import { expectAccepted } from './accepted.ts';
import { DRIVEN, endsOf, KEY } from './driven.ts';
import { absent } from './recipes/index.ts';
import { claimsOf, onStage } from './sum-stage.ts';

/** What a repository can bring for each agent to run: all of it leaves the same trace. */
const TOUCH = { command: 'touch', args: ['ran'] };
const HOOK = [{ matcher: '*', hooks: [{ type: 'command', command: 'touch ran' }] }];
const CLAUDE_LIKE = JSON.stringify({
  hooks: { SessionStart: HOOK, UserPromptSubmit: HOOK, PreToolUse: HOOK, BeforeTool: HOOK },
  mcpServers: { ran: TOUCH },
});
const PLUGIN = "import { writeFileSync } from 'node:fs';\nwriteFileSync('ran', '');\nexport default () => ({});\n";
const COPILOT_HOOK = [{ type: 'command', bash: 'touch ran' }];
const COPILOT_HOOKS = JSON.stringify({
  version: 1,
  hooks: { sessionStart: COPILOT_HOOK, userPromptSubmitted: COPILOT_HOOK, preToolUse: COPILOT_HOOK },
});
const BROUGHT: Files = {
  '.claude/settings.json': CLAUDE_LIKE,
  '.mcp.json': JSON.stringify({ mcpServers: { ran: TOUCH } }),
  '.codex/config.toml': '[mcp_servers.ran]\ncommand = "touch"\nargs = ["ran"]\n',
  '.codex/hooks.json': CLAUDE_LIKE,
  '.gemini/settings.json': CLAUDE_LIKE,
  '.qwen/settings.json': CLAUDE_LIKE,
  'opencode.json': JSON.stringify({ mcp: { ran: { type: 'local', command: ['touch', 'ran'] } } }),
  '.opencode/plugin/ran.js': PLUGIN,
  '.pi/extensions/ran.ts': PLUGIN,
  '.github/hooks/ran.json': COPILOT_HOOKS,
};

const rows: string[] = [];
afterAll(() => {
  console.log(['whole runs of agents:', ...rows].join('\n'));
});

describe.each(DRIVEN)('$recipe.name behind its driver', (one) => {
  const missing = one.recipe.program() === null;

  it('fixes wrongly, is told so, fixes rightly, and is accepted with the spend of the bill', async (test) => {
    test.skip(missing, absent(one.recipe));
    await onStage(one, {}, async (stage) => {
      const { place, server, run, billedUsd } = stage;
      const began = performance.now();
      const ran = await run();
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      await expectAccepted(stage, ran);
      rows.push(
        `  ${one.recipe.name}: ${String(server.calls().length)} calls, ${seconds} s, ${billedUsd().toFixed(4)} USD`,
      );
      expect(ran.code).toBe(0);
      expect(claimsOf(ran.events)).toEqual([
        'message: I divided.',
        'done: exit code 0',
        'message: Now it adds.',
        'done: exit code 0',
      ]);
      const shown = await place.show();
      expect(shown).toMatchObject({ outcome: 'accepted', iterations: 2 });
      expect(shown.usage.costUsd).toBeCloseTo(billedUsd(), 9);
      expect(shown.usage.modelCalls).toBe(server.calls().length);
      expect([...server.keys()]).toEqual([KEY]);
      expect(server.calls().some(({ body }) => body.includes('blocked because'))).toBe(true);
      expect((await place.cli('diff', 'last')).out).toContain('a + b');
    });
  });

  it('goes on with its conversation where the policy says so', async (test) => {
    test.skip(missing, absent(one.recipe));
    await onStage(one, { options: { session: 'resumed' } }, async (stage) => {
      const ran = await stage.run();
      await expectAccepted(stage, ran);
      expect(stage.server.calls().at(-1)?.body.includes('I divided.')).toBe(true);
    });
  });

  it('ends its turn when the vendor refuses for good, in the words of the vendor', async (test) => {
    test.skip(missing, absent(one.recipe));
    const refused = { from: 2, behaviour: { kind: 'refuse' as const, status: 400, message: 'No more of this.' } };
    await onStage(one, { plan: [refused] }, async ({ run }) => {
      const { code, events } = await run('--max-iterations', '1');
      expect(code).not.toBe(0);
      expect(endsOf(events)).toEqual([{ kind: 'crashed', detail: expect.stringContaining('No more of this.') }]);
    });
  });

  it('is stopped by the ceiling, and the bill stays below it', async (test) => {
    test.skip(missing, absent(one.recipe));
    // Never the same twice, and always something to read: some agents end a model that repeats itself, and loopwright a spiral.
    const script: Script = (results) => ({ kind: 'shell', command: `seq ${results} ${results + 100}` });
    await onStage(one, { script }, async ({ run, billedUsd }) => {
      const { code, events } = await run('--max-cost', '0.5');
      expect(code).toBe(10);
      expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'limit-cost' });
      expect(billedUsd()).toBeLessThanOrEqual(0.5);
    });
  });

  it('says that it is blocked, and the run says so', async (test) => {
    test.skip(missing, absent(one.recipe));
    const script = inOrder({ kind: 'say', text: 'I looked.\n\nblocked because the database is not there' });
    await onStage(one, { script }, async ({ run }) => {
      const { code, events } = await run();
      expect(claimsOf(events)).toContain('blocked: the database is not there');
      expect(code).toBe(12);
    });
  });

  it('runs nothing of what the repository brings for it', async (test) => {
    test.skip(missing, absent(one.recipe));
    await onStage(one, { files: BROUGHT }, async (stage) => {
      await expectAccepted(stage, await stage.run());
      expect((await stage.place.cli('diff', 'last')).out.match(/^diff --git .*$/gmu)).toEqual([
        'diff --git a/sum.js b/sum.js',
      ]);
    });
  });
});

/** What each can be told to load of a repository, leaving another trace than what is not allowed. */
const HOOKS = CLAUDE_LIKE.replaceAll('touch ran', 'touch allowed').replaceAll('"ran"', '"allowed"');
const ALLOWED: Readonly<Record<string, readonly [string, string]>> = {
  claude: ['.claude/settings.json', HOOKS],
  gemini: ['.gemini/settings.json', HOOKS],
  qwen: ['.qwen/settings.json', HOOKS],
  opencode: [
    'opencode.json',
    JSON.stringify({ mcp: { allowed: { type: 'local', command: ['touch', '/workspace/allowed'] } } }),
  ],
  pi: ['.pi/extensions/allowed.ts', PLUGIN.replaceAll('ran', 'allowed')],
};

describe.each(DRIVEN.filter(({ agent }) => ALLOWED[agent] !== undefined))('$recipe.name', (one) => {
  it('loads what the policy allows by its hash, and nothing beside it', async (test) => {
    test.skip(one.recipe.program() === null, absent(one.recipe));
    const [path, text] = ALLOWED[one.agent] ?? ['', ''];
    const sha256 = createHash('sha256').update(text).digest('hex');
    const options = { configuration: [{ path, sha256 }] };
    await onStage(one, { files: { ...BROUGHT, [path]: text }, options }, async ({ place, run }) => {
      const ran = await run('--max-iterations', '1');
      const made = (await place.cli('diff', 'last')).out.match(/^diff --git .*$/gmu) ?? [ran.out.slice(-3_000)];
      expect(made).toContain('diff --git a/allowed b/allowed');
      expect(made).not.toContain('diff --git a/ran b/ran');
    });
  });
});

it('canary: an agent that is started without its driver runs what the repository brings for it', async (test) => {
  const one = DRIVEN.find(({ agent }) => agent === 'claude');
  const program = one?.recipe.program() ?? null;
  test.skip(one === undefined || program === null, 'claude is not installed');
  if (one === undefined || program === null) return;
  const files = { ...BROUGHT, 'claude.sh': 'exec "$CLAUDE" -p --model acme/coder --dangerously-skip-permissions x\n' };
  await onStage(one, { files }, async ({ place, run }) => {
    const end = await run(
      '--agent',
      'command',
      '--sandbox',
      'none',
      '--max-iterations',
      '1',
      '--models',
      '--',
      'env',
      `CLAUDE=${program[0] ?? ''}`,
      'IS_SANDBOX=1',
      'sh',
      'claude.sh',
    );
    expect((await place.cli('diff', 'last')).out + end.err).toContain('a/ran');
  });
});
