/** The checks of a run: from the command line, or from the file as the class picks them. */
import type { CheckSpec } from '../core/check.ts';
import { LoopwrightError } from '../core/errors.ts';
import type { ClassChain } from './class-chain.ts';
import { DEFAULT_CHECK_TIMEOUT_MS } from './classes.ts';
import type { CheckSection, PolicyFile } from './content.ts';
import { fileOrigin, type Notes } from './origins.ts';
import { reportOfCommand } from './report-format.ts';

/** A name a person recognises in a report: `npm test` is `npm-test`. */
function idOfCommand(run: string, taken: ReadonlySet<string>, position: number): string {
  const words = run
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 32)
    .replace(/-+$/, '');
  const base = words === '' ? `check-${position}` : words;
  let id = base;
  for (let number = 2; taken.has(id); number += 1) id = `${base}-${number}`;
  return id;
}

function flagChecks(notes: Notes, commands: readonly string[]): CheckSpec[] {
  const taken = new Set<string>();
  return commands.map((run, index) => {
    if (run.trim() === '') {
      throw new LoopwrightError('LW_USAGE', {
        message: `--check number ${index + 1} is empty`,
        next: "Give it a command line: --check 'npm test'.",
      });
    }
    const id = idOfCommand(run, taken, index + 1);
    taken.add(id);
    for (const key of ['run', 'report', 'reportFile']) notes.origins[`checks.${id}.${key}`] = '--check';
    notes.origins[`checks.${id}.timeoutMs`] = 'default';
    return { id, run, ...reportOfCommand(run), timeoutMs: DEFAULT_CHECK_TIMEOUT_MS };
  });
}

/** Absent where they are not given, so that policies of before keep their hash. */
function optionalParts(section: CheckSection): Pick<CheckSpec, 'network' | 'repeat' | 'ratchet' | 'hidden'> {
  const { network, repeat, ratchet, hidden } = section;
  return {
    ...(network === true ? { network } : {}),
    ...(repeat === undefined ? {} : { repeat }),
    ...(ratchet === undefined ? {} : { ratchet }),
    ...(hidden === undefined ? {} : { hidden }),
  };
}

function fileCheck(notes: Notes, file: PolicyFile, id: string, section: CheckSection): CheckSpec {
  const plan =
    section.report === undefined
      ? reportOfCommand(section.run)
      : { report: section.report, reportFile: section['report-file'] ?? null };
  const at = (key: string): string => {
    const path = `checks.${id}.${key}`;
    return fileOrigin(file, file.lines.has(path) ? path : `checks.${id}`);
  };
  notes.origins[`checks.${id}.run`] = at('run');
  notes.origins[`checks.${id}.report`] = at('report');
  notes.origins[`checks.${id}.reportFile`] = at('report-file');
  notes.origins[`checks.${id}.timeoutMs`] = section.timeout === undefined ? 'default' : at('timeout');
  const more = optionalParts(section);
  for (const key of Object.keys(more)) notes.origins[`checks.${id}.${key}`] = at(key);
  return { id, run: section.run, ...plan, timeoutMs: section.timeout ?? DEFAULT_CHECK_TIMEOUT_MS, ...more };
}

function noAcceptance(): LoopwrightError {
  return new LoopwrightError('LW_NO_ACCEPTANCE', {
    message: 'the task has no check, so nothing could ever be accepted',
    next: [
      'Do one of these:',
      "  - name a check for this run: loopwright run --check 'npm test' GOAL",
      '  - let loopwright propose a policy from what the repository already says: loopwright init',
      '  - write it into loopwright.yaml and commit it: `checks: { unit: npm test }`',
    ].join('\n'),
  });
}

function fileChecks(notes: Notes, file: PolicyFile, ids: readonly string[]): readonly CheckSpec[] {
  const sections = file.content.checks ?? {};
  return ids.flatMap((id) => {
    const section = Object.hasOwn(sections, id) ? sections[id] : undefined;
    return section === undefined ? [] : [fileCheck(notes, file, id, section)];
  });
}

/** Ids that risk zones and layers of the host ask for, whatever is picked. A zone that is off asks for nothing. */
function demandedChecks(file: PolicyFile | null, chain: ClassChain): readonly string[] {
  const byZone = new Map<string, readonly string[]>();
  for (const { risk } of [file?.content, ...chain.sections.map(({ section }) => section)].filter(
    (one) => one !== undefined,
  )) {
    for (const zone of risk ?? []) {
      if (zone.paths === 'off') byZone.delete(zone.name);
      else byZone.set(zone.name, [...(byZone.get(zone.name) ?? []), ...(zone.checks ?? [])]);
    }
  }
  // Those of layers of the host judge as well, whatever is picked.
  return [...new Set([...byZone.values(), file?.stack?.requiredChecks ?? []].flat())];
}

/** Throws `LW_NO_ACCEPTANCE` when there is none. Ids picked by a class are known to exist: `parsePolicy` looked. */
export function resolveChecks(
  notes: Notes,
  file: PolicyFile | null,
  chain: ClassChain,
  commands: readonly string[],
): readonly CheckSpec[] {
  const sections = file?.content.checks ?? {};
  const demanded = demandedChecks(file, chain);
  if (commands.length > 0) {
    const given = flagChecks(notes, commands);
    const more = file === null ? [] : demanded.flatMap((id) => fileChecks(notes, file, [id]));
    return [...given, ...more.filter((check) => given.every(({ id }) => id !== check.id))];
  }
  const picked = chain.sections.findLast(({ section }) => section.checks !== undefined)?.section.checks;
  const ids = new Set([...(picked ?? Object.keys(sections)), ...demanded]);
  const checks = file === null ? [] : fileChecks(notes, file, [...ids]);
  if (checks.length === 0) throw noAcceptance();
  return checks;
}
