/** Ending a coding agent in the middle of its turn: by a person, by a limit, and by silence that is none. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CODING_AGENTS, openAgentHost } from '../../test/support/coding-agents.ts';
import type { DrivenAgent } from '../../test/support/coding-agents.ts';
import { print, shellAgent } from '../../test/support/fake-agent.ts';
import type { TurnBudget } from '../core/limit.ts';
import type { AgentHost, TurnResult } from '../ports/driver.ts';
import type { Grace, SupervisedProcess } from '../ports/sandbox.ts';
import { countOnHost, sleepToken, untilHolds } from '../public/conformance/sandbox-bench.ts';

const BUDGET: TurnBudget = { wallTimeMs: 60_000, idleMs: 60_000, outputBytes: 'unlimited' };

/** What each is asked with before it is killed, as it was measured; absent: it is killed at once. */
const ASKED: Readonly<Record<string, Grace>> = {
  claude: { signal: 'SIGINT', ms: 500 },
  codex: { signal: 'SIGINT', ms: 500 },
  pi: { signal: 'SIGTERM', ms: 500 },
  opencode: { signal: 'SIGINT', ms: 500 },
};

interface Turn {
  readonly lines: string;
  readonly budget?: Partial<TurnBudget>;
  readonly signal?: AbortSignal;
}

interface Opened {
  readonly directory: string;
  readonly turn: (turn: Turn) => Promise<TurnResult>;
  /** What was asked of the sandbox. */
  readonly graces: readonly (Grace | undefined)[];
  readonly process: () => SupervisedProcess | undefined;
}

async function withAgent({ driver, models }: DrivenAgent, play: (opened: Opened) => Promise<void>): Promise<void> {
  const opened = await openAgentHost(models);
  const graces: (Grace | undefined)[] = [];
  const launched: SupervisedProcess[] = [];
  const host: AgentHost = {
    ...opened.host,
    launch(spec, signal) {
      graces.push(spec.grace);
      const process = opened.host.launch(spec, signal);
      launched.push(process);
      return process;
    },
  };
  try {
    await play({
      directory: opened.directory,
      graces,
      process: () => launched.at(-1),
      async turn({ lines, budget, signal = new AbortController().signal }) {
        const session = await driver.open(driver.options({ model: 'm', program: shellAgent(lines) }), host);
        return session.turn({ iteration: 1, prompt: 'x', budget: { ...BUDGET, ...budget } }, signal);
      },
    });
  } finally {
    await opened.dispose();
  }
}

/** As a tool in a session of its own, and as a daemon: both sleep for years. */
function inTool(token: string): string {
  return `setsid sleep ${token} & (setsid sleep ${token} >/dev/null 2>&1 &) ; touch tool; sleep ${token} & wait`;
}

describe.each(CODING_AGENTS)('a coding agent in the middle of a tool: $driver.id', (agent) => {
  it('is asked as it was measured, cancelled, and nothing of the tool survives', async () => {
    await withAgent(agent, async ({ turn, directory, graces }) => {
      const token = sleepToken();
      const cancel = new AbortController();
      const taking = turn({ lines: inTool(token), signal: cancel.signal });
      expect(await untilHolds(() => existsSync(join(directory, 'tool')))).toBe(true);
      // The canary: they are there, so that their absence afterwards says something.
      expect(await untilHolds(() => countOnHost(token) >= 3)).toBe(true);
      cancel.abort('stop');
      expect((await taking).end).toEqual({ kind: 'cancelled' });
      expect(countOnHost(token)).toBe(0);
      expect(graces).toEqual([ASKED[agent.driver.id]]);
    });
  });

  it('ignores every question, and is ended by wall time all the same', async () => {
    await withAgent(agent, async ({ turn }) => {
      const token = sleepToken();
      const lines = `trap "" INT TERM HUP; ${inTool(token)}; while :; do sleep 1; done`;
      const { end } = await turn({ lines, budget: { wallTimeMs: 1_000 } });
      expect(end).toMatchObject({ kind: 'limit', breach: { limit: 'wallTimeMs' } });
      expect(countOnHost(token)).toBe(0);
    });
  });
});

describe('a coding agent that says nothing', () => {
  const [agent] = CODING_AGENTS as readonly [DrivenAgent];
  const quiet: Turn = { lines: `sleep 5; ${print(agent.says, 'built')}`, budget: { idleMs: 2_000 } };

  it('is ended after its time', async () => {
    await withAgent(agent, async ({ turn }) => {
      expect((await turn(quiet)).end).toMatchObject({ kind: 'limit', breach: { limit: 'idleMs', ceiling: 2_000 } });
    });
  });

  it('is not, while its calls flow: it may wait for a slow build', async () => {
    await withAgent(agent, async ({ turn, process }) => {
      const pulse = setInterval(() => process()?.sawLife(), 20);
      const { end } = await turn(quiet);
      clearInterval(pulse);
      expect(end).toEqual({ kind: 'ended', exitCode: 0 });
    });
  });
});
