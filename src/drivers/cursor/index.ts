/** Cursor CLI without a terminal, as documented: it is proprietary, needs an account, and was never run here. */
import type { Driver } from '../../ports/driver.ts';
import { createCodingAgentDriver } from '../coding-agent.ts';
import type { HostEnvironment } from '../installation.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';
import { home } from './home.ts';

export function createCursorDriver(hostEnvironment: HostEnvironment): Driver {
  return createCodingAgentDriver(
    {
      id: 'cursor',
      summary: 'Cursor CLI with its own login, one process per turn; nothing here can meter it.',
      program: 'cursor-agent',
      install: 'curl https://cursor.com/install -fsS | bash',
      reportsUsage: false,
      cumulative: 'nothing',
      // Rules, hooks and MCP servers of the repository.
      conceals: ['.cursor'],
      wire: null,
      commandLine,
      home,
      fold,
    },
    hostEnvironment,
  );
}
