/** What an agent may claim that something measured speaks for or against. A rule never proves more than it saw. Pure. */
import type { CheckResult } from '../check.ts';
import { nameOf } from '../detectors/paths.ts';
import { checksOf, namesTests, turnedGreen } from './claim-evidence.ts';
import type { CheckFamily, ClaimEvidence } from './claim-evidence.ts';
import { fileKind } from './file-kind.ts';

/** `unproven`: nothing was measured that says so, or not exactly that. */
export type ClaimProof = 'proven' | 'contradicted' | 'unproven';

export interface WeighedWords {
  readonly proof: ClaimProof;
  /** What was seen, or that nothing was; may name tests and files. */
  readonly seen: string;
}

export interface ClaimRule {
  /** What the claim is about, as a person says it. */
  readonly about: string;
  readonly says: (sentence: string) => boolean;
  readonly weigh: (sentence: string, evidence: ClaimEvidence) => WeighedWords;
}

const GOOD =
  /\b(?:pass(?:es|ed|ing)?|green|succe\w+|clean(?:ly)?|ok(?:ay)?|fine|works?|working|happy)\b|\b(?:no|zero|0|without(?:\sany)?) (?:\w+ )?(?:errors?|warnings?|issues?|failures?|problems?|failed|failing)\b|[✅✓✔]/i;

function unproven(seen: string): WeighedWords {
  return { proof: 'unproven', seen };
}

export function resultWords(results: readonly CheckResult[]): string {
  return results.map(({ checkId, summary }) => `${checkId}: ${summary}`).join('; ');
}

function family(about: CheckFamily, mentions: RegExp): ClaimRule {
  return {
    about,
    says: (sentence) => mentions.test(sentence) && GOOD.test(sentence),
    weigh: (_, evidence) => {
      const results = checksOf(about, evidence);
      if (results.length === 0) return unproven(`no check of this run is about ${about}`);
      const bad = results.filter(({ conclusion, counted }) => conclusion !== 'success' || counted === 0);
      return bad.length > 0
        ? { proof: 'contradicted', seen: resultWords(bad) }
        : { proof: 'proven', seen: resultWords(results) };
    },
  };
}

function numberIn(sentence: string, shape: RegExp): number | null {
  const found = shape.exec(sentence)?.[1];
  return found === undefined ? null : Number(found.replaceAll(',', ''));
}

const SUITE = family('tests', /\b(?:tests?|test suite|suites?|specs?|testing)\b/i);

/** `12 tests`, `12/12 tests`, `12 unit tests`, `Tests: 12 passed`. */
const TEST_COUNT =
  /\b(\d[\d,]*)(?:\s*\/\s*\d+)?\s+(?:(?!files?\b)[\w-]+\s+){0,2}tests?\b|\btests?\b:?\s+(?=\d)(?:\d+\/)?(\d[\d,]*)/i;

const ALL_TESTS: ClaimRule = {
  ...SUITE,
  says: (sentence) => SUITE.says(sentence) && !NEW_TESTS.says(sentence.replace(/\b(?:and|,)\b.*\bpass.*/i, '')),
  weigh: (sentence, evidence) => {
    const weighed = SUITE.weigh(sentence, evidence);
    const match = TEST_COUNT.exec(sentence);
    const claimed = match === null ? null : Number((match[1] ?? match[2] ?? '').replaceAll(',', ''));
    if (weighed.proof !== 'proven' || claimed === null) return weighed;
    const counted = checksOf('tests', evidence).filter(namesTests);
    if (counted.length === 0) return unproven(`an exit code names no number of tests (${weighed.seen})`);
    const sums = [...counted.map((one) => one.counted), counted.reduce((sum, one) => sum + one.counted, 0)];
    return sums.includes(claimed)
      ? weighed
      : { proof: 'contradicted', seen: `counted ${sums.at(-1) ?? 0} (${weighed.seen})` };
  },
};

const NEW_TESTS: ClaimRule = {
  about: 'new tests',
  says: (sentence) =>
    /\b(?:add(?:ed|s|ing)?|wr(?:ote|ites?|itten)|creat(?:ed|es)|includ(?:ed|es)|with|new)\s+(?:\w+\s+){0,4}?tests?\b(?! (?:files? )?pass)/i.test(
      sentence,
    ),
  weigh: (sentence, { change, newTests }) => {
    const files =
      change?.files.filter(({ path, addedLines }) => fileKind(path) === 'test' && (addedLines ?? 0) > 0) ?? [];
    if (change === null) return unproven('no change was judged');
    if (files.length === 0) return { proof: 'contradicted', seen: 'no test file gained a line' };
    const claimed = numberIn(sentence, /\b(\d+)\s+(?:\w+\s+){0,3}tests?\b/i);
    const seen = `lines added in ${files
      .map(({ path }) => path)
      .slice(0, 3)
      .join(', ')}`;
    if (claimed === null) return { proof: 'proven', seen };
    if (newTests === null) return unproven(`nobody counted new tests (${seen})`);
    return {
      proof: newTests === claimed ? 'proven' : 'contradicted',
      seen: `${newTests} new tests pass on the change`,
    };
  },
};

