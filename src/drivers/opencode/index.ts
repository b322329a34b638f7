/** opencode in `run` mode. Measured with 1.18.33. */
import type { Driver } from '../../ports/driver.ts';
import { createCodingAgentDriver } from '../coding-agent.ts';
import type { HostEnvironment } from '../installation.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';
import { home } from './home.ts';

export function createOpencodeDriver(hostEnvironment: HostEnvironment): Driver {
  return createCodingAgentDriver(
    {
      id: 'opencode',
      summary: 'opencode, one process per turn.',
      program: 'opencode',
      install: 'npm install -g opencode-ai',
      reportsUsage: true,
      // Measured: out in 0.2 s.
      wrapsUp: 'SIGINT',
      cumulative: 'nothing',
      // Its plugins are loaded whatever is switched off.
      conceals: ['.opencode'],
      accepts: /^opencode\.json$/u,
      wire: () => ({ address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY', dialect: 'openai-chat' }),
      commandLine,
      home,
      fold,
    },
    hostEnvironment,
  );
}
