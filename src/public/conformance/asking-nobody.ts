/** For hosts in tests of drivers that are not about questions. */
import type { AgentHost } from '../../ports/driver.ts';

/** There are no rules, and whoever asks all the same is refused. */
export const ASKING_NOBODY: Pick<AgentHost, 'rules' | 'permit'> = {
  rules: { deny: [], ask: [], allow: [] },
  permit: () => Promise.resolve({ decision: 'deny', rule: null, reason: 'nobody is asked here' }),
};
