/** Every coding agent that has a driver, with what it prints when all went well, and a sandbox to take its turns in. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClaudeDriver } from '../../src/drivers/claude/index.ts';
import { createCodexDriver } from '../../src/drivers/codex/index.ts';
import { createCopilotDriver } from '../../src/drivers/copilot/index.ts';
import { createCursorDriver } from '../../src/drivers/cursor/index.ts';
import { createGeminiDriver } from '../../src/drivers/gemini/index.ts';
import { createOpenhandsDriver } from '../../src/drivers/openhands/index.ts';
import { createOpencodeDriver } from '../../src/drivers/opencode/index.ts';
import { createPiDriver } from '../../src/drivers/pi/index.ts';
import { createQwenDriver } from '../../src/drivers/qwen/index.ts';
import type { AgentHost, Driver } from '../../src/ports/driver.ts';
import { hostInSandbox } from '../../src/public/conformance/driver.ts';
import type { ConformanceHost } from '../../src/public/conformance/driver.ts';
import { createBubblewrapSandbox } from '../../src/sandboxes/bubblewrap/index.ts';
import type { Says } from './fake-agent.ts';

export interface DrivenAgent {
  readonly driver: Driver;
  readonly says: Says;
  /** null: it reaches its vendor itself, and has no way through a gateway. */
  readonly models?: null;
}

/** Through a gateway that is not there: no fake calls a model, and the driver has to point its agent at one. */
const MODELS = {
  env: {
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:1/a',
    ANTHROPIC_API_KEY: 'run-key',
    OPENAI_BASE_URL: 'http://127.0.0.1:1/o/v1',
    OPENAI_API_KEY: 'run-key',
    GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:1/g',
    GEMINI_API_KEY: 'run-key',
  },
};

/** A workspace, a home and a way to models, in the real sandbox. */
export async function openAgentHost(models: AgentHost['models'] = MODELS): Promise<ConformanceHost> {
  const directory = await mkdtemp(path.join(tmpdir(), 'loopwright-driver-test-'));
  const home = await mkdtemp(path.join(tmpdir(), 'loopwright-driver-home-'));
  const sandbox = createBubblewrapSandbox({ hostEnvironment: process.env });
  return {
    host: { ...hostInSandbox(sandbox, directory, '/workspace', home), models },
    directory,
    async dispose() {
      await rm(directory, { recursive: true, force: true });
      await rm(home, { recursive: true, force: true });
    },
  };
}

export const CODING_AGENTS: readonly DrivenAgent[] = [
  {
    driver: createClaudeDriver(process.env),
    says: (text) => [{ type: 'result', subtype: 'success', is_error: false, result: text, session_id: 's' }],
  },
  {
    driver: createCodexDriver(process.env),
    says: (text) => [
      { type: 'thread.started', thread_id: 't' },
      { type: 'item.completed', item: { type: 'agent_message', text } },
      { type: 'turn.completed' },
    ],
  },
  {
    driver: createPiDriver(process.env),
    says: (text) => [
      { type: 'message_end', message: { role: 'assistant', content: [{ type: 'text', text }], stopReason: 'stop' } },
      { type: 'agent_settled' },
    ],
  },
  {
    driver: createGeminiDriver(process.env),
    says: (text) => [
      { type: 'message', role: 'assistant', content: text, delta: true },
      { type: 'result', status: 'success' },
    ],
  },
  {
    driver: createQwenDriver(process.env),
    says: (text) => [{ type: 'result', subtype: 'success', is_error: false, result: text }],
  },
  {
    driver: createCopilotDriver(process.env),
    says: (text) => [
      { type: 'assistant.message', data: { content: text } },
      { type: 'result', exitCode: 0, sessionId: 's' },
    ],
  },
  {
    driver: createOpenhandsDriver(process.env),
    says: (text) => [{ kind: 'MessageEvent', source: 'agent', llm_message: { content: [{ type: 'text', text }] } }],
  },
  {
    driver: createCursorDriver(process.env),
    says: (text) => [{ type: 'result', subtype: 'success', is_error: false, result: text, session_id: 's' }],
    models: null,
  },
  {
    driver: createOpencodeDriver(process.env),
    says: (text) => [
      { type: 'text', part: { text } },
      { type: 'step_finish', part: { reason: 'stop' } },
    ],
  },
];
