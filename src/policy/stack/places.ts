/** Finds and moves places of values. Pure. */
import type { PolicyFile } from '../content.ts';
import type { Place, Places, Said } from '../place.ts';
import { joinPath, type Path, type WrittenValue } from '../yaml-tree.ts';

/** `source`: the path a message shows. */
export function placesOf(file: PolicyFile, source: string): Places {
  const written = file.written?.() ?? new Map<string, WrittenValue>();
  const places = new Map<string, Said>();
  for (const [path, value] of written) {
    const place = { ...value, file: file.fileName, source, keyLine: file.lines.get(path) ?? value.line };
    places.set(path, { asked: [place], holds: [place] });
  }
  return places;
}

/** What was said of the key, or of the nearest thing around it that was written. */
export function saidAt(places: Places, path: Path): Said | null {
  for (let length = path.length; length >= 0; length -= 1) {
    const found = places.get(joinPath(path.slice(0, length)));
    if (found !== undefined) return found;
  }
  return null;
}

/** The key itself, or the nearest one around it that was written; the key where nothing was. */
export function writtenPath(places: Places, path: Path): Path {
  for (let length = path.length; length > 0; length -= 1) {
    const around = path.slice(0, length);
    if (places.has(joinPath(around))) return around;
  }
  return path;
}

export function placeAt(places: Places, path: Path): Place | null {
  return saidAt(places, path)?.holds.at(-1) ?? null;
}

/** Everything at and below a path, moved to another. */
export function movePlaces(from: Places, path: Path, to: Map<string, Said>, target: Path): void {
  const [prefix, moved] = [joinPath(path), joinPath(target)];
  for (const [key, said] of from) {
    if (key === prefix) to.set(moved, said);
    else if (key.startsWith(`${prefix}.`)) to.set(`${moved}${key.slice(prefix.length)}`, said);
  }
}

/** `organisation.yaml:4:13`; for what is no line of a file, its name alone. */
export function positionOf({ source, line, col }: Place): string {
  return line === 0 ? source : `${source}:${line}:${col}`;
}
