import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statedPolicy } from './stated-policy.ts';

const verdict = (text: string): string => {
  const lines = statedPolicy('CONTRIBUTING.md', text);
  if (lines.length === 0) return 'silent';
  return lines.some(({ forbids }) => forbids) ? 'forbids' : 'speaks';
};

describe('what a repository states about AI', () => {
  it.each([
    'We do not accept AI-generated contributions.',
    'AI-generated code is not allowed in this project.',
    'Contributions written by LLMs are prohibited.',
    'It is expressly forbidden to contribute to this project any content that has been created with the assistance of AI tools.',
    'No LLM generated pull requests, please.',
    '## No AI contributions',
    "We don't want patches from ChatGPT or Copilot.",
    'Pull requests made by AI will be closed without review, AI content is banned.',
    'Please note:\nwe will not merge code that was written\nby an artificial intelligence.',
    '- Never submit machine-generated changes',
  ])('a ban is a ban: %s', (text) => {
    expect(verdict(text)).toBe('forbids');
  });

  it.each([
    'If you used AI, say so in the pull request.',
    'AI-assisted contributions are welcome.',
    'AI-generated code is not forbidden here.',
    'Do not submit AI-generated code that you do not understand.',
    'Never open a pull request with AI code without reviewing it first.',
    'Agents must not edit dist/.',
    'For coding agents: run `npm test` before you commit.',
    'Disclose the use of Copilot in your commit message.',
  ])('a condition, a request or a welcome is none: %s', (text) => {
    expect(verdict(text)).toBe('speaks');
  });

  it.each(['Run the tests.', 'Do not commit secrets.', "Mail the maintainers; j'ai fini.", ''])(
    'other text is not shown: %s',
    (text) => {
      expect(verdict(text)).toBe('silent');
    },
  );

  it('names the line, and shows what forbids first', () => {
    const text = '# Hello\n\nAI tools are used here.\n\nMore.\nWe do not accept\nAI-generated patches.\n';
    expect(statedPolicy('AI_POLICY.md', text)).toEqual([
      { path: 'AI_POLICY.md', line: 5, text: 'We do not accept AI-generated patches.', forbids: true },
      { path: 'AI_POLICY.md', line: 3, text: 'AI tools are used here.', forbids: false },
    ]);
  });

  it('is bounded and total over any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
        const lines = statedPolicy('AGENTS.md', `${text}\n${'AI agents.\n\n'.repeat(50)}`);
        return lines.length > 0 && lines.length <= 20 && lines.every((one) => one.text.length <= 300);
      }),
    );
  });
});
