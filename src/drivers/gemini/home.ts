import { settingsOver } from '../configuration.ts';
import type { Call } from '../definition.ts';

export function home({ configuration }: Call): Readonly<Record<string, string>> {
  const settings = {
    security: { auth: { selectedType: 'gemini-api-key' } },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    general: { enableAutoUpdate: false },
  };
  return { '.gemini/settings.json': settingsOver(configuration, '.gemini/settings.json', settings) };
}
