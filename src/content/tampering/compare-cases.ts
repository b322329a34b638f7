/** What became of the assertions of a test that stayed. */
import type { Assertion } from './assertions.ts';
import type { TestCase } from './cases.ts';

export interface Loss {
  readonly kind: 'weaker' | 'other-value';
  readonly side: 'added' | 'removed';
  readonly line: number;
  /** After the name of the test: `has a weaker assertion: expect(a).toBe(1) -> expect(a).toBeTruthy()`. */
  readonly message: string;
}

const MOST_SHOWN = 120;

export function shown(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)} [...]` : text;
}

/** What any value fits: an exact comparison with it is none. */
const ANYTHING =
  /\bexpect\.any(?:thing)?\(|\bmock\.ANY\b|(?<![\w.])ANY\b|\bgomock\.Any\(\)|\bmock\.Anything\b|\bIt\.IsAny\b|\bany(?:String|Int|Long|Boolean|Object)?\(\)|\banything\b|\bbe_truthy\b/;

interface Tolerance {
  readonly pattern: RegExp;
  /** A larger number lets more pass. */
  readonly looseWhenLarger: boolean;
}

const NUMBER = String.raw`(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)`;

const TOLERANCES: readonly Tolerance[] = [
  {
    pattern: new RegExp(`(?:rel|abs|delta|atol|rtol|tolerance|epsilon|abs_tol|rel_tol) ?[=:] ?${NUMBER}`),
    looseWhenLarger: true,
  },
  {
    pattern: new RegExp(`(?:within|offset|be_within|withTolerance|BeApproximately)\\((?:[^()]*,)?${NUMBER}\\)`),
    looseWhenLarger: true,
  },
  { pattern: new RegExp(`(?:InDelta|InEpsilon)\\(.*,${NUMBER}\\)$`), looseWhenLarger: true },
  { pattern: new RegExp(`(?:closeTo|assertEqualsWithDelta)\\(.*,${NUMBER}\\)`), looseWhenLarger: true },
  { pattern: new RegExp(`(?:places|decimal) ?= ?${NUMBER}`), looseWhenLarger: false },
  { pattern: new RegExp(`toBeCloseTo\\(.*,${NUMBER}\\)`), looseWhenLarger: false },
];

function moreTolerant(before: string, after: string): boolean {
  return TOLERANCES.some(({ pattern, looseWhenLarger }) => {
    const [was, now] = [pattern.exec(before)?.[1], pattern.exec(after)?.[1]];
    if (was === undefined || now === undefined) return false;
    return looseWhenLarger ? Number(now) > Number(was) : Number(now) < Number(was);
  });
}

function change(before: Assertion, after: Assertion): string {
  return `${shown(before.text)} -> ${shown(after.text)}`;
}

/** The same assertion, standing elsewhere. `fresh`: what else came; in both branches of a condition it stands in none. */
function movedLoss(before: Assertion, after: Assertion, fresh: readonly Assertion[] = []): Loss | null {
  const place = { kind: 'weaker', side: 'added', line: after.line } as const;
  if (before.awaited && !after.awaited) return { ...place, message: `no longer waits for ${shown(after.text)}` };
  if (!before.guarded && after.guarded) return { ...place, message: `catches what ${shown(after.text)} throws` };
  const again = fresh.some(({ subject, matcher }) => subject === after.subject && matcher === after.matcher);
  if (!before.conditional && after.conditional && !again) {
    return { ...place, message: `asserts only on a condition: ${shown(after.text)}` };
  }
  return null;
}

/** That something does not throw is said by calling it; that it is there is not. */
function noLongerCalls(before: Assertion, after: Assertion): boolean {
  const calls = ({ matcher }: Assertion): boolean => /throw|raise/i.test(matcher);
  return before.strength === 1 && after.strength === 1 && calls(before) && !calls(after);
}

function pairLoss(before: Assertion, after: Assertion): Loss | null {
  const place = { side: 'added', line: after.line } as const;
  const weaker = (what: string): Loss => ({ ...place, kind: 'weaker', message: `${what}: ${change(before, after)}` });
  if (after.strength === 0 && before.strength > 0) return weaker('asserts a constant');
  if (after.strength < before.strength || noLongerCalls(before, after)) return weaker('asserts less');
  if (ANYTHING.test(after.expected) && !ANYTHING.test(before.expected)) return weaker('lets any value pass');
  if (moreTolerant(before.text, after.text)) return weaker('tolerates more');
  if (before.matcher === after.matcher && before.expected !== '' && after.expected === '')
    return weaker('asserts less');
  const moved = movedLoss(before, after);
  if (moved !== null) return moved;
  if (before.matcher !== after.matcher || before.expected === after.expected) return null;
  return { ...place, kind: 'other-value', message: `expects something else: ${change(before, after)}` };
}

/** Takes pairs out of both lists, in order, by what `key` says. */
function takePairs(
  before: Assertion[],
  after: Assertion[],
  key: (assertion: Assertion) => string,
): readonly (readonly [Assertion, Assertion])[] {
  const waiting = Map.groupBy(after, key);
  const pairs = before.flatMap((one): (readonly [Assertion, Assertion])[] => {
    const other = waiting.get(key(one))?.shift();
    return other === undefined ? [] : [[one, other]];
  });
  const taken = new Set(pairs.flat());
  before.splice(0, before.length, ...before.filter((one) => !taken.has(one)));
  after.splice(0, after.length, ...after.filter((one) => !taken.has(one)));
  return pairs;
}

function strongest(assertions: readonly Assertion[]): number {
  return Math.max(0, ...assertions.map(({ strength }) => strength));
}

function strongOnes({ assertions }: TestCase): number {
  return assertions.filter(({ strength }) => strength > 1).length;
}

/** Every text in quotes, the short ones too: else what stands between two of them would be taken for one. */
const QUOTED = /(["'`])((?:\\.|(?!\1)[^\\])*)\1/g;

