/** Shapes of credentials that are certain enough to refuse a policy for, or to hold a change. The value is never repeated. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
  [/\bsk-ant-[A-Za-z0-9_-]{20,}/, 'an Anthropic API key'],
  [/\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}/, 'an OpenAI API key'],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})/, 'a GitHub token'],
  [/\bglpat-[A-Za-z0-9_-]{20,}/, 'a GitLab token'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, 'an AWS access key'],
  [/\bAIza[A-Za-z0-9_-]{35}\b/, 'a Google API key'],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}/, 'a Slack token'],
  [/\bnpm_[A-Za-z0-9]{36}\b/, 'an npm token'],
  [/\b[sr]k_live_[A-Za-z0-9]{20,}/, 'a Stripe key'],
  [/\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/, 'a signed token (JWT)'],
];

export interface ShapedSecret {
  /** What it looks like, with its article. */
  readonly what: string;
  /** The part of the text that does; never shown to anybody. */
  readonly value: string;
}

/** The first of `shapes` that the text holds. */
export function shapedSecret(
  text: string,
  shapes: readonly (readonly [RegExp, string])[] = SHAPES,
): ShapedSecret | null {
  for (const [pattern, what] of shapes) {
    const value = pattern.exec(text)?.[0];
    if (value !== undefined) return { what, value };
  }
  return null;
}

/** What the text looks like, with its article, or null. */
export function secretShape(text: string): string | null {
  return shapedSecret(text)?.what ?? null;
}
