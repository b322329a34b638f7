/** One turn of the fake agent behind the acp driver, in the sandbox, and what it heard. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PermissionAnswer, PermissionQuestion } from '../../src/core/permission.ts';
import { createAcpDriver } from '../../src/drivers/acp/index.ts';
import type { AgentHost, AgentSession, TurnResult } from '../../src/ports/driver.ts';
import { hostInSandbox } from '../../src/public/conformance/driver.ts';
import { createBubblewrapSandbox } from '../../src/sandboxes/bubblewrap/index.ts';

export const FAKE_ACP_AGENT: string = join(import.meta.dirname, 'fake-acp-agent.ts');

export interface AcpStage {
  readonly directory: string;
  readonly questions: readonly PermissionQuestion[];
  readonly session: AgentSession;
  readonly turn: (how?: { readonly prompt?: string; readonly signal?: AbortSignal }) => Promise<TurnResult>;
  /** What the agent was sent: method names, or whole messages of one method. */
  readonly heard: (method?: string) => readonly unknown[];
}

export interface AcpStaged {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly answer?: (question: PermissionQuestion) => Promise<PermissionAnswer>;
  readonly models?: AgentHost['models'];
  /** For an agent that never answers, milliseconds. */
  readonly answerMs?: number;
  readonly leaveMs?: number;
  readonly cancelMs?: number;
  /** Is called with what the agent wrote. */
  readonly onOutput?: (text: string) => void;
}

const DENIED: PermissionAnswer = { decision: 'deny', rule: 'Bash(rm *)', reason: 'nothing is deleted here' };

/** Long, so that only what is meant to run out runs out on a busy machine. */
const LONG_MS = 60_000;

function linesOf(output: Uint8Array): readonly Readonly<Record<string, unknown>>[] {
  return Buffer.from(output)
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('<- '))
    .map((line) => JSON.parse(line.slice(3)) as Readonly<Record<string, unknown>>);
}

/** `behaviour`: what the agent does, and its flags. */
export async function onAcpStage(
  behaviour: readonly string[],
  staged: AcpStaged,
  play: (stage: AcpStage) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'loopwright-acp-test-'));
  const home = await mkdtemp(join(tmpdir(), 'loopwright-acp-home-'));
  const questions: PermissionQuestion[] = [];
  const answer = staged.answer ?? (() => Promise.resolve(DENIED));
  const inSandbox = hostInSandbox(
    createBubblewrapSandbox({ hostEnvironment: process.env }),
    directory,
    '/workspace',
    home,
  );
  const host: AgentHost = {
    ...inSandbox,
    models: staged.models ?? null,
    permit(question) {
      questions.push(question);
      return answer(question);
    },
    launch(spec, signal) {
      const launched = inSandbox.launch(spec, signal);
      return {
        ...launched,
        onOutput: (listener) =>
          launched.onOutput((stream, bytes) => {
            listener(stream, bytes);
            staged.onOutput?.(Buffer.from(bytes).toString('utf8'));
          }),
      };
    },
  };
  const { answerMs = LONG_MS, leaveMs = LONG_MS, cancelMs = LONG_MS } = staged;
  const driver = createAcpDriver(process.env, { answerMs, leaveMs, cancelMs });
  const heard: Readonly<Record<string, unknown>>[] = [];
  try {
    const options = driver.options({ argv: [FAKE_ACP_AGENT, ...behaviour], ...staged.options });
    const session = await driver.open(options, host);
    await play({
      directory,
      questions,
      session,
      async turn({ prompt = 'Do it.', signal = new AbortController().signal } = {}) {
        const budget = { wallTimeMs: LONG_MS, idleMs: LONG_MS, outputBytes: 'unlimited' } as const;
        const result = await session.turn({ iteration: 1, prompt, budget }, signal);
        heard.splice(0, heard.length, ...linesOf(result.output));
        return result;
      },
      heard: (method) =>
        method === undefined
          ? heard.map((message) => message['method'] ?? 'answer')
          : heard.filter((message) => message['method'] === method).map((message) => message['params']),
    });
    await session.close();
  } finally {
    await rm(directory, { recursive: true, force: true });
    await rm(home, { recursive: true, force: true });
  }
}
