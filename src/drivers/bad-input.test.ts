/** What coding agents do wrong: each has a clear end, what it printed is kept, and nothing of it survives. */
import { describe, expect, it } from 'vitest';
import { CODING_AGENTS, openAgentHost } from '../../test/support/coding-agents.ts';
import type { DrivenAgent } from '../../test/support/coding-agents.ts';
import { print, shellAgent } from '../../test/support/fake-agent.ts';
import { MAX_KEPT_BYTES } from '../public/conformance/driver.ts';
import { countOnHost, sleepToken } from '../public/conformance/sandbox-bench.ts';
import type { TurnEnd } from '../core/event.ts';
import type { TurnResult } from '../ports/driver.ts';

const BUDGET = { wallTimeMs: 120_000, idleMs: 120_000, outputBytes: 'unlimited' } as const;

async function turnOf({ driver, models }: DrivenAgent, lines: string): Promise<TurnResult> {
  const opened = await openAgentHost(models);
  try {
    const session = await driver.open(driver.options({ model: 'm', program: shellAgent(lines) }), opened.host);
    return await session.turn({ iteration: 1, prompt: 'x', budget: BUDGET }, new AbortController().signal);
  } finally {
    await opened.dispose();
  }
}

const textOf = ({ output }: TurnResult): string => Buffer.from(output).toString('utf8');
const claimsOf = ({ claims }: TurnResult): readonly string[] => claims.map(({ kind, text }) => `${kind}: ${text}`);

interface Case {
  readonly what: string;
  /** What the agent is, in a shell; `well` prints that all went well. */
  readonly lines: (well: string) => string;
  readonly end: TurnEnd;
  readonly claims: readonly string[];
  /** Stands in what is kept of the output. */
  readonly keeps: string;
}

const ended = (exitCode: number): TurnEnd => ({ kind: 'ended', exitCode });
const crashed = (words: string): TurnEnd => ({ kind: 'crashed', detail: expect.stringContaining(words) as string });
const UNSAID = crashed('did not say that its turn is over');
const WELL = ['message: All is well.', 'done: exit code 0'];

const CASES: readonly Case[] = [
  {
    what: 'asks to log in and leaves with 0',
    lines: () => 'echo "Not logged in. Please run /login."',
    end: UNSAID,
    claims: [],
    keeps: 'Please run /login',
  },
  {
    what: 'asks to log in and waits for an answer that cannot come',
    lines: () => 'echo "Password:" >&2; read -r answer || exit 1',
    end: ended(1),
    claims: [],
    keeps: 'Password:',
  },
  {
    what: 'prints a banner before its events',
    lines: (well) => `echo "Update available! 1.0 -> 2.0"; ${well}`,
    end: ended(0),
    claims: WELL,
    keeps: 'Update available!',
  },
  {
    what: 'prints a banner into the line of an event',
    lines: (well) => `printf "Update available! "; ${well}`,
    end: ended(0),
    claims: WELL,
    keeps: 'Update available! {',
  },
  {
    what: 'changes its schema',
    lines: () =>
      `echo '{"kind":"finished","outcome":{"text":["All is well."]}}'; echo '{"type":42,"result":[],"part":7}'`,
    end: UNSAID,
    claims: [],
    keeps: '"kind":"finished"',
  },
  {
    what: 'leaves with another code after it said that all went well',
    lines: (well) => `${well}; exit 3`,
    end: ended(3),
    claims: ['message: All is well.'],
    keeps: 'All is well.',
  },
  {
    what: 'dies at its start',
    lines: () => 'kill -SEGV $$',
    end: crashed('died by SIGSEGV'),
    claims: [],
    keeps: '',
  },
  {
    what: 'needs a terminal',
    lines: () => 'test -t 1 && exit 0; echo "stdout is not a terminal" >&2; exec < /dev/tty; echo never',
    end: ended(2),
    claims: [],
    keeps: 'stdout is not a terminal',
  },
  {
    what: 'says half an event at its end',
    lines: (well) => `${well} | head -c 20`,
    end: UNSAID,
    claims: [],
    keeps: '{"',
  },
];

