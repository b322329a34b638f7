/** Every event of a run for people: when, what, and its gist in one line. The whole is in `log RUN --json`. */
import type { RecordedEvent } from '../../core/event.ts';
import { prose } from '../../report/escape.ts';
import { gist } from '../../report/gist.ts';
import { utc } from '../../report/words.ts';
import { fit, pad } from './columns.ts';
import type { Page } from './facts.ts';

const NAME_CELLS = 19;
/** A log is for looking closely, so it may use the whole width. */
const MIN_GIST_CELLS = 40;

/** The day stands alone on a line whenever it changes, so that the lines themselves stay short. */
export function renderLog(page: Page, events: readonly RecordedEvent[]): readonly string[] {
  const { dim, bold } = page.palette;
  const lines: string[] = [];
  const numberCells = String(events.at(-1)?.seq ?? 0).length;
  let day = '';
  for (const event of events) {
    const [date = '', time = ''] = utc(event.at).split(' ');
    if (date !== day) lines.push(bold(`${date} UTC`));
    day = date;
    const left = `${String(event.seq).padStart(numberCells)}  ${time.replace('Z', '')}  `;
    const name = pad(event.type, NAME_CELLS);
    const room = Math.max(MIN_GIST_CELLS, page.columns - left.length - NAME_CELLS - 1);
    lines.push(`${dim(left)}${name} ${fit(prose(gist(event)), room)}`.trimEnd());
  }
  return lines;
}
