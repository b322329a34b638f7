import { settingsOver } from '../configuration.ts';
import type { Call } from '../definition.ts';

export function home({ configuration }: Call): Readonly<Record<string, string>> {
  const settings = {
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    general: { enableAutoUpdate: false, disableAutoUpdate: true },
  };
  return { '.qwen/settings.json': settingsOver(configuration, '.qwen/settings.json', settings) };
}
