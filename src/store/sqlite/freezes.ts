/** The table of freezes. Names and reasons are JSON strings: plain text would lose lone surrogates. */
import type { Freeze } from '../../core/freeze.ts';
import type { Freezes } from '../../ports/freezes.ts';
import { freezeId, freezeNumber } from '../freeze-id.ts';
import { numberOf, optionalTextOf, textOf } from './columns.ts';
import type { Row } from './columns.ts';
import type { Session } from './session.ts';

function freezeOf(row: Row): Freeze {
  return {
    id: freezeId(numberOf(row, 'id')),
    repository: optionalTextOf(row, 'repository'),
    paths: JSON.parse(textOf(row, 'paths')) as readonly string[],
    reason: String(JSON.parse(textOf(row, 'reason'))),
    by: String(JSON.parse(textOf(row, 'made_by'))),
    until: row['until'] === null ? null : numberOf(row, 'until'),
  };
}

export function createFreezes(session: Session): Freezes {
  const { database, now } = session;
  const insert = database.prepare(
    'INSERT INTO freeze (repository, paths, reason, made_by, made_at, until) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const end = database.prepare(
    'UPDATE freeze SET thawed_by = ?, thawed_at = ? WHERE id = ? AND thawed_at IS NULL AND (until IS NULL OR until > ?)',
  );
  const active = database.prepare(
    `SELECT id, repository, paths, reason, made_by, until FROM freeze
     WHERE thawed_at IS NULL AND (until IS NULL OR until > ?) ORDER BY id`,
  );
  return {
    async add(freeze) {
      const { repository, paths, reason, by, until } = freeze;
      const texts = [JSON.stringify(paths), JSON.stringify(reason), JSON.stringify(by)] as const;
      return session.write(() => {
        const { lastInsertRowid } = insert.run(repository, ...texts, now(), until);
        return { ...freeze, id: freezeId(Number(lastInsertRowid)) };
      });
    },
    async thaw(id, by) {
      const number = freezeNumber(id);
      if (number === null) return false;
      const at = now();
      return session.write(() => Number(end.run(JSON.stringify(by), at, number, at).changes) === 1);
    },
    async list() {
      return session.read(() => active.all(now())).map(freezeOf);
    },
  };
}
