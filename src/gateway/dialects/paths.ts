/** Paths are matched as they are written: one that spells a letter in percent signs, or has dots to climb, matches nothing. */

export function bareOf(path: string): string {
  const mark = path.search(/[?#]/);
  return mark < 0 ? path : path.slice(0, mark);
}

const MODEL = /^[\w.:@/-]+$/;

/** The name of a model in a path, decoded; null where it is none. */
export function modelInPath(segment: string | undefined): string | null {
  if (segment === undefined || /%(?![\dA-Fa-f]{2})/.test(segment)) return null;
  const name = segment.replace(/%([\dA-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return MODEL.test(name) && !name.split('/').some((part) => part === '' || /^\.+$/.test(part)) ? name : null;
}
