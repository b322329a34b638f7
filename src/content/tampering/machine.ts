/**
 * Whether a condition of a skip asks what machine it is and nothing else, and whether it holds where loopwright runs checks,
 * which is on Linux only: a skip on another machine takes nothing away, one that holds here takes the whole test away.
 */

const PLATFORM = /^(?:sys\.platform|process\.platform|os\.platform\(\)|os\.type\(\)|os\.name|platform\.system\(\))/;

/** As the runtimes call it: sys.platform, process.platform, os.type, os.name. */
const HERE: ReadonlySet<string> = new Set(['linux', 'linux2', 'Linux', 'posix']);

/** What the check that ran here says by itself, by counting the test as skipped. */
const OTHER_FACTS =
  /^(?:sys\.(?:version_info|implementation\.name|maxsize)|platform\.\w+\(\)|process\.(?:arch|version|versions\.\w+)|os\.arch\(\))/;

const TEXT = String.raw`["'][^"']*["']`;
const LITERAL = String.raw`(?:${TEXT}|\d[\d._*]*|\(\d+(?:, ?\d+)*\)|[[({]${TEXT}(?:, ?${TEXT})*[\])}])`;
const COMPARED = new RegExp(String.raw`^(?:\[[:\d]+\]|\.\w+)* ?(===?|!==?|[<>]=?|in|not in) ?(${LITERAL})$`);
const STARTS = new RegExp(String.raw`^\.starts_?with\((${LITERAL})\)$`, 'i');

type Truth = 'here' | 'elsewhere' | 'unknown';

function namesIn(literal: string): readonly string[] {
  return [...literal.matchAll(/["']([^"']*)["']/g)].map(([, name]) => name ?? '');
}

interface Comparison {
  /** `starts` for `startsWith`. */
  readonly operator: string;
  readonly names: readonly string[];
}

function comparisonIn(rest: string): Comparison | null {
  const starts = STARTS.exec(rest)?.[1];
  if (starts !== undefined) return { operator: 'starts', names: namesIn(starts) };
  const [, operator, literal = ''] = COMPARED.exec(rest) ?? [];
  return operator === undefined ? null : { operator, names: namesIn(literal) };
}

function isSaid(operator: string, isOne: boolean): Truth {
  return isOne === /^(?:===?|in)$/.test(operator) ? 'here' : 'elsewhere';
}

function platformTruth({ operator, names }: Comparison): Truth | null {
  if (names.length === 0 || /^[<>]/.test(operator)) return null;
  if (operator === 'starts') return names.some((name) => 'linux'.startsWith(name)) ? 'here' : 'elsewhere';
  return isSaid(
    operator,
    names.some((name) => HERE.has(name)),
  );
}

/** Of the name of anything else most machines have another one: `process.arch !== 'x'` holds everywhere. */
function otherTruth({ operator, names }: Comparison): Truth {
  return names.length === 0 || /^(?:[<>]|starts)/.test(operator) ? 'unknown' : isSaid(operator, false);
}

/** Of one comparison with what is written down; null for anything else. */
function truthOf(part: string): Truth | null {
  const platform = PLATFORM.exec(part)?.[0];
  const fact = platform ?? OTHER_FACTS.exec(part)?.[0];
  const comparison = fact === undefined ? null : comparisonIn(part.slice(fact.length));
  if (comparison === null) return null;
  return platform === undefined ? otherTruth(comparison) : platformTruth(comparison);
}

const OPPOSITE: Readonly<Record<Truth, Truth>> = { here: 'elsewhere', elsewhere: 'here', unknown: 'unknown' };

function turned(part: string): Truth | null {
  const bare = /^(?:not |!)\(?([^()]*(?:\([^()]*\))?[^()]*?)\)?$/.exec(part)?.[1];
  const truth = truthOf(bare ?? part);
  return truth === null || bare === undefined ? truth : OPPOSITE[truth];
}

/**
 * `condition`: on one line, as code says it. `runs`: the test runs where it holds, as with `runIf`. True where nothing but the
 * machine is asked for, and the answer is not known to skip the test here.
 */
export function skipsElsewhere(condition: string, runs = false): boolean {
  const isQuoted = /^(["'])(.*)\1$/.exec(condition)?.[2];
  const parts = (isQuoted ?? condition).split(/ ?(?:\|\||&&) ?| (?:or|and) /).map(turned);
  const skip = runs ? 'elsewhere' : 'here';
  return parts.every((truth) => truth !== null && truth !== skip);
}