/** A shorter one stands in many assertions. */
const TELLING_LENGTH = 6;

/** Of code on one line. */
export function quotedIn(text: string): readonly string[] {
  return [...text.matchAll(QUOTED)].map(([, , inside]) => inside ?? '');
}

/** The last of three arguments, or of more, is what a failure says. */
function expectedTexts({ expected }: Assertion): readonly string[] {
  return quotedIn(expected.replace(/,(["'`])(?:\\.|(?!\1)[^\\])*\1$/, ''));
}

/** Whether a text that an assertion expects is expected as often: in `throws(f, { message })` for one more `is(error.message)`. */
function saysItsTexts(gone: Assertion, before: TestCase, after: TestCase): boolean {
  const texts = expectedTexts(gone).filter(({ length }) => length >= TELLING_LENGTH);
  const said = ({ assertions }: TestCase, text: string): number =>
    assertions.filter(
      (one) =>
        one.strength > 1 &&
        !one.conditional &&
        !one.guarded &&
        !one.deferred &&
        expectedTexts(one).some((other) => other.includes(text)),
    ).length;
  return texts.length > 0 && texts.every((text) => said(after, text) >= Math.max(1, said(before, text)));
}

/** Without what asks for the same value as strictly of another subject: `status` for `statusCode`, with the same 200. */
function withoutRestated(
  was: readonly Assertion[],
  now: readonly Assertion[],
  before: TestCase,
  after: TestCase,
): readonly Assertion[] {
  const value = ({ strength, expected }: Assertion): string => `${strength}\n${expected}`;
  const waiting = Map.groupBy(now, value);
  return was.filter((one) => {
    if (one.expected === '' || one.strength === 0) return true;
    return waiting.get(value(one))?.shift() === undefined && !saysItsTexts(one, before, after);
  });
}

/** What nothing on the other side stands for. `now`: what nothing on the base stands for. */
function goneLoss(
  was: readonly Assertion[],
  now: readonly Assertion[],
  [before, after]: readonly [TestCase, TestCase],
  isElsewhere: (text: string) => boolean,
): Loss | null {
  const [gone] = was.toSorted((one, other) => other.strength - one.strength);
  if (gone === undefined) return null;
  const constant = now.find(({ strength }) => strength === 0);
  if (constant !== undefined && gone.strength > 0) return pairLoss(gone, constant);
  const place = { side: 'removed', line: gone.line } as const;
  if (was.every(({ text }) => isElsewhere(text))) {
    return { ...place, kind: 'other-value', message: `leaves to another test: ${shown(gone.text)}` };
  }
  if (after.assertions.length === 0) {
    return { ...place, kind: 'weaker', message: `asserts nothing any more; it had ${shown(gone.text)}` };
  }
  if (strongest(before.assertions) > 1 && strongest(after.assertions) <= 1) {
    return { ...place, kind: 'weaker', message: `asserts less: ${shown(gone.text)} is gone` };
  }
  if (after.assertions.length >= before.assertions.length) {
    // Another one came for it that says less.
    if (gone.strength <= 1 || strongOnes(after) >= strongOnes(before)) return null;
    return { ...place, kind: 'weaker', message: `asserts less: ${shown(gone.text)} is gone` };
  }
  const counts = `${before.assertions.length} -> ${after.assertions.length}`;
  // That something is there is often said again by what is left.
  const kind = gone.strength > 1 ? 'weaker' : 'other-value';
  return { ...place, kind, message: `has fewer assertions (${counts}), without ${shown(gone.text)}` };
}

/** What the rest of the change says of an assertion, given its text. */
export interface Around {
  /** What it looks at is gone from the code. */
  isExplained(text: string): boolean;
  /** Tests of the change say it as often as those of the base. */
  isElsewhere(text: string): boolean;
}

/** Of a test that is on both sides. */
export function lossesOf(before: TestCase, after: TestCase, around: Around): readonly Loss[] {
  const was = [...before.assertions];
  const now = [...after.assertions];
  const alike = takePairs(was, now, ({ text }) => text);
  const same = alike.map(([one, other]) => movedLoss(one, other, now));
  const about = takePairs(was, now, ({ subject }) => subject).map(([one, other]) => pairLoss(one, other));
  const left = withoutRestated(was, now, before, after).filter(({ text }) => !around.isExplained(text));
  const gone = goneLoss(left, now, [before, after], (text) => around.isElsewhere(text));
  return [...same, ...about, gone].filter((loss) => loss !== null);
}
