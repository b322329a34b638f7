import { settingsOver } from '../configuration.ts';
import type { Call } from '../definition.ts';
import { rules } from './rules.ts';

export function home({ configuration, permissions }: Call): Readonly<Record<string, string>> {
  const settings = {
    security: { auth: { selectedType: 'gemini-api-key' } },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    general: { enableAutoUpdate: false },
  };
  const own = permissions === undefined ? null : rules(permissions);
  return {
    '.gemini/settings.json': settingsOver(configuration, '.gemini/settings.json', settings),
    ...(own === null ? {} : { '.gemini/policies/loopwright.toml': own }),
  };
}
