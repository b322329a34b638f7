/**
 * What a tool made and nobody wrote, seen by what it holds: programs, archives, databases, minified code, blocks of base64, and
 * a file that says a tool wrote it although nothing it could be made from changed.
 */
import type { ContentSighting } from '../../core/content-detectors.ts';
import { nameOf } from '../../core/detectors/paths.ts';
import type { ChangedContent, ContentReader, WholeTree } from '../../ports/content.ts';
import { HEAD_CHARACTERS, isTestOrExample, saysGenerated, textOf } from '../file-kind.ts';
import { binaryKind } from './magic.ts';

/** Documents are archives to a tool and content to a person; the rest is media. */
const CONTENT =
  /\.(?:docx|xlsx|pptx|od[tsp]|epub|key|pages|numbers|png|jpe?g|gif|webp|avif|ico|bmp|pdf|mp[34]|webm|mov|wav|ogg|woff2?|ttf|otf|eot|svg|psd|glb|gltf)$/i;

/** Text that is long by its nature: data, recordings, checksums. */
const DATA =
  /\.(?:json|jsonl|ndjson|csv|tsv|ya?ml|lock|sum|snap|ipynb|pem|crt|cer|key|pub|asc|svg|sql|po|txt|md|mdx|xml|html?|map|geojson|ics|eml|har)$/i;

const MINIFIED_LANGUAGES = /\.(?:[cm]?js|css)$/i;
/** Longest line of source that people write is a few hundred characters; minifiers write tens of thousands. */
const MINIFIED_LINE = 5_000;

/** Of base64, characters in one block: more than an icon, less than a font. */
const BLOCK_CHARACTERS = 2_048;
const BASE64_RUN = /[A-Za-z0-9+/]{2048}/;
const BASE64_LINE = /^[\s"'+`]*[A-Za-z0-9+/]{60,}={0,2}[\s"'+`,;\\]*$/;

function sighting(path: string, message: string, line: number | null = null): ContentSighting {
  return { detector: 'generated-files', path, side: 'added', line, message };
}

function madeByATool({ path, kind, before, after }: ChangedContent): readonly ContentSighting[] {
  if (kind !== 'added' || before !== null || after === null || CONTENT.test(path)) return [];
  if (after.content === null) {
    return DATA.test(path) ? [] : [sighting(path, `is large for what a person writes: ${after.bytes} bytes`)];
  }
  const binary = binaryKind(after.content);
  if (binary !== null) return isTestOrExample(path) ? [] : [sighting(path, `is ${binary}`)];
  if (!MINIFIED_LANGUAGES.test(path)) return [];
  const longest = textOf(after.content)
    .split('\n')
    .find((line) => line.length > MINIFIED_LINE && !BASE64_RUN.test(line));
  return longest === undefined ? [] : [sighting(path, `is minified: a line has ${longest.length} characters`)];
}

/** Where a block begins, of one line or of many in a row. */
function base64Line({ added }: ChangedContent): number | null {
  let begun: number | null = null;
  let last = 0;
  let characters = 0;
  for (const { line, text } of added) {
    if (BASE64_RUN.test(text)) return line;
    const goesOn = BASE64_LINE.test(text);
    if (!goesOn || line !== last + 1) {
      begun = null;
      characters = 0;
    }
    if (goesOn) {
      begun ??= line;
      characters += text.length;
      if (characters > BLOCK_CHARACTERS) return begun;
    }
    last = line;
  }
  return null;
}

function embedded(file: ChangedContent): readonly ContentSighting[] {
  if (CONTENT.test(file.path) || DATA.test(file.path) || isTestOrExample(file.path)) return [];
  const line = base64Line(file);
  return line === null
    ? []
    : [sighting(file.path, `holds a block of base64 of more than ${BLOCK_CHARACTERS} characters`, line)];
}

/** Names of files in the head of a generated one: mostly what it was made from. */
function namedSources(text: string): readonly string[] {
  const words = text.slice(0, HEAD_CHARACTERS).match(/[\w@.-]+(?:\/[\w@.-]+)*\.[a-z]{1,8}\b/gi) ?? [];
  return words.map(nameOf);
}

/** A generated file that changed is right where its source, its tool or its settings changed as well. */
async function editedByHand(files: readonly ChangedContent[], base: WholeTree): Promise<readonly ContentSighting[]> {
  const generated = files.filter(
    ({ kind, before, after }) =>
      kind === 'modified' && saysGenerated(textOf(before?.content)) && saysGenerated(textOf(after?.content)),
  );
  if (generated.length === 0) return [];
  const paths = new Set(generated.map(({ path }) => path));
  const others = files.filter(({ path }) => !paths.has(path)).map(({ path }) => nameOf(path));
  const known = new Set((await base.paths()).map(nameOf));
  return generated.flatMap(({ path, after }) => {
    const sources = namedSources(textOf(after?.content)).filter((name) => known.has(name) && name !== nameOf(path));
    const changed = sources.length === 0 ? others.length > 0 : sources.some((name) => others.includes(name));
    return changed ? [] : [sighting(path, handWords(sources))];
  });
}

function handWords(sources: readonly string[]): string {
  const made = sources.length === 0 ? 'nothing else' : `not ${sources.slice(0, 3).join(', ')}, which it names`;
  return `says that a tool wrote it, and ${made} changed with it`;
}

export const readGenerated: ContentReader = async ({ files, base }) => [
  ...files.flatMap(madeByATool),
  ...files.flatMap(embedded),
  ...(await editedByHand(files, base)),
];
