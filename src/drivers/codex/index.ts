/** Codex CLI in `exec` mode. Measured with 0.169.0. */
import type { Driver } from '../../ports/driver.ts';
import { createCodingAgentDriver } from '../coding-agent.ts';
import type { HostEnvironment } from '../installation.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';
import { home } from './home.ts';

export function createCodexDriver(hostEnvironment: HostEnvironment): Driver {
  return createCodingAgentDriver(
    {
      id: 'codex',
      summary: 'Codex CLI, one process per turn.',
      program: 'codex',
      install: 'npm install -g @openai/codex',
      reportsUsage: true,
      // Measured: out in 0.05 s.
      wrapsUp: 'SIGINT',
      // `turn.completed` tells the totals of the conversation.
      cumulative: 'everything',
      wire: () => ({ address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY', dialect: 'openai-responses' }),
      commandLine,
      home,
      fold,
    },
    hostEnvironment,
  );
}
