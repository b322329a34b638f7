/** OpenHands CLI without a terminal. Measured with 1.16.0. */
import type { Driver } from '../../ports/driver.ts';
import { createCodingAgentDriver } from '../coding-agent.ts';
import type { HostEnvironment } from '../installation.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';
import { home } from './home.ts';

export function createOpenhandsDriver(hostEnvironment: HostEnvironment): Driver {
  return createCodingAgentDriver(
    {
      id: 'openhands',
      summary: 'OpenHands CLI, one process per turn.',
      program: 'openhands',
      // It opens its standard input by name, which a pipe allows and a socket does not.
      before: ['sh', '-c', 'cat | "$0" "$@"'],
      install: 'uv tool install openhands --python 3.12',
      reportsUsage: false,
      cumulative: 'nothing',
      // Hooks and skills of the repository.
      conceals: ['.openhands'],
      wire: () => ({ address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY', dialect: 'openai-chat' }),
      commandLine,
      home,
      fold,
    },
    hostEnvironment,
  );
}