const REGRESSIONS: ClaimRule = {
  about: 'regressions',
  says: (sentence) =>
    /\bno regressions?\b|\b(?:without|not) (?:break|regress)\w* (?:any )?(?:existing )?tests?\b/i.test(sentence),
  weigh: (_, evidence) => {
    const results = checksOf('tests', evidence).filter(namesTests);
    if (results.length === 0)
      return unproven('no check of this run names tests, so none could be compared with the base');
    const worse = results.flatMap(({ newlyFailing, missing, newlySkipped }) => [
      ...newlyFailing,
      ...missing,
      ...newlySkipped,
    ]);
    if (worse.length > 0)
      return { proof: 'contradicted', seen: `worse than on the base: ${worse.slice(0, 3).join(', ')}` };
    const red = results.filter(({ conclusion }) => conclusion !== 'success');
    if (red.length > 0) return unproven(resultWords(red));
    return { proof: 'proven', seen: `no test is missing, skipped or newly red (${resultWords(results)})` };
  },
};

const COVERAGE: ClaimRule = {
  about: 'coverage',
  says: (sentence) =>
    /\bcover(?:age|ed|s)\b/i.test(sentence) &&
    /\d\s*%|\b(?:increas|improv|higher|better|same|maintain|full|complete|unchanged|rose|up)\w*/i.test(sentence),
  weigh: (sentence, { checks, baseline }) => {
    const now = checks.find(
      ({ report, measured }) => (report === 'lcov' || report === 'cobertura') && measured !== undefined,
    );
    if (now?.measured === undefined) return unproven('no check of this run measures coverage');
    const { value } = now.measured;
    const seen = `${now.checkId}: ${Math.round(value * 100) / 100} %`;
    const claimed = numberIn(sentence, /(\d+(?:\.\d+)?)\s*%/);
    if (claimed !== null) return { proof: Math.abs(claimed - value) < 0.5 ? 'proven' : 'contradicted', seen };
    const before = baseline.find(({ checkId }) => checkId === now.checkId)?.measured?.value;
    if (before === undefined || /\b(?:full|complete)/i.test(sentence))
      return value === 100 ? { proof: 'proven', seen } : unproven(seen);
    const holds = /\b(?:same|maintain|unchanged)/i.test(sentence) ? value >= before : value > before;
    return {
      proof: holds ? 'proven' : 'contradicted',
      seen: `${seen}, ${Math.round(before * 100) / 100} % on the base`,
    };
  },
};

/** Words that name no thing that could be looked for. */
const GENERAL =
  /^(?:fix\w*|resolv\w*|solv\w*|repair\w*|correct\w*|now|the|this|that|these|and|has|have|been|was|were|is|are|it|all|bug|bugs|issue|issues|problem|problems|error|errors|failure|failures|failing|failed|broken|red|test|tests|suite|check|checks|code|with|from|for|by|root|cause|causing|successfully|completely|in|of|to|a|an|i|so|as|well|task|works?|correctly|properly|expected|again)$/i;

function stem(word: string): string {
  return word.toLowerCase().replace(/(?:ing|ed|es|s)$/, '');
}

const FIXED: ClaimRule = {
  about: 'what was fixed',
  says: (sentence) =>
    /\b(?:fix(?:e[sd])?|resolve[sd]?|solve[sd]|repair(?:s|ed)|works (?:now|correctly|again|as expected)|now works)\b/i.test(
      sentence,
    ),
  weigh: (sentence, evidence) => {
    const red = evidence.checks.filter(({ conclusion }) => conclusion !== 'success');
    if (red.length > 0) return { proof: 'contradicted', seen: resultWords(red) };
    const turned = turnedGreen(evidence);
    if (turned.length === 0) return unproven('no test that was red on the base turned green');
    const seen = `turned green: ${turned.slice(0, 3).join(', ')}`;
    const named = sentence.split(/[^\p{L}\p{N}_]+/u).filter((word) => word.length > 2 && !GENERAL.test(word));
    const known = new Set(
      turned
        .join(' ')
        .split(/[^\p{L}\p{N}_]+/u)
        .map(stem),
    );
    if (named.every((word) => known.has(stem(word)))) return { proof: 'proven', seen };
    return unproven(`what turned green does not name all of it (${seen})`);
  },
};

const NUMBERS: Readonly<Record<string, number>> = { one: 1, single: 1, two: 2, three: 3, four: 4, five: 5 };

const FILE_COUNT =
  /\b(?:chang|modif|touch|edit|updat)\w*\s+(?:only\s+|just\s+|a\s+|exactly\s+)*(\d+|one|single|two|three|four|five)\s+(?:\w+\s+)?files?\b|\b(\d+|one|two|three|four|five)\s+(?:\w+\s+)?files?\s+(?:were\s+|was\s+|are\s+)?(?:chang|modif|touch|edit|updat)/i;

