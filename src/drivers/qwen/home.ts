export function home(): Readonly<Record<string, string>> {
  const settings = {
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    general: { enableAutoUpdate: false, disableAutoUpdate: true },
  };
  return { '.qwen/settings.json': `${JSON.stringify(settings, null, 2)}\n` };
}
