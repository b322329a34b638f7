/** Claude Code in print mode. Measured with 2.1.330. */
import type { Driver } from '../../ports/driver.ts';
import { createCodingAgentDriver } from '../coding-agent.ts';
import type { HostEnvironment } from '../installation.ts';
import { commandLine } from './command-line.ts';
import { openDialogue } from './dialogue.ts';
import { fold } from './events.ts';
import { home } from './home.ts';

export function createClaudeDriver(hostEnvironment: HostEnvironment): Driver {
  return createCodingAgentDriver(
    {
      id: 'claude',
      summary: 'Claude Code, one process per turn.',
      program: 'claude',
      install: 'npm install -g @anthropic-ai/claude-code',
      reportsUsage: true,
      // Measured: out in 0.2 to 1.7 s.
      wrapsUp: 'SIGINT',
      // Of a conversation it goes on with, `total_cost_usd` is the sum and `usage` is not.
      cumulative: 'cost',
      accepts: /^(?:\.claude\/settings\.json|\.mcp\.json)$/u,
      wire: () => ({ address: 'ANTHROPIC_BASE_URL', key: 'ANTHROPIC_API_KEY', dialect: 'anthropic-messages' }),
      commandLine,
      home,
      fold,
      dialogue: openDialogue,
    },
    hostEnvironment,
  );
}
