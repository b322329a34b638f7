import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { foldRun } from '../core/evolve.ts';
import { CLOUD } from '../../test/fixtures/cloud-events.ts';
import { HOSTILE, UNSAFE_FOR_TERMINAL } from '../../test/fixtures/hostile.ts';
import { poisonedEvents } from '../../test/fixtures/poisoned-events.ts';
import { blobText, EVENTS } from '../../test/fixtures/runs.ts';
import type { RunName } from '../../test/fixtures/runs.ts';
import { renderHtml } from './html.ts';
import { buildReport } from './report.ts';

const NAMES = Object.keys(EVENTS) as RunName[];

function html(name: RunName): string {
  return renderHtml(buildReport(foldRun(EVENTS[name]), { blob: blobText, events: 1, chainBrokenAt: null }));
}

function poisonedHtml(name: RunName, payload: string): string {
  const state = foldRun(poisonedEvents(EVENTS[name], payload));
  return renderHtml(buildReport(state, { blob: () => payload, events: 1, chainBrokenAt: null }));
}

interface Parsed {
  readonly elements: readonly string[];
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly text: string;
}

/** Throws where the page is not well-formed: where any text broke out of its place. */
function parse(page: string): Parsed {
  const elements: string[] = [];
  const attributes: (readonly [string, string])[] = [];
  let text = '';
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('comment', () => {
    throw new Error('the report writes no comments');
  });
  parser.on('opentag', (tag) => {
    elements.push(tag.name);
    attributes.push(...Object.entries(tag.attributes));
  });
  parser.on('text', (piece) => {
    text += piece;
  });
  parser.write(page).close();
  return { elements, attributes, text };
}

const ELEMENTS = new Set(
  'html head meta title style body div header p code h1 dl dt dd nav ul li a main section h2 blockquote table caption thead tbody tr th td span strong s details summary pre footer'.split(
    ' ',
  ),
);
const ATTRIBUTES = new Set(
  'lang xmlns charset http-equiv content name class id aria-labelledby aria-label href role scope data-label open'.split(
    ' ',
  ),
);

describe('the HTML report', () => {
  test.each(NAMES)('is well-formed and made of known elements only: %s', (name) => {
    const { elements, attributes } = parse(html(name));
    expect(elements.filter((element) => !ELEMENTS.has(element))).toEqual([]);
    expect(attributes.filter(([attribute]) => !ATTRIBUTES.has(attribute))).toEqual([]);
    const ids = attributes.filter(([attribute]) => attribute === 'id').map(([, value]) => value);
    expect(new Set(ids).size).toBe(ids.length);
    const links = attributes.filter(([attribute]) => attribute === 'href').map(([, value]) => value.slice(1));
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((link) => !ids.includes(link))).toEqual([]);
  });

  test.each(NAMES)('loads nothing and runs nothing: %s', (name) => {
    const page = html(name);
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;" />`,
    );
    // Addresses that are text lead nowhere; no attribute holds one, which the parse above has seen.
    const known = ['http://www.w3.org/1999/xhtml', CLOUD.remote, 'https://app.devin.ai/sessions/4f2a'];
    const rest = known.reduce((left, address) => left.replaceAll(address, ''), page);
    expect(rest).not.toMatch(/https?:|url\(|@import|<script|<link|<img|src=/i);
  });

  test('puts the verdict above everything the agent wrote', () => {
    const { text } = parse(html('accepted'));
    const order = [
      'Accepted',
      'The acceptance holds',
      'What was asked',
      'Evidence',
      'What the agent said',
      'All tests pass',
    ];
    const places = order.map((words) => text.indexOf(words, text.indexOf('Run 01k7fixture')));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places.every((place) => place > 0)).toBe(true);
  });

  test('says in words what it says in colours', () => {
    const page = html('accepted');
    for (const [, , words] of page.matchAll(/class="badge (\w+)">([^<]*)</g)) expect(words).not.toBe('');
    expect(page).toContain('<span class="badge bad">red</span>');
    expect(page).toContain('<span class="added">+    if (tokens.at(&#39;]&#39;)) break;\n</span>');
    expect(page).toContain('<span class="context"> --- so does this\n</span>');
  });

  test('tells screens apart: small, dark, paper', () => {
    const page = html('accepted');
    for (const query of ['prefers-color-scheme: dark', 'max-width: 40rem', 'print', 'prefers-reduced-motion']) {
      expect(page).toMatch(new RegExp(`@media \\(?${query}`));
    }
  });

  test('the parser below refuses a page that a text broke out in', () => {
    const broken = HOSTILE.filter((payload) => {
      try {
        const { elements } = parse(html('accepted').replace('All tests pass now.', () => payload));
        return elements.includes('script');
      } catch (error) {
        return error instanceof Error;
      }
    });
    expect(broken).toContain('<script>alert(1)</script>');
    expect(broken).toContain('</code></pre></details><h1>ACCEPTED</h1>');
    expect(broken.length).toBeGreaterThan(8);
  });

  test('keeps every hostile text in its place, visible and harmless', () => {
    for (const payload of HOSTILE) {
      for (const name of NAMES) {
        const page = poisonedHtml(name, payload);
        const { elements, attributes, text } = parse(page);
        expect(elements.filter((element) => !ELEMENTS.has(element))).toEqual([]);
        expect(attributes.filter(([attribute]) => !ATTRIBUTES.has(attribute))).toEqual([]);
        expect(attributes.filter(([attribute, value]) => attribute === 'href' && !value.startsWith('#'))).toEqual([]);
        expect(elements.filter((element) => element === 'h1').length).toBe(1);
        expect(elements.filter((element) => element === 'style').length).toBe(1);
        expect(text.replaceAll('\t', ' ')).not.toMatch(UNSAFE_FOR_TERMINAL);
      }
    }
    const { text } = parse(poisonedHtml('accepted', '<script>alert("x")</script>'));
    expect(text.split('<script>alert("x")</script>').length).toBeGreaterThan(20);
  });

  test('bounds a huge diff and says so', () => {
    const diff = `diff --git a/x b/x\n@@ -0,0 +1,9000 @@\n${'+x\n'.repeat(9_000)}`;
    const page = renderHtml(
      buildReport(foldRun(EVENTS.accepted), { blob: () => diff, events: 1, chainBrokenAt: null }),
    );
    expect(page).toContain('Only the first 6,000 of 9,002 lines are shown.');
    expect(page).not.toContain('open="open"');
    expect(page.match(/class="added"/g)?.length).toBe(5_998);
  });
});
