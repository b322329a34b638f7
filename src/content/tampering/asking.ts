/** Code that asks whether it is being tested, who called it, or what day it is, to answer otherwise then. */
import type { ContentSighting } from '../../core/content-detectors.ts';
import { shown } from './compare-cases.ts';
import type { ReadChange, ReadFile } from './reading.ts';
import { sightingIn } from './reading.ts';
import { COMMENTS, within } from './syntax.ts';

interface Question {
  readonly words: string;
  readonly asks: readonly RegExp[];
}

/** `test` between signs, as in the name of a file; not the method of a regular expression. */
const NAMED = String.raw`[\][\\"'/._-](?:tests?|specs?)[\][\\"'/._-]`;

const QUESTIONS: readonly Question[] = [
  {
    words: 'asks whether it is being tested',
    asks: [
      /\bJEST_WORKER_ID\b|\bNODE_TEST_CONTEXT\b|\bVITEST(?:_\w+)?\b|\bPYTEST_CURRENT_TEST\b|\bMOCHA_\w+|\bPHPUNIT_\w+/,
      /["'](?:pytest|unittest)["'] in sys\.modules/,
      /\b(?:NODE_ENV|RAILS_ENV|RACK_ENV|APP_ENV|GO_ENV)\b.{0,12}[=!]==?.{0,4}["']test(?:ing)?["']/,
      /["']test(?:ing)?["'].{0,3}[=!]==?.{0,20}\b(?:NODE_ENV|RAILS_ENV|RACK_ENV|APP_ENV)\b/,
      /\bRails\.env\.test\?|\btesting\.Testing\(\)|flag\.Lookup\("test\.v"\)|\bcfg!\(test\)/,
      /\bPHPUnit\b.{0,20}\bclass_exists|class_exists\(.{0,40}PHPUnit|typeof (?:jest|vi|describe|it|expect)\b/,
      /\bsys\.argv\b.{0,40}(?:pytest|test)|\bprocess\.argv\b.{0,60}(?:jest|vitest|mocha|\btests?\b)|os\.Args\[0\].{0,40}\.test\b/,
      /getenv\(["']CI["']\)|process\.env\.CI\b|\bENV\[["']CI["']\]/,
    ],
  },
  {
    words: 'asks whether a test called it',
    asks: [
      new RegExp(String.raw`${NAMED}.{0,80}\.stack\b|\.stack\b.{0,80}${NAMED}`),
      /(?:inspect\.stack|traceback\.extract_stack|sys\._getframe|\bcaller)\b.{0,80}\btests?\b/,
    ],
  },
  {
    words: 'answers otherwise from a day on',
    asks: [
      /\bDate\.now\(\)\s*[<>]=?\s*\d[\d_]{9,}|\d[\d_]{9,}\s*[<>]=?\s*Date\.now\(\)/,
      /\bnew Date\(\)\s*[<>]=?\s*new Date\(\s*["'\d]|\bnew Date\(["'][^"']+["']\)\s*[<>]=?\s*(?:new Date\(\)|Date\.now\(\))/,
      /\btime\.time\(\)\s*[<>]=?\s*\d[\d_]{8,}|\b(?:datetime\.(?:utc)?now|date\.today)\(\)\s*[<>]=?\s*(?:datetime|date)(?:\.datetime|\.date)?\(\s*\d{4}/,
    ],
  },
];

/** A place where a program may well ask: what runs it, builds it or logs for it. */
const MAY_ASK =
  /(?:^|\/)(?:config|settings|environments?|build|webpack|rollup|vite|babel|tasks?|test-?utils?|testing)(?:[./]|$)|\.config\./i;

interface Asked {
  readonly words: string;
  readonly match: string;
}

function askedIn(text: string): readonly Asked[] {
  return QUESTIONS.flatMap(({ words, asks }) => {
    const match = asks.map((shape) => shape.exec(text)?.[0]).find((found) => found !== undefined);
    return match === undefined ? [] : [{ words, match }];
  });
}

function askingLines({ path, after, content, isTest, isAside }: ReadFile): readonly ContentSighting[] {
  if (isTest || isAside || MAY_ASK.test(path) || after?.source == null) return [];
  const comments = new Set<number>();
  for (const node of within(after.source.root)) if (COMMENTS.has(node.type)) comments.add(node.line);
  const known = new Set(content.removed.flatMap(({ text }) => askedIn(text).map(({ match }) => match)));
  return content.added
    .filter(({ line }) => !comments.has(line))
    .flatMap(({ line, text }) =>
      askedIn(text)
        .filter(({ match }) => !known.has(match))
        .map(({ words }) =>
          sightingIn('special-cased', path, { side: 'added', line }, `${words}: ${shown(text.trim())}`),
        ),
    );
}

export function askings({ files }: ReadChange): readonly ContentSighting[] {
  return files.flatMap(askingLines);
}
