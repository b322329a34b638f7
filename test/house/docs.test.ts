/** The documentation is tested: links lead somewhere, examples are accepted, commands exist. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createContext } from '../../src/cli/context.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { createScriptedDriver } from '../../src/drivers/scripted/index.ts';
import { parsePolicy } from '../../src/policy/parse.ts';
import { parseHostSecrets } from '../../src/policy/parse-host-secrets.ts';
import { parseNotify } from '../../src/policy/parse-notify.ts';
import { parseProviders } from '../../src/policy/parse-providers.ts';
import { parseLayer } from '../../src/policy/stack/parse-layer.ts';

const pages = [...globSync('*.md'), ...globSync('docs/**/*.md'), ...globSync('demo/*.md')];
const text = (path: string): string => readFileSync(path, 'utf8');

function deadLinks(path: string, markdown: string): string[] {
  const links = [...markdown.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
  return links.filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(dirname(path), target)));
}

function fences(language: string): { readonly path: string; readonly body: string }[] {
  const pattern = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g');
  return pages.flatMap((path) => [...text(path).matchAll(pattern)].map(([, body = '']) => ({ path, body })));
}

const terminal = {
  out: () => undefined,
  err: () => undefined,
  status: () => undefined,
  columns: 100,
  errColours: false,
  outColours: false,
  env: {},
  cwd: '/',
};
const known = new Set(buildProgram(createContext(terminal)).commands.map((command) => command.name()));

function unknownCommands(markdown: string): string[] {
  const named = [...markdown.matchAll(/(?:`|^\.\/|\$ )loopwright ([a-z]+)\b/gm)].map(([, name = '']) => name);
  return named.filter((name) => !known.has(name));
}

describe('the documentation', () => {
  it('was looked at', () => {
    expect(pages.length).toBeGreaterThan(15);
    expect(known.size).toBeGreaterThan(15);
  });

  it('has no dead link', () => {
    expect(pages.flatMap((path) => deadLinks(path, text(path)).map((target) => `${path}: ${target}`))).toEqual([]);
  });

  it('names only commands that exist', () => {
    const hand = pages.filter((path) => !path.startsWith('docs/reference/'));
    expect(hand.flatMap((path) => unknownCommands(text(path)).map((name) => `${path}: ${name}`))).toEqual([]);
  });

  it('shows only policies, providers and scripts that are accepted', () => {
    const examples = fences('yaml');
    expect(examples.length).toBeGreaterThan(1);
    const scripted = createScriptedDriver();
    for (const { path, body } of examples) {
      if (/^providers:/m.test(body)) expect(parseProviders(body, path, ['google']).version).toBe(1);
      else if (/^secrets:\n[^]*value:/m.test(body)) expect(Object.keys(parseHostSecrets(body, path))).not.toEqual([]);
      else if (/^layer:/m.test(body)) expect(parseLayer(body, path, path).content.version).toBe(1);
      else if (/^command:/m.test(body)) expect(parseNotify(body, path)).not.toEqual([]);
      else if (body.includes('turns:')) expect(scripted.options({ script: body, name: path })).toHaveProperty('turns');
      else expect(parsePolicy(body, path).content.version).toBe(1);
    }
  });

  it('canary: would find a dead link and an unknown command', () => {
    expect(deadLinks('README.md', '[a](docs/no-such-page.md)')).toEqual(['docs/no-such-page.md']);
    expect(unknownCommands('type `loopwright fly last`')).toEqual(['fly']);
  });
});
