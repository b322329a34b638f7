/** Qwen Code without a terminal. Measured with 0.24.4. */
import type { Driver } from '../../ports/driver.ts';
import { createCodingAgentDriver } from '../coding-agent.ts';
import type { HostEnvironment } from '../installation.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';
import { home } from './home.ts';

export function createQwenDriver(hostEnvironment: HostEnvironment): Driver {
  return createCodingAgentDriver(
    {
      id: 'qwen',
      summary: 'Qwen Code, one process per turn.',
      program: 'qwen',
      install: 'npm install -g @qwen-code/qwen-code',
      reportsUsage: true,
      cumulative: 'nothing',
      // It brings settings it finds there up to date, even those it does not use.
      conceals: ['.qwen'],
      accepts: /^\.qwen\/settings\.json$/u,
      wire: () => ({ address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY', dialect: 'openai-chat' }),
      commandLine,
      home,
      fold,
    },
    hostEnvironment,
  );
}
