export function home(): Readonly<Record<string, string>> {
  const settings = {
    security: { auth: { selectedType: 'gemini-api-key' } },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    general: { enableAutoUpdate: false },
  };
  return { '.gemini/settings.json': `${JSON.stringify(settings, null, 2)}\n` };
}
