/** Gemini CLI without a terminal. Measured with 0.61.0. */
import type { Driver } from '../../ports/driver.ts';
import { createCodingAgentDriver } from '../coding-agent.ts';
import type { HostEnvironment } from '../installation.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';
import { home } from './home.ts';

export function createGeminiDriver(hostEnvironment: HostEnvironment): Driver {
  return createCodingAgentDriver(
    {
      id: 'gemini',
      summary: 'Gemini CLI, one process per turn.',
      program: 'gemini',
      install: 'npm install -g @google/gemini-cli',
      reportsUsage: true,
      cumulative: 'nothing',
      accepts: /^\.gemini\/settings\.json$/u,
      wire: () => ({ address: 'GOOGLE_GEMINI_BASE_URL', key: 'GEMINI_API_KEY', dialect: 'gemini' }),
      commandLine,
      home,
      fold,
    },
    hostEnvironment,
  );
}
