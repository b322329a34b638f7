/** Service tiers of OpenAI: `default` is what the list price is for. */
export function openaiTier(tier: string | null): string | null {
  return tier === 'default' ? 'standard' : tier;
}
