/** From the name of a task class to the presets it is made of. */
import { LoopwrightError } from '../core/errors.ts';
import { BUILT_IN_CLASSES, DEFAULT_CLASS, type BuiltInClass } from './classes.ts';
import type { ClassSection, PolicyFile } from './content.ts';
import { nearest } from './nearest.ts';

export interface ClassChain {
  readonly name: string;
  /** Every class ends in a built-in one. */
  readonly builtIn: BuiltInClass;
  /** Sections of the file, the most general first. */
  readonly sections: readonly { readonly name: string; readonly section: ClassSection }[];
}

/** Names of all classes a run may use. */
export function classNames(file: PolicyFile | null): readonly string[] {
  return [...new Set([...BUILT_IN_CLASSES.keys(), ...Object.keys(file?.content.classes ?? {})])];
}

function unknownClass(name: string, file: PolicyFile | null): LoopwrightError {
  const known = classNames(file);
  const close = nearest(name, known);
  return new LoopwrightError('LW_CLASS_UNKNOWN', {
    message: `there is no task class "${name}"${close === null ? '' : `; did you mean \`${close}\`?`}`,
    next: `Known classes are ${known.join(', ')}. Name one with \`--class\`, or describe it under \`classes\` in loopwright.yaml.`,
    details: { class: name, known },
  });
}

/** Throws `LW_CLASS_UNKNOWN`. The file is expected to have passed `parsePolicy`, so no chain is circular. */
export function classChain(name: string, file: PolicyFile | null): ClassChain {
  const classes = file?.content.classes ?? {};
  const sections: { name: string; section: ClassSection }[] = [];
  let current = name;
  for (;;) {
    const section = Object.hasOwn(classes, current) ? classes[current] : undefined;
    const builtIn = BUILT_IN_CLASSES.get(current);
    if (section === undefined) {
      if (builtIn === undefined) throw unknownClass(name, file);
      return { name, builtIn, sections };
    }
    sections.unshift({ name: current, section });
    // A class of the name of a built-in one changes that one, unless it says that it starts from another.
    if (builtIn !== undefined && (section.extends ?? current) === current) return { name, builtIn, sections };
    current = section.extends ?? DEFAULT_CLASS;
  }
}
