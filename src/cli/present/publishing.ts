/** What publishing says while it happens: one line each, where there is something to know. */
import type { PublishEvent } from '../../core/publish-event.ts';
import { prose } from '../../report/escape.ts';
import type { EventTable } from '../../report/event-table.ts';
import { PUBLISH_GISTS } from '../../report/publish-words.ts';
import { fact } from './facts.ts';
import type { Page } from './facts.ts';

interface Showing {
  readonly page: Page;
}

export const PUBLISH_LINES: Pick<EventTable<Showing, readonly string[]>, PublishEvent['type']> = {
  'target.checked': (event, { page }) => fact(page, 'target', prose(PUBLISH_GISTS['target.checked'](event, null))),
  'publish.held': (event, { page }) =>
    fact(page, 'not published', prose(PUBLISH_GISTS['publish.held'](event, null)), page.palette.yellow),
  'publish.requested': (event, { page }) =>
    fact(page, 'publish', prose(PUBLISH_GISTS['publish.requested'](event, null))),
  'publish.finished': (event, { page }) =>
    fact(page, 'published', prose(PUBLISH_GISTS['publish.finished'](event, null)), page.palette.green),
  'request.seen': (event, { page }) => fact(page, 'request', prose(PUBLISH_GISTS['request.seen'](event, null))),
  'merge.requested': () => [],
  'merge.finished': (event, { page }) =>
    fact(page, 'merged', prose(PUBLISH_GISTS['merge.finished'](event, null)), page.palette.green),
  'withdrawal.requested': () => [],
  'withdrawal.finished': (event, { page }) =>
    fact(page, 'withdrawn', prose(PUBLISH_GISTS['withdrawal.finished'](event, null)), page.palette.green),
};