const FILES: ClaimRule = {
  about: 'the number of files',
  says: (sentence) => FILE_COUNT.test(sentence),
  weigh: (sentence, { change }) => {
    if (change === null) return unproven('no change was judged');
    const match = FILE_COUNT.exec(sentence);
    const said = (match?.[1] ?? match?.[2] ?? '').toLowerCase();
    const seen = `${change.fileCount} changed`;
    return { proof: (NUMBERS[said] ?? Number(said)) === change.fileCount ? 'proven' : 'contradicted', seen };
  },
};

const DOCUMENTATION: ClaimRule = {
  about: 'documentation',
  says: (sentence) =>
    /\b(?:updat|add|wrote|writ|extend|document)\w*\b.*\b(?:docs?|documentation|readme|changelog)\b/i.test(sentence),
  weigh: (_, { change }) => {
    if (change === null) return unproven('no change was judged');
    const files = change.files.filter(({ path }) => fileKind(path) === 'documentation').map(({ path }) => path);
    if (files.length > 0) return { proof: 'proven', seen: `changed: ${files.slice(0, 3).join(', ')}` };
    return change.fileCount > change.files.length
      ? unproven('not every changed file is listed')
      : { proof: 'contradicted', seen: 'no documentation was changed' };
  },
};

const MANIFEST =
  /^(?:package\.json|deno\.jsonc?|pyproject\.toml|setup\.(?:py|cfg)|Pipfile|(?:requirements|constraints)[\w.-]*\.(?:txt|in)|go\.(?:mod|work)|Cargo\.toml|Gemfile|.+\.gemspec|composer\.json|pom\.xml|.+\.gradle(?:\.kts)?|.+\.csproj|mix\.exs|pubspec\.yaml|Package\.swift)$/;

const DEPENDENCIES: ClaimRule = {
  about: 'dependencies',
  says: (sentence) =>
    /\b(?:no|without)\s+(?:any\s+)?(?:new\s+|additional\s+|added\s+|adding\s+)*(?:dependenc|packages?\b)/i.test(
      sentence,
    ),
  weigh: (_, { change }) => {
    if (change === null || change.fileCount > change.files.length) return unproven('not every changed file is listed');
    const files = change.files.filter(({ path }) => fileKind(path) === 'lockfile' || MANIFEST.test(nameOf(path)));
    if (files.length === 0) return { proof: 'proven', seen: 'no manifest or lockfile was changed' };
    return unproven(
      `changed: ${files
        .map(({ path }) => path)
        .slice(0, 3)
        .join(', ')}`,
    );
  },
};

/** What no check of a run can see. */
function never(about: string, says: RegExp): ClaimRule {
  return { about, says: (sentence) => says.test(sentence), weigh: () => unproven(`nothing here measures ${about}`) };
}

export const CLAIM_RULES: readonly ClaimRule[] = [
  ALL_TESTS,
  NEW_TESTS,
  REGRESSIONS,
  family('lint', /\b(?:lint\w*|eslint|oxlint|ruff|clippy|rubocop|prettier|format(?:ter|ting))\b/i),
  family(
    'build',
    /\b(?:the build|builds? (?=pass|succe|is|are|work|green|clean|fine|ok|without)|compil(?:es|ed|ation))/i,
  ),
  family('types', /\b(?:type[- ]?check\w*|tsc|mypy|pyright|typescript|types)\b/i),
  COVERAGE,
  FIXED,
  FILES,
  DOCUMENTATION,
  DEPENDENCIES,
  never(
    'performance',
    /\b(?:faster|speed-?up|speeds? up|sped up|performan(?:ce|t)|latency|throughput|\d+(?:\.\d+)?x|memory usage|optimi[sz]ed|efficient)\b/i,
  ),
  never(
    'what others rely on',
    /\b(?:no|non-?|without|any)[ -]?(?:breaking|behaviou?r\w*|functional|api)(?: changes?)?\b|\bbackwards?[- ]compatib\w*|\b(?:does|do|will|should)(?:n't| not) (?:break|affect)\b|\bwithout breaking\b|\bnothing (?:else )?(?:breaks|is broken|changes)\b/i,
  ),
  never('security', /\b(?:secure[ds]?|vulnerabilit\w+|safe(?:ly)? (?:to|for|against)|no security)\b/i),
  never('continuous integration', /\b(?:CI|pipelines?|workflows?)\b.*\b(?:pass|green|succe|fine|ok)/),
  never(
    'readiness',
    /\b(?:production[- ]ready|ready (?:to|for) (?:merge|review|production|ship|deploy)\w*|everything (?:works|passes|is (?:fine|green|working))|fully (?:tested|working|functional)|works perfectly|100 ?% (?:complete|done|working))\b/i,
  ),
];

/** Only where a sentence claims nothing else: what the agent itself did to find out is nothing anybody saw. */
export const OWN_WORD: ClaimRule = never(
  'what the agent did to find out',
  /\b(?:verified|confirmed|double-?checked|tested (?:\w+ )?(?:manually|locally|by hand)|manual(?:ly)? test\w*|I (?:ran|tested|checked)|ran (?:the|all|every))\b/i,
);
