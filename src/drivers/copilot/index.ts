/** GitHub Copilot CLI without a terminal, with a provider of one's own. Measured with 1.0.102. */
import type { Driver } from '../../ports/driver.ts';
import { createCodingAgentDriver } from '../coding-agent.ts';
import type { HostEnvironment } from '../installation.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';
import { API_CHOICES, wireByApi } from '../three-protocols.ts';
import { home } from './home.ts';

export function createCopilotDriver(hostEnvironment: HostEnvironment): Driver {
  return createCodingAgentDriver(
    {
      id: 'copilot',
      summary: 'GitHub Copilot CLI, one process per turn.',
      program: 'copilot',
      install: 'npm install -g @github/copilot',
      reportsUsage: false,
      cumulative: 'nothing',
      choices: { api: API_CHOICES },
      wire: wireByApi,
      commandLine,
      home,
      fold,
    },
    hostEnvironment,
  );
}