describe.each(CODING_AGENTS)('a coding agent behind the driver of $driver.id', (agent) => {
  const well = print(agent.says, 'All is well.');

  it.each(CASES)('that $what', async ({ lines, end, claims, keeps }) => {
    // In braces, so that all of it goes where one of it goes.
    const result = await turnOf(agent, lines(`{ ${well}; }`));
    expect(result.end).toEqual(end);
    expect(claimsOf(result)).toEqual(claims);
    expect(textOf(result)).toContain(keeps);
  });

  it('that forks itself and leaves has not done its turn, and nothing of it survives', async () => {
    const token = sleepToken();
    const result = await turnOf(agent, `setsid sh -c 'sleep ${token}; echo never' </dev/null >/dev/null 2>&1 &`);
    expect(result.end).toEqual(UNSAID);
    expect(countOnHost(token)).toBe(0);
  });
});

/** How each says in its events that it failed; none of them leaves with anything but 0 here. */
const FAILURES: Readonly<Record<string, unknown>> = {
  claude: { type: 'result', subtype: 'success', is_error: true, result: 'No credit.' },
  codex: { type: 'turn.failed', error: { message: 'No credit.' } },
  pi: { type: 'message_end', message: { role: 'assistant', stopReason: 'error', errorMessage: 'No credit.' } },
  gemini: { type: 'result', status: 'error', error: { message: 'No credit.' } },
  qwen: { type: 'result', subtype: 'error_during_execution', is_error: true, error: { message: 'No credit.' } },
  copilot: { type: 'session.error', data: { message: 'No credit.' } },
  openhands: { kind: 'ConversationErrorEvent', code: 'LLMError', detail: 'No credit.' },
  cursor: { type: 'result', subtype: 'error', is_error: true, result: 'No credit.' },
  opencode: { type: 'error', error: { name: 'APIError', data: { message: 'No credit.' } } },
};

describe('a coding agent that leaves with 0 on an error', () => {
  it.each(CODING_AGENTS)('has failed in its own words: $driver.id', async (agent) => {
    const event = FAILURES[agent.driver.id];
    expect(event).toBeDefined();
    const result = await turnOf(agent, `echo '${JSON.stringify(event)}'`);
    expect(result.end).toEqual(crashed('No credit.'));
    expect(claimsOf(result)).toEqual([]);
  });
});

describe('a coding agent that is not there', () => {
  const [agent] = CODING_AGENTS;

  it('is missing, and in another version it is another one', async () => {
    const { driver } = agent as DrivenAgent;
    const opened = await openAgentHost();
    const opening = (more: object): Promise<unknown> =>
      driver.open(driver.options({ model: 'm', ...more }), opened.host);
    await expect(opening({ program: '/nonexistent/agent' })).rejects.toMatchObject({ code: 'LW_AGENT_MISSING' });
    const program = shellAgent('exit 0');
    await expect(opening({ program, version: '9.9.9' })).rejects.toMatchObject({ code: 'LW_AGENT_VERSION' });
    // The canary: the same one, without asking for a version, is opened.
    await expect(opening({ program })).resolves.toBeDefined();
    await opened.dispose();
  });
});

describe('a coding agent that writes 1 GiB of events', () => {
  const GIB = 1_024 ** 3;
  const agent = CODING_AGENTS.find(({ driver }) => driver.id === 'pi') as DrivenAgent;

  it('is read to its end in bounded memory', async () => {
    // Half of it in lines that are longer than any event, half in events; the last words come after both.
    const line = `{"type":"tool_execution_update","text":"${'x'.repeat(60_000)}"}`;
    const flood = `head -c ${GIB / 2} /dev/zero; echo; yes '${line}' | head -c ${GIB / 2}; echo`;
    const before = process.memoryUsage().rss;
    const result = await turnOf(agent, `${flood}; ${print(agent.says, 'All is well.')}`);
    expect(result.end).toEqual(ended(0));
    expect(result.outputBytes).toBeGreaterThan(GIB);
    expect(result.output.length).toBeLessThanOrEqual(MAX_KEPT_BYTES);
    expect(claimsOf(result)).toEqual(WELL);
    // Whoever held what it read would hold more than this.
    expect(process.memoryUsage().rss - before).toBeLessThan(GIB / 2);
  }, 120_000);
});
