import type { Call } from '../definition.ts';
import { rules } from './rules.ts';

export function home({ permissions }: Pick<Call, 'permissions'>): Readonly<Record<string, string>> {
  const own = permissions === undefined ? null : rules(permissions);
  const settings = {
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    general: { enableAutoUpdate: false, disableAutoUpdate: true },
    ...(own === null ? {} : { permissions: own }),
  };
  return { '.qwen/settings.json': `${JSON.stringify(settings, null, 2)}\n` };
}
